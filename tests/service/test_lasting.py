"""What is on the disk when a transaction has ended: at once, together with others', or soon after."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from sqlalchemy import select

from scanservice.service import migrating, presence
from scanservice.service.database import Database, OutcomeUnknownError
from scanservice.service.syncing import SharedSync
from scanservice.service.tables import processes
from tests.service.world import World


def _embedded(folder: Path) -> Database:
    database = Database(f"sqlite:///{folder / 'lasting.db'}")
    migrating.migrate(database)
    return database


def test_many_share_one_sync(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the disk is busy with one, all others wait, and the next sync is for them all."""
    file = tmp_path / "log"
    file.touch()
    sync, begun, let_go, syncs = SharedSync(file), threading.Event(), threading.Event(), []

    def slow(descriptor: int) -> None:
        syncs.append(descriptor)
        begun.set()
        assert let_go.wait(10)

    monkeypatch.setattr(os, "fdatasync", slow)
    threads = [threading.Thread(target=sync) for _ in range(8)]
    threads[0].start()
    assert begun.wait(10)
    for thread in threads[1:]:
        thread.start()
    while sync._asked < 8:
        pass
    assert all(thread.is_alive() for thread in threads), "none ends before a sync that began after it asked"
    let_go.set()
    for thread in threads:
        thread.join(10)
    assert len(syncs) == 2


@pytest.mark.parametrize(("lasting", "syncs"), [("together", 1), ("at once", 0), ("soon", 0)])
def test_a_promise_waits_for_the_disk(
    lasting, syncs: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is `at once` SQLite itself has synced by then."""
    database = _embedded(tmp_path)
    seen: list[int] = []
    monkeypatch.setattr(os, "fdatasync", lambda descriptor: seen.append(descriptor))
    with database.write(lasting) as tx:
        presence.appear(tx, "w", "worker")
        assert not seen
    assert len(seen) == syncs
    database.close()


def test_a_disk_that_fails_at_the_end_leaves_the_outcome_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = _embedded(tmp_path)

    def broken(_: int) -> None:
        raise OSError(5, "no disk")

    monkeypatch.setattr(os, "fdatasync", broken)
    with pytest.raises(OutcomeUnknownError), database.write("together") as tx:
        presence.appear(tx, "w", "worker")
    database.close()


@pytest.mark.parametrize("lasting", ["at once", "together", "soon"])
def test_others_see_it_when_it_has_ended(world: World, lasting) -> None:
    with world.services.db.write(lasting) as tx:
        presence.appear(tx, "w", "worker")
    with world.services.db.read() as tx:
        assert tx.one(select(processes.c.role).where(processes.c.name == "w")) is not None


@pytest.mark.parametrize(
    ("lasting", "embedded", "served"), [("soon", 1, "off"), ("together", 1, "on"), ("at once", 2, "on")]
)
def test_only_what_may_be_done_again_is_loose(world: World, lasting, embedded: int, served: str) -> None:
    with world.services.db.write(lasting) as tx:
        question = "SHOW synchronous_commit" if tx.served else "PRAGMA synchronous"
        level = tx.connection.exec_driver_sql(question).scalar()
        assert level == (served if tx.served else embedded)
