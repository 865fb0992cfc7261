"""New rules: what would change is shown first, and changes when it is applied."""

from __future__ import annotations

from pathlib import Path

from tests.service.world import GOOD, World


def test_a_rerun_is_shown_before_it_is_applied(world: World, shared_templates: Path) -> None:
    for number in range(3):
        world.put_case(f"c-{number}")
    first = world.checked("c-0", GOOD)
    world.checked("c-1", "page")
    decided = world.checked("c-2", "other page")
    world.decide(decided)
    (shared_templates / "rules").write_text("2")
    rerun = world.call("POST", "/v1/reruns").json()
    assert rerun["state"] == "previewing"
    world.work()
    shown = world.call("GET", f"/v1/reruns/{rerun['rerun']}").json()
    assert (shown["state"], shown["scans"]) == ("ready", {"ready": 2})
    assert shown["moves"] == [{"from": "pass", "to": "review", "scans": 2}]
    assert shown["changes"][0]["changed"]["findings"]["added"][0]["code"] == "photocopy"
    assert world.scan(first["scan"])["verdict"]["verdict"] == "pass", "nothing has changed yet"
    applied = world.call("POST", f"/v1/reruns/{rerun['rerun']}/apply").json()
    assert applied["scans"] == 2
    world.work()
    now = world.scan(first["scan"])
    assert (now["verdict"]["verdict"], now["verdict"]["versions"]["rules"]) == ("review", "2")
    history = world.call("GET", f"/v1/scans/{first['scan']}/history").json()["verdicts"]
    assert [version["cause"] for version in history] == ["check", "rerun"]
    again = world.call("POST", f"/v1/reruns/{rerun['rerun']}/apply")
    assert (again.status_code, again.json()["state"]) == (409, "applied")


def test_a_rerun_that_changes_nothing(world: World) -> None:
    world.put_case()
    world.checked("c-1", GOOD)
    rerun = world.call("POST", "/v1/reruns", json={"pictures": True}).json()
    world.work()
    shown = world.call("GET", f"/v1/reruns/{rerun['rerun']}").json()
    assert (shown["state"], shown["changes"]) == ("ready", [])


def test_a_discarded_preview_is_no_more_worked_on(world: World) -> None:
    world.put_case()
    world.checked("c-1", GOOD)
    rerun = world.call("POST", "/v1/reruns").json()["rerun"]
    assert world.call("DELETE", f"/v1/reruns/{rerun}").status_code == 204
    world.work()
    assert world.call("GET", f"/v1/reruns/{rerun}").json()["state"] == "discarded"
    assert world.call("POST", f"/v1/reruns/{rerun}/apply").status_code == 409


def test_a_preview_knows_what_the_verdict_knew(world: World) -> None:
    """Reuse, and the ledger's word on the serial that was read, are facts in both."""
    world.call("PUT", "/v1/papers/777", json={"holder": "c-9"})
    world.put_case("c-1")
    world.put_case("c-2", entry__serial=None)
    world.checked("c-1", "ink 1\nfirst")
    second = world.checked("c-2", "serial 777\nink 1\nsecond")
    assert len(second["verdict"]["findings"]) == 2
    rerun = world.call("POST", "/v1/reruns").json()["rerun"]
    world.work()
    assert world.call("GET", f"/v1/reruns/{rerun}").json()["changes"] == []


def test_evidence_of_another_format_is_read_again_from_the_picture(world: World) -> None:
    from scanservice.service.tables import scans

    world.put_case()
    scan = world.checked("c-1", GOOD)
    world.services.blobs.put("evidence/old", b"of an earlier version")
    with world.services.db.write() as tx:
        tx.run(scans.update().values(evidence_key="evidence/old"))
    assert world.put_case(entry__employer_name="另一家公司")["scan"]["verdict_kind"] == "return"
    assert world.scan(scan["scan"])["verdict"]["serial"]["read"] == "2019100423"
