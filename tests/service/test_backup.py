"""A backup holds everything but the secret, and restores into either storage."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from scanservice.service import backup, keys, migrating
from scanservice.service.blobs import open_blobs
from scanservice.service.database import Database
from scanservice.service.services import Services
from tests.service import servers
from tests.service.world import GOOD, World


def emptied(world: World, url: str, blobs: str) -> Services:
    old = world.services
    database = Database(url)
    migrating.migrate(database)
    return Services(old.settings, database, open_blobs(blobs), old.vault, old.desk, old.bench)


@pytest.mark.parametrize("target", ["embedded", "served"])
def test_saved_here_restored_there(
    world: World, tmp_path: Path, target: str, postgres: servers.Postgres
) -> None:
    world.put_case()
    scan = world.checked("c-1", GOOD + "ink 1")
    world.decide(scan, "approve")
    waiting = world.upload("c-1", "second").json()["scan"]
    saved = backup.save(world.services, tmp_path / "backup.zip")
    assert (saved.blobs, saved.missing) == (3, 0)
    name = f"restored{world.services.settings.data.parent.name[-12:].lower()}".replace("_", "")
    url = postgres.new_database(name) if target == "served" else f"sqlite:///{tmp_path / 'restored.db'}"
    other = emptied(world, url.replace("postgresql://", "postgresql+psycopg://"), str(tmp_path / "blobs"))
    assert backup.load(other, tmp_path / "backup.zip").rows == saved.rows
    restored = World(other, world.clock, _client(other), world.key)
    assert restored.scan(scan["scan"]) == world.scan(scan["scan"])
    restored.work()
    assert restored.scan(waiting)["state"] == "checked"
    restored.put_case("c-9")
    assert restored.checked("c-9", "third")["state"] == "checked"
    with pytest.raises(backup.BackupError, match="not empty"):
        backup.load(other, tmp_path / "backup.zip")
    other.db.close()


def _client(services: Services):
    from starlette.testclient import TestClient

    from scanservice.web.app import create_app

    return TestClient(create_app(services))


def test_what_is_no_backup_is_refused(world: World, tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"no zip")
    with pytest.raises(backup.BackupError, match="no backup"):
        backup.load(world.services, tmp_path / "x.zip")
    with zipfile.ZipFile(tmp_path / "y.zip", "w") as archive:
        archive.writestr("backup.json", '{"format": 99}')
    with pytest.raises(backup.BackupError, match="another version"):
        backup.load(world.services, tmp_path / "y.zip")


def test_the_backup_lets_nobody_in(world: World, tmp_path: Path) -> None:
    with world.services.db.write() as tx:
        text = keys.create_key(tx, world.services.vault, "main")
    backup.save(world.services, tmp_path / "backup.zip")
    with zipfile.ZipFile(tmp_path / "backup.zip") as archive:
        everything = b"".join(archive.read(name) for name in archive.namelist())
    assert text.split("_", 2)[2].encode() not in everything
