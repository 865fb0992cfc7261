"""Each kind of record is kept for its time; a case is forgotten on request; a count remains."""

from __future__ import annotations

from sqlalchemy import func, select

from scanservice.service import statistics
from scanservice.service.tables import metadata, tallies
from tests.service.world import GOOD, START, World, planted


def remains(world: World) -> str:
    """Every row of every table, and every blob, as text."""
    with world.services.db.read() as tx:
        rows = [str(row) for table in metadata.sorted_tables for row in tx.all(select(table))]
    blobs = [world.services.blobs.get(key).decode("latin-1") for key, _ in list(world.services.blobs.keys())]
    return "\n".join(rows + blobs)


def test_an_erased_case_leaves_only_a_count(world: World) -> None:
    world.call("PUT", "/v1/hooks/main", json={"url": "http://127.0.0.1:9/x"})
    world.call("PUT", "/v1/papers/2019100423", json={"holder": "c-1"})
    world.call("POST", "/v1/reruns")
    world.put_case()
    world.call("POST", "/v1/cases/c-1/links")
    scan = world.checked("c-1", GOOD + "ink 1\nseal 2\n")
    world.call("GET", f"/v1/scans/{scan['scan']}/pages/0", params={"view": "findings"})
    world.decide(scan, "return", note="张海洋来过")
    world.upload("c-1", "another", headers={"Idempotency-Key": "k"})
    world.call("POST", "/v1/reruns")
    world.deliver()
    assert planted(remains(world)), "there was something to forget"
    assert world.call("DELETE", "/v1/cases/c-1").json() == {"case": "c-1", "scans_erased": 2}
    left = remains(world)
    assert not planted(left)
    assert scan["scan"] not in left
    assert "c-1" not in left.replace("c-1-", "")
    assert world.blob_count() == 0
    with world.services.db.read() as tx:
        assert tx.value(select(func.sum(tallies.c.scans))) == 2
        assert statistics.season(tx, START, START + 86_400_000, "Asia/Shanghai").erased == 2
    assert world.call("GET", f"/v1/scans/{scan['scan']}").status_code == 404
    assert world.work() == 0


def test_each_kind_has_its_time(world: World) -> None:
    world.put_case()
    scan = world.checked("c-1", GOOD)
    world.decide(scan, "approve")
    world.clock.wait(days=181)
    world.tidy()
    shown = world.scan(scan["scan"])
    assert (shown["pictures_kept"], shown["verdict"]["verdict"]) == (False, "pass")
    gone = world.call("GET", f"/v1/scans/{scan['scan']}/pages/0")
    assert (gone.status_code, gone.json()["type"]) == (410, "/problems/pictures-gone")
    left = list(world.services.blobs.keys())
    assert ["/evidence-" in key for key, _ in left] == [True]
    world.clock.wait(days=185)
    world.tidy()
    assert world.blob_count() == 0
    world.clock.wait(days=800)
    world.tidy()
    assert world.call("GET", f"/v1/scans/{scan['scan']}").status_code == 404
    assert not planted(remains(world))


def test_a_scan_that_waits_is_not_forgotten(world: World) -> None:
    world.put_case()
    world.upload("c-1", GOOD)
    world.clock.wait(days=200)
    world.tidy()
    assert world.blob_count() == 1


def test_what_an_upload_left_behind_is_removed_after_a_day(world: World) -> None:
    from scanservice.service import housekeeping

    world.put_case()
    world.upload("c-1", GOOD)
    world.services.blobs.put("scans/scan_nobody/0-aa", b"left behind")
    import time

    world.clock.now = time.time_ns() // 1_000_000
    assert housekeeping.remove_orphans(world.services) == 0
    world.clock.wait(days=2)
    assert housekeeping.remove_orphans(world.services) == 1
    assert world.blob_count() == 1
