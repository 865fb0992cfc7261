"""Storage that goes away: a clear error before a promise, or a retry after it."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from scanservice.service.blobs import BlobGoneError, Bucket, Directory, open_blobs
from scanservice.service.database import UnavailableError
from scanservice.service.worker import Worker
from tests.service import servers
from tests.service.world import GOOD, World, until


@pytest.fixture
def away(s3: servers.S3) -> Bucket:
    """A bucket whose server does not answer."""
    address = os.environ["AWS_ENDPOINT_URL"]
    os.environ["AWS_ENDPOINT_URL"] = f"http://127.0.0.1:{servers.free_port()}"
    found = open_blobs("s3://nowhere")
    os.environ["AWS_ENDPOINT_URL"] = address
    assert isinstance(found, Bucket)
    return found


@pytest.mark.parametrize("storage", ["served"], indirect=True)
def test_a_bucket_that_is_away_is_told_before_the_promise(world: World, away: Bucket) -> None:
    world.put_case()
    world.client.app.state.services = replace(world.services, blobs=away)  # type: ignore[attr-defined]
    answer = world.upload()
    ready = world.client.get("/readyz")
    world.client.app.state.services = world.services  # type: ignore[attr-defined]
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/storage-unavailable")
    assert (ready.status_code, ready.json()["blobs"]) == (503, "unavailable")
    assert world.call("GET", "/v1/cases/c-1/scans").json() == {"scans": []}


@pytest.mark.parametrize("storage", ["served"], indirect=True)
def test_a_bucket_that_goes_away_after_the_promise_is_waited_for(world: World, away: Bucket) -> None:
    world.put_case()
    scan = world.upload("c-1", GOOD).json()["scan"]
    for _ in range(8):
        lost = Worker(replace(world.services, blobs=away), "lost")
        with pytest.raises(UnavailableError):
            lost.step()
        world.clock.wait(seconds=2)
    world.work()
    assert world.scan(scan)["verdict"]["verdict"] == "pass", "no attempt without storage was counted"


@pytest.mark.parametrize("storage", ["served"], indirect=True)
def test_a_database_that_crashes_is_found_again(world: World, postgres: servers.Postgres) -> None:
    world.put_case()
    scan = world.upload("c-1", GOOD).json()["scan"]
    postgres.restart_at_once()
    assert until(lambda: world.upload("c-1", "second").status_code == 202, 60)
    world.work()
    assert world.scan(scan)["verdict"]["verdict"] == "pass"


@pytest.mark.parametrize("kind", ["folder", "bucket"])
def test_both_stores_keep_to_the_same_rules(kind: str, tmp_path, request: pytest.FixtureRequest) -> None:
    place = str(tmp_path / "blobs") if kind == "folder" else f"{request.getfixturevalue('bucket')}/rules"
    store = open_blobs(place)
    store.put("a/b/1", b"one")
    source = tmp_path / "source"
    source.write_bytes(b"two")
    store.put_file("a/c/2", source)
    with store.files(["a/b/1", "a/c/2"]) as paths:
        assert [path.read_bytes() for path in paths] == [b"one", b"two"]
    assert sorted(key for key, _ in store.keys("a/")) == ["a/b/1", "a/c/2"]
    store.delete("a/b/1")
    store.delete("a/b/1")
    assert [key for key, _ in list(store.keys())] == ["a/c/2"]
    for missing in (lambda: store.get("a/b/1"), lambda: store.files(["x/y"]).__enter__()):
        with pytest.raises(BlobGoneError):
            missing()
    store.ready()


@pytest.mark.parametrize("key", ["../x", "a/../../x", "", "."])
def test_no_key_leaves_the_folder(key: str, tmp_path) -> None:
    with pytest.raises(ValueError, match="leaves"):
        Directory(tmp_path / "blobs").put(key, b"x")
