"""Pictures are drawn before anybody waits for them, and never in the way of a check."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from scanservice.service import drawing, jobs, scans
from scanservice.service.tables import jobs as job_table
from tests.service.world import World


def drawn(world: World, scan: str) -> int:
    return len(list(world.services.blobs.keys(f"derived/{scan}/")))


def uploaded(world: World, case: str, text: str) -> str:
    world.put_case(case)
    return world.upload(case, text).json()["scan"]


def test_after_its_verdict_a_scan_has_all_that_its_readers_open_first(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan = uploaded(world, "c-1", "in order")
    world.work()
    assert drawn(world, scan) == len(drawing.EARLY)
    monkeypatch.setattr(world.services.desk, "page", lambda *_: pytest.fail("drawn again"))
    for view in drawing.EARLY:
        assert drawing.page_picture(world.services, scan, 0, view).data


def test_a_check_goes_before_pictures(world: World) -> None:
    first = uploaded(world, "c-1", "in order")
    assert world.worker.step() == "check"
    second = uploaded(world, "c-2", "in order too")
    with world.services.db.write() as tx:
        job = jobs.claim(tx, "another", ("draw",), 60_000)
    assert job is not None
    drawing.perform(world.services, world.services.bench, job)
    assert drawn(world, first) == 0
    assert [world.worker.step() for _ in range(4)] == ["check", "draw", "draw", None]
    assert drawn(world, first) == drawn(world, second) == len(drawing.EARLY)


def test_new_facts_leave_pictures_as_they_are(world: World) -> None:
    scan = uploaded(world, "c-1", "in order")
    world.work()

    def versions() -> tuple[str, ...]:
        with world.services.db.read() as tx:
            row = scans.get_scan(tx, scan)
        return tuple(drawing.version(row, view) for view in ("uploaded", "straight", "thumbnail", "findings"))

    before = versions()
    world.put_case("c-1", entry__employer_name="上海蓝海科技有限公司", student__name="李建国")
    world.work()
    assert versions()[:3] == before[:3]
    assert versions()[3] != before[3]
    with world.services.db.read() as tx:
        assert tx.all(select(job_table)) == []
