"""Cases are found by parts of names and beginnings of numbers; papers and seals by their short codes."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, insert, select, update

from scanservice.service import finding_cases, housekeeping, queue, reuse
from scanservice.service.queue import QueueFilter
from scanservice.service.reuse import Memory
from scanservice.service.tables import case_words, fingerprints, scans
from tests.service.world import World

PEOPLE = {
    "2019-1": ("欧阳海洋", "21160231045", "2019100423"),
    "2019-2": ("张海", "21160231046", "2019100424"),
    "2018-3": ("Anna Maria", "x-99", None),
}


@pytest.fixture
def people(world: World) -> World:
    for case, (name, number, serial) in PEOPLE.items():
        world.put_case(case, student__name=name, student__number=number, entry__serial=serial)
        world.upload(case)
    return world


def found(world: World, text: str) -> list[str]:
    with world.services.db.read() as tx:
        return sorted(row.case_id for row in queue.list_queue(tx, QueueFilter(state="all", search=text)))


SEARCHES = [
    ("海洋", ["2019-1"]),
    ("海", ["2019-1", "2019-2"]),
    ("欧阳海洋", ["2019-1"]),
    ("洋海", []),
    ("anna", ["2018-3"]),
    ("MARIA", ["2018-3"]),
    ("2116023104", ["2019-1", "2019-2"]),
    ("1160231045", []),
    ("2019100424", ["2019-2"]),
    ("2019-", ["2019-1", "2019-2"]),
    (" 2018-3 ", ["2018-3"]),
    ("X-9", ["2018-3"]),
    ("100%", []),
    ("_", []),
]


@pytest.mark.parametrize("few", [500, 1])
def test_a_search_finds_parts_of_names_and_beginnings_of_numbers(
    people: World, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding_cases, "FEW", few)
    assert {text: found(people, text) for text, _ in SEARCHES} == dict(SEARCHES)


def test_a_case_is_found_by_its_new_name_alone_and_not_after_its_erasure(people: World) -> None:
    people.put_case("2019-2", student__name="李四", student__number="21160231046")
    assert (found(people, "张海"), found(people, "李")) == ([], ["2019-2"])
    people.call("DELETE", "/v1/cases/2019-2")
    assert found(people, "李") == []
    with people.services.db.read() as tx:
        assert not tx.all(select(case_words).where(case_words.c.case_id == "2019-2"))


def test_what_an_earlier_version_wrote_is_found_after_a_while(people: World) -> None:
    with people.services.db.write() as tx:
        tx.run(delete(case_words).where(case_words.c.case_id != "2019-2"))
    assert found(people, "海") == ["2019-2"]
    assert housekeeping.catch_up_words(people.services) == 2
    assert found(people, "海") == ["2019-1", "2019-2"]
    assert housekeeping.catch_up_words(people.services) == 0


def paper(world: World, case: str, ink: str) -> str:
    world.put_case(case)
    scan = world.upload(case, f"ink {ink}\nseal {ink}\nnumber {case}\n").json()["scan"]
    world.work()
    return scan


def seen_before(world: World, scan: str) -> set[tuple[str, str]]:
    with world.services.db.read() as tx:
        marks = tx.all(select(fingerprints).where(fingerprints.c.scan_id == scan))
        row = tx.one(select(scans).where(scans.c.scan_id == scan))
        assert row is not None
        ink = next(bytes(mark.value) for mark in marks if mark.kind == "ink")
        seals = [bytes(mark.value) for mark in marks if mark.kind == "seal"]
        hits = reuse.of_marks(tx, world.services.memory, row, ink, seals)
    return {(hit.kind, hit.case) for hit in hits}


def test_fingerprints_without_a_code_are_known_too(world: World) -> None:
    paper(world, "first", "one")
    paper(world, "other", "two")
    with world.services.db.write() as tx:
        tx.run(update(fingerprints).values(code=None))
    world.services.memory._forget()
    assert seen_before(world, paper(world, "second", "one")) == {("ink", "first"), ("seal", "first")}


def test_a_row_that_became_visible_late_is_known(world: World) -> None:
    """Its transaction got its number before another's that was committed earlier."""
    paper(world, "first", "one")
    with world.services.db.write() as tx:
        late = [row._asdict() for row in tx.all(select(fingerprints))]
        tx.run(delete(fingerprints))
    scan = paper(world, "second", "one")
    with world.services.db.write() as tx:
        tx.run(update(fingerprints).values(id=fingerprints.c.id + 100))
    world.services.memory._forget()
    assert seen_before(world, scan) == set()
    with world.services.db.write() as tx:
        tx.run(insert(fingerprints), late)
    assert seen_before(world, scan) == {("ink", "first"), ("seal", "first")}


def test_memory_holds_nothing_of_what_was_erased(world: World) -> None:
    paper(world, "first", "one")
    scan = paper(world, "second", "one")
    assert seen_before(world, scan) == {("ink", "first"), ("seal", "first")}
    world.call("DELETE", "/v1/cases/first")
    assert seen_before(world, scan) == set()
    world.clock.wait(seconds=reuse.FORGET_MS / 1000 + 1)
    assert seen_before(world, scan) == set()
    held: Memory = world.services.memory
    assert [len(index) for index in held._indexes.values()] == [1, 1]
