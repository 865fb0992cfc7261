"""Every behaviour is tried on both kinds of storage: embedded, and PostgreSQL with an S3 store."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from scanservice.service.sandbox import Sandbox
from scanservice.settings import Settings
from tests.service import servers
from tests.service.world import World, open_world

FAKE = "tests.service.fake_checker:make"


@pytest.fixture(scope="session")
def postgres() -> Iterator[servers.Postgres]:
    """Not below pytest's own folder, which each session of it closes to other users than its own."""
    with (
        tempfile.TemporaryDirectory(prefix="scanservice-tests-") as folder,
        servers.postgres(Path(folder) / "cluster") as server,
    ):
        yield server


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[servers.S3]:
    with servers.s3(tmp_path_factory.mktemp("s3") / "store") as store:
        before = {name: os.environ.get(name) for name in store.environment}
        os.environ.update(store.environment)
        yield store
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@pytest.fixture(scope="session")
def bucket(s3: servers.S3) -> str:
    return s3.new_bucket("tests")


@pytest.fixture(scope="session")
def shared_templates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("templates")


@pytest.fixture(scope="session")
def sandboxes(shared_templates: Path) -> Iterator[tuple[Sandbox, Sandbox]]:
    """Checking processes for all tests: starting one takes longer than most tests."""
    settings = Settings(checker=FAKE, templates=shared_templates, check_seconds=20)  # type: ignore[call-arg]
    pair = Sandbox(settings), Sandbox(settings)
    yield pair
    for sandbox in pair:
        sandbox.close()


@pytest.fixture(params=["embedded", "served"])
def storage(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """Settings of database and blobs, fresh for each test."""
    if request.param == "embedded":
        yield {}
        return
    server: servers.Postgres = request.getfixturevalue("postgres")
    name = f"t{secrets.token_hex(6)}"
    blobs = f"{request.getfixturevalue('bucket')}/{name}"
    yield {"database_url": server.new_database(name), "blobs": blobs}
    server.drop_database(name)


@pytest.fixture
def settings(storage: dict[str, str], tmp_path: Path, shared_templates: Path) -> Settings:
    rules = shared_templates / "rules"
    rules.unlink(missing_ok=True)
    return Settings(  # type: ignore[call-arg]
        data=tmp_path / "var",
        checker=FAKE,
        templates=shared_templates,
        upload_rate="10000/minute",
        hooks_allow="127.0.0.0/8",  # type: ignore[arg-type]
        waiting_per_case=3,
        **storage,  # type: ignore[arg-type]
    )


@pytest.fixture
def world(settings: Settings, sandboxes: tuple[Sandbox, Sandbox]) -> Iterator[World]:
    with open_world(settings, *sandboxes) as found:
        yield found
