"""A scan answered with 202 gets its verdict, once; the same request twice is one scan."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.engine.base import RootTransaction
from sqlalchemy.exc import OperationalError

from scanservice.service import jobs
from scanservice.service.judging import LeaseLostError, perform
from scanservice.service.tables import jobs as job_table
from scanservice.service.tables import scans
from scanservice.service.worker import Worker
from tests.service.world import GOOD, World


def test_an_upload_gets_its_verdict(world: World) -> None:
    world.put_case()
    answer = world.upload("c-1", GOOD, "second page")
    assert answer.status_code == 202
    assert answer.headers["location"] == answer.json()["href"]
    before = world.scan(answer.json()["scan"])
    assert (before["state"], before["verdict"]) == ("received", None)
    world.work()
    after = world.scan(answer.json()["scan"])
    assert (after["state"], after["verdict"]["verdict"]) == ("checked", "pass")
    assert len(after["verdict"]["pages"]) == 2
    assert [event["type"] for event in world.events()] == ["scan.checked"]


def test_pictures_are_stored_before_the_answer(world: World) -> None:
    world.put_case()
    world.upload("c-1", GOOD, "second page")
    assert world.blob_count() == 2


def test_the_same_bytes_for_the_same_case_are_one_scan(world: World) -> None:
    world.put_case()
    first, second = world.upload("c-1", GOOD).json(), world.upload("c-1", GOOD).json()
    assert (second["scan"], second["known"], first["known"]) == (first["scan"], True, False)
    world.work()
    world.tidy()
    assert len(world.events()) == 1
    stored = list(world.services.blobs.keys())
    kept = [key for key, _ in stored if not key.startswith("derived/")]
    assert len(kept) == 2, "the repeated upload's file is gone, the first and its evidence stay"


def test_an_idempotency_key_gives_the_first_answer_again(world: World) -> None:
    world.put_case()
    once = {"Idempotency-Key": "a-1"}
    first = world.upload("c-1", GOOD, headers=once)
    again = world.upload("c-1", GOOD, headers=once)
    other = world.upload("c-1", "something else", headers=once)
    assert again.json() == first.json()
    assert (other.status_code, other.json()["type"]) == (422, "/problems/idempotency-key-reused")


def test_many_at_once_with_the_same_bytes_are_one_scan(world: World) -> None:
    world.put_case()
    found: list[tuple[int, str]] = []

    def send(number: int) -> None:
        headers = {"Idempotency-Key": f"key-{number % 2}"}
        answer = world.upload("c-1", GOOD, headers=headers)
        found.append((answer.status_code, answer.json()["scan"]))

    threads = [threading.Thread(target=send, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 6
    assert {status for status, _ in found} == {202}
    assert len({scan for _, scan in found}) == 1


def test_a_worker_that_vanishes_loses_its_work_to_another(world: World) -> None:
    world.put_case()
    scan = world.upload().json()["scan"]
    with world.services.db.write() as tx:
        assert jobs.claim(tx, "vanished", ("check",), world.services.lease_ms) is not None
    assert world.work() == 0, "the lease still holds"
    world.clock.wait(seconds=world.services.settings.lease_seconds + 1)
    assert world.work() == 1
    assert world.scan(scan)["verdict_version"] == 1


def test_a_restarted_worker_takes_its_own_work_up_at_once(world: World) -> None:
    world.put_case()
    world.upload()
    with world.services.db.write() as tx:
        assert jobs.claim(tx, "worker-1", ("check",), world.services.lease_ms) is not None
    with world.services.db.write() as tx:
        assert jobs.release(tx, "worker-1") == 1
    assert world.work() == 1


def test_a_worker_that_lost_its_lease_writes_nothing(world: World) -> None:
    world.put_case()
    scan = world.upload().json()["scan"]
    with world.services.db.write() as tx:
        slow = jobs.claim(tx, "slow", ("check",), world.services.lease_ms)
    assert slow is not None
    world.clock.wait(seconds=world.services.settings.lease_seconds + 1)
    assert Worker(world.services, "quick").step()
    assert world.scan(scan)["verdict_version"] == 1
    perform(world.services, world.services.bench, slow)  # sees the verdict, and does nothing
    with pytest.raises(LeaseLostError):
        _conclude_without_looking(world, slow)
    assert world.scan(scan)["verdict_version"] == 1
    assert len(world.events()) == 1


def _conclude_without_looking(world: World, job: jobs.Job) -> None:
    from scanservice.service import judging, looking

    with world.services.db.read() as tx:
        task = looking.read_task(tx, world.services, job.subject)
    assert task is not None
    outcome = looking.judged(world.services, world.services.bench, task, pictures=True)
    judging._conclude(world.services, job, task, outcome)


def test_a_clock_set_back_does_not_stop_the_queue(world: World) -> None:
    world.put_case()
    world.upload()
    with world.services.db.write() as tx:
        jobs.claim(tx, "vanished", ("check",), world.services.lease_ms)
    world.clock.wait(seconds=-7200)
    assert world.work() == 1


def test_a_scan_without_a_job_is_found_and_checked(world: World) -> None:
    world.put_case()
    scan = world.upload().json()["scan"]
    with world.services.db.write() as tx:
        tx.run(job_table.delete())
    assert world.work() == 0
    world.tidy()
    world.work()
    assert world.scan(scan)["verdict_version"] == 1


def test_a_newer_scan_takes_the_place_of_an_undecided_one(world: World) -> None:
    world.put_case()
    first, second = world.checked(), world.checked()
    assert world.scan(first["scan"])["superseded"]
    assert not second["superseded"]
    listed = world.call("GET", "/v1/queue").json()["scans"]
    assert [scan["scan"] for scan in listed] == [second["scan"]]
    refused = world.decide(world.scan(first["scan"]))
    assert refused.json()["type"] == "/problems/closed"


def test_the_first_scan_sent_again_is_open_again(world: World) -> None:
    world.put_case()
    first = world.upload("c-1", GOOD).json()["scan"]
    world.work()
    world.checked()
    assert world.upload("c-1", GOOD).json()["scan"] == first
    world.work()
    listed = world.call("GET", "/v1/queue").json()["scans"]
    assert [scan["scan"] for scan in listed] == [first]
    assert world.scan(first)["verdict_version"] == 2, "it was judged again, under today's facts"


def test_one_case_cannot_fill_the_queue(world: World) -> None:
    world.put_case()
    answers = [world.upload() for _ in range(5)]
    assert [answer.status_code for answer in answers] == [202, 202, 202, 429, 429]
    assert answers[3].json()["type"] == "/problems/case-busy"
    assert int(answers[3].headers["retry-after"]) > 0
    world.put_case("c-2")
    assert world.upload("c-2").status_code == 202
    with world.services.db.read() as tx:
        assert tx.value(select(func.count()).select_from(scans)) == 4
    assert world.blob_count() == 4, "what was refused left no file"


def test_uploads_go_before_reruns(world: World) -> None:
    world.put_case()
    first = world.checked()
    world.call("POST", "/v1/reruns")
    world.put_case("c-2")
    second = world.upload("c-2").json()["scan"]
    assert world.worker.step()
    assert world.scan(second)["verdict_version"] == 1
    with world.services.db.read() as tx:
        assert jobs.pending(tx, "preview", _preview_subject(world, first["scan"]))


def _preview_subject(world: World, scan_id: str) -> str:
    with world.services.db.read() as tx:
        return tx.value(select(job_table.c.subject).where(job_table.c.subject.endswith(scan_id)))


def test_an_upload_whose_commit_was_not_heard_of_keeps_its_files(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection breaks between the commit and its answer; the main system sends its request again."""
    from scanservice.web.api import scans as calls

    world.put_case()
    headers = {"Idempotency-Key": "upload-1"}
    promise = calls._promise

    def unheard(*arguments: Any) -> Any:
        with monkeypatch.context() as broken:
            broken.setattr("sqlalchemy.engine.base.RootTransaction.commit", commit_and_break)
            return promise(*arguments)

    def commit_and_break(transaction: Any) -> None:
        commit(transaction)
        raise OperationalError("COMMIT", None, ConnectionError())

    commit = RootTransaction.commit
    monkeypatch.setattr(calls, "_promise", unheard)
    assert world.upload("c-1", GOOD, headers=headers).status_code == 503
    monkeypatch.setattr(calls, "_promise", promise)
    again = world.upload("c-1", GOOD, headers=headers)
    assert again.status_code == 202
    world.work()
    assert world.scan(again.json()["scan"])["verdict"]["verdict"] == "pass"
