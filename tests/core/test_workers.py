import os
import signal
import time

import pytest

from scanservice.workers import ONE_THREAD, Pool, WorkerDied


def squares():
    def work(job):
        if job == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        if job == "leave":
            os._exit(3)
        time.sleep(0.02 if job % 3 == 0 else 0)
        return job * job, os.getpid()

    return work


def threads():
    import cv2  # reads the environment when it is loaded

    def work(job):
        return cv2.getNumThreads(), os.environ["OPENBLAS_NUM_THREADS"]

    return work


def test_libraries_start_no_threads_in_a_worker(monkeypatch: pytest.MonkeyPatch):
    for name in ONE_THREAD:
        monkeypatch.delenv(name, raising=False)
    with Pool(threads, 1) as pool:
        assert list(pool.map([0])) == [(1, "1")]
    assert not ONE_THREAD.keys() & os.environ.keys()


def test_a_setting_of_the_caller_stands(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OPENCV_FOR_THREADS_NUM", "2")
    with Pool(threads, 1) as pool:
        assert next(pool.map([0]))[0] == 2


def test_answers_come_in_the_order_of_the_jobs_from_every_process():
    with Pool(squares, 2) as pool:
        answers = list(pool.map(range(60)))
    assert [value for value, _ in answers] == [job * job for job in range(60)]
    assert len({pid for _, pid in answers}) == 2


def test_a_killed_process_costs_its_job_alone():
    with Pool(squares, 2) as pool:
        answers = list(pool.map([1, "die", 2, "leave", 3, 4]))
    assert answers[1] == WorkerDied("SIGKILL")
    assert answers[3] == WorkerDied("exit code 3")
    assert [answer[0] for i, answer in enumerate(answers) if i not in (1, 3)] == [1, 4, 9, 16]


def test_no_jobs_start_no_process():
    with Pool(squares, 2) as pool:
        assert list(pool.map([])) == []
        assert pool._workers == []


def test_leaving_early_ends_the_processes():
    pids = []
    with pytest.raises(KeyError), Pool(squares, 1) as pool:
        pids.append(next(pool.map(range(5)))[1])
        raise KeyError
    with pytest.raises(ProcessLookupError):
        os.kill(pids[0], 0)
