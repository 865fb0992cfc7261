"""Uploads: streamed, limited while they arrive, and whatever they are called, never anywhere else."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scanservice.service.blobs import Directory
from tests.service.world import GOOD, World


def spooled(world: World) -> list[Path]:
    from scanservice.service.housekeeping import spool

    return list(spool(world.services).iterdir())


@pytest.fixture
def storage() -> dict[str, str]:
    return {"max_file_bytes": "3000000", "max_upload_bytes": "5000000", "max_json_bytes": "65536"}


def body(size: int, boundary: str = "b") -> Iterator[bytes]:
    yield f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\n'.encode()
    for _ in range(size // 1000):
        yield b"x" * 1000
    yield f"\r\n--{boundary}--\r\n".encode()


def send(world: World, content: Any, kind: str = "multipart/form-data; boundary=b", **more: Any):
    return world.call("POST", "/v1/cases/c-1/scans", content=content, headers={"Content-Type": kind}, **more)


def test_a_large_file_arrives_whole(world: World) -> None:
    world.put_case()
    assert send(world, body(2_900_000)).status_code == 202
    assert [len(world.services.blobs.get(key)) for key, _ in list(world.services.blobs.keys())] == [2_900_000]
    assert spooled(world) == []


def test_a_file_too_large_leaves_nothing(world: World) -> None:
    world.put_case()
    answer = send(world, body(3_500_000))
    assert (answer.status_code, answer.json()["type"]) == (413, "/problems/file-too-large")
    assert spooled(world) == []
    assert world.blob_count() == 0


@pytest.mark.parametrize(
    ("files", "status", "problem"),
    [
        ([("files", ("a", b""))], 422, "file-empty"),
        ([("files", (f"{n}", b"x")) for n in range(21)], 422, "too-many-files"),
        ([("files", (f"{n}", b"x" * 2_000_000)) for n in range(3)], 413, "request-too-large"),
        ([("note", (None, b"x" * 70_000))], 413, "request-too-large"),
        ([("note", (None, b"x"))], 422, "no-files"),
    ],
)
def test_other_limits(world: World, files: Any, status: int, problem: str) -> None:
    world.put_case()
    answer = world.call("POST", "/v1/cases/c-1/scans", files=files)
    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{problem}")
    assert spooled(world) == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"--b",
        b"no boundary at all",
        b'--b\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\nhalf a file',
        b'--b\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\nx\r\n--c--\r\n',
    ],
)
def test_a_broken_upload_is_no_scan(world: World, content: bytes) -> None:
    world.put_case()
    answer = send(world, content)
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/request-malformed")
    assert spooled(world) == []
    assert world.call("GET", "/v1/cases/c-1/scans").json() == {"scans": []}


def test_another_kind_of_body_is_refused(world: World) -> None:
    world.put_case()
    assert send(world, b"{}", "application/json").status_code == 415
    assert send(world, b"x", "multipart/form-data").status_code == 415


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/etc/passwd", "..\\x", "a\x00b", "张海洋.pdf", "x" * 5000]
)
def test_the_senders_name_is_used_nowhere(world: World, name: str) -> None:
    world.put_case()
    text = name.replace('"', "").replace("\x00", "%00")
    head = f'--b\r\nContent-Disposition: form-data; name="files"; filename="{text}"'
    content = f"{head}\r\n\r\nx\r\n--b--\r\n".encode()
    answer = send(world, content)
    if len(name) > 4000:
        assert answer.status_code == 400
        return
    assert answer.status_code == 202
    root = world.services.settings.data / "blobs"
    stored = [path for path in root.rglob("*") if path.is_file()]
    assert len(stored) == 1
    assert stored[0].name.startswith("0-")
    assert not any("passwd" in path.name or "海洋" in path.name for path in root.rglob("*"))


def test_a_full_disk_is_told_before_the_promise(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.put_case()

    def full(self: Directory, source: Path, target: Path) -> None:
        raise OSError(errno.ENOSPC, "full")

    with monkeypatch.context() as patched:
        patched.setattr(Directory, "_settle", full)
        answer = world.upload()
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/storage-unavailable")
    assert int(answer.headers["retry-after"]) > 0
    assert world.call("GET", "/v1/cases/c-1/scans").json() == {"scans": []}
    assert world.upload().status_code == 202


def test_a_locked_database_is_told_before_the_promise(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    import sqlite3

    world.put_case()
    monkeypatch.setattr("scanservice.service.database.BUSY_MS", 200)
    world.services.db.engine.dispose()
    other = sqlite3.connect(world.services.settings.data / "scanservice.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    answer = world.upload()
    other.execute("ROLLBACK")
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/storage-unavailable")
    assert world.blob_count() == 0, "what was not promised is not kept"
    assert world.upload().status_code == 202


def test_files_are_synced_and_then_their_names(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    world.put_case()
    done: list[str] = []
    sync, rename = os.fsync, Path.replace

    def synced(descriptor: int) -> None:
        done.append("folder" if Path(f"/proc/self/fd/{descriptor}").is_dir() else "file")
        sync(descriptor)

    def renamed(self: Path, target: Path) -> Path:
        done.append("rename")
        return rename(self, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "replace", renamed)
    assert world.upload().status_code == 202
    assert done[:3] == ["file", "rename", "folder"]


def test_beyond_the_backlog_nothing_is_promised(world: World) -> None:
    object.__setattr__(world.services, "settings", world.services.settings.model_copy(update={"backlog": 2}))
    for number in range(3):
        world.put_case(f"c-{number}")
    assert [world.upload(f"c-{number}").status_code for number in range(2)] == [202, 202]
    refused = world.upload("c-2")
    assert (refused.status_code, refused.json()["type"]) == (429, "/problems/backlog-full")
    assert int(refused.headers["retry-after"]) >= 5
    world.work()
    assert world.upload("c-2").status_code == 202


def test_uploads_of_one_caller_are_limited(world: World) -> None:
    settings = world.services.settings.model_copy(update={"upload_rate": "2/minute"})
    object.__setattr__(world.services, "settings", settings)
    world.put_case()
    answers = [world.upload() for _ in range(3)]
    assert [answer.status_code for answer in answers] == [202, 202, 429]
    assert answers[2].json()["type"] == "/problems/too-many-requests"


def test_a_check_without_a_trace(world: World) -> None:
    import json

    from tests.service.world import a_case

    files = [("case", (None, json.dumps(a_case()))), ("scan", ("a.txt", GOOD.encode()))]
    answer = world.call("POST", "/v1/checks", files=files, params={"lang": "en"})
    assert (answer.status_code, answer.json()["verdict"]) == (200, "pass")
    as_file = [("case", ("case.json", json.dumps(a_case()))), ("files", ("a.txt", GOOD.encode()))]
    assert world.call("POST", "/v1/checks", files=as_file).json()["verdict"] == "pass"
    assert world.blob_count() == 0
    assert spooled(world) == []
    assert world.call("GET", "/v1/cases/c-1").status_code == 404


def test_a_check_of_what_cannot_be_opened(world: World) -> None:
    import json

    from tests.service.world import a_case

    files = [
        ("case", (None, json.dumps(a_case()))),
        ("files", ("a", b"page")),
        ("files", ("b", b"unreadable")),
    ]
    answer = world.call("POST", "/v1/checks", files=files)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/file-damaged")
    assert answer.json()["source"] == "files[1]"
