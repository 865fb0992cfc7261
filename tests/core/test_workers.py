import os
import signal
import time

import pytest

from scanservice.workers import Pool, WorkerDied


def squares():
    def work(job):
        if job == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        if job == "leave":
            os._exit(3)
        time.sleep(0.02 if job % 3 == 0 else 0)
        return job * job, os.getpid()

    return work


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
