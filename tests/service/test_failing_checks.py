"""Whatever a picture does to the check, its scan gets a verdict and the next scan is checked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from scanservice.service.sandbox import Sandbox
from scanservice.service.worker import Worker
from scanservice.settings import Settings
from tests.service.world import GOOD, World, planted


@pytest.fixture
def storage() -> dict[str, str]:
    """How a check fails has nothing to do with where rows and files lie."""
    return {}


@pytest.fixture
def strict(world: World, request: pytest.FixtureRequest) -> Iterator[World]:
    """With a checking process whose limits are reached soon; the parameter is its wall time."""
    settings = Settings(  # type: ignore[call-arg]
        checker=world.services.settings.checker,
        templates=world.services.settings.templates,
        check_seconds=request.param,
        check_cpu_seconds=1,
        check_memory_bytes=1024 * 2**20,
    )
    bench = Sandbox(settings)
    world.services = replace(world.services, bench=bench)
    world.worker = Worker(world.services, "strict-worker")
    yield world
    bench.close()


def finish(world: World, scan_id: str) -> dict:
    for _ in range(12):
        world.work()
        world.clock.wait(seconds=30)
    return world.scan(scan_id)


@pytest.mark.parametrize(
    ("text", "reason", "strict"),
    [
        ("hang", "wall-time", 1.5),
        ("spin", "cpu-time", 30),
        ("memory", "memory", 30),
        ("crash", "crash-RuntimeError", 30),
        ("die", "signal-9", 30),
    ],
    indirect=["strict"],
)
def test_a_scan_that_breaks_the_check_goes_to_a_person(strict: World, text: str, reason: str) -> None:
    strict.put_case()
    scan = finish(strict, strict.upload("c-1", text).json()["scan"])
    assert scan["verdict"]["verdict"] == "review"
    (finding,) = scan["verdict"]["findings"]
    assert finding["code"] == "check-failed"
    assert finding["params"]["reason"] == reason
    strict.put_case("c-2")
    assert finish(strict, strict.upload("c-2", GOOD).json()["scan"])["verdict"]["verdict"] == "pass"


def test_a_file_that_cannot_be_opened_is_asked_for_again(world: World) -> None:
    world.put_case()
    scan = world.checked("c-1", "unreadable")
    assert scan["verdict"]["verdict"] == "retake"
    assert scan["verdict"]["findings"][0]["params"] == {"reason": "file-damaged"}


def test_a_check_that_failed_is_judged_anew_when_it_can_be(world: World) -> None:
    world.put_case()
    scan = world.checked("c-1", "unreadable")
    again = world.put_case(entry__employer_name="另一家公司")
    assert again["rejudged"]
    assert world.scan(scan["scan"])["verdict"]["verdict"] == "retake"


def test_nothing_personal_in_the_log(world: World, capfd: pytest.CaptureFixture[str]) -> None:
    world.put_case()
    world.checked("c-1", "crash")
    world.clock.wait(seconds=60)
    world.work()
    world.call("GET", "/v1/queue", params={"search": "张海洋"})
    world.call("PUT", "/v1/cases/21160231045", json={"student": {"name": ["张海洋"]}})
    captured = capfd.readouterr()
    assert "/v1/cases/{case}" in captured.err + captured.out, "the log was looked at"
    assert not planted(captured.err + captured.out)
