"""A pool of processes that outlives the death of any of them."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from types import TracebackType
from typing import Generic, TypeVar

J = TypeVar("J")
R = TypeVar("R")

ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OMP_THREAD_LIMIT": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "OPENCV_FOR_THREADS_NUM": "1",
}
"""Each process works on one core: libraries that start a thread a core would fight over them. They read this
when they are loaded, which is before a process has a function of its own to run."""

AHEAD_PER_WORKER = 16
"""Results that may wait for an earlier one before no new job is started: bounds what is held in memory."""


def one_thread() -> None:
    """Keeps this process's libraries to one thread, where the environment does not say otherwise.

    To be called before they are loaded.
    """
    for name, value in ONE_THREAD.items():
        os.environ.setdefault(name, value)


@dataclass(frozen=True, slots=True)
class WorkerDied:
    """A job's answer where its process ended instead: by which signal or exit code."""

    reason: str


@dataclass(slots=True)
class _Worker:
    process: SpawnProcess
    pipe: Connection
    number: int | None = None
    """Of the job it is at."""


class Pool(Generic[J, R]):
    """Runs jobs in processes of their own; one that dies costs its job alone, and is replaced.

    `concurrent.futures` refuses all further work once one of its processes was killed.

    Args:
        start: called once in each process; must be picklable, and gives the function for one job.
        size: number of processes, started when first needed.
    """

    def __init__(self, start: Callable[[], Callable[[J], R]], size: int) -> None:
        self._start = start
        self._size = size
        self._workers: list[_Worker] = []
        self._context = multiprocessing.get_context("spawn")

    def __enter__(self) -> Pool[J, R]:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for worker in self._workers:
            worker.pipe.close()
            if kind is not None:
                worker.process.terminate()
        for worker in self._workers:
            worker.process.join(5)
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()
        self._workers.clear()

    def map(self, jobs: Iterable[J]) -> Iterator[R | WorkerDied]:
        """Answers in the order of the jobs; jobs are taken as workers come free."""
        waiting = enumerate(jobs)
        answers: dict[int, R | WorkerDied] = {}
        started, given, exhausted = 0, 0, False
        window = self._size * AHEAD_PER_WORKER
        while True:
            while not exhausted and started - given < window and self._has_room():
                job = next(waiting, None)
                if job is None:
                    exhausted = True
                    break
                worker = self._idle()
                worker.number, started = job[0], started + 1
                worker.pipe.send(job[1])
            while given in answers:
                yield answers.pop(given)
                given += 1
            if exhausted and given == started:
                return
            self._collect(answers)

    def _has_room(self) -> bool:
        return len(self._workers) < self._size or any(worker.number is None for worker in self._workers)

    def _idle(self) -> _Worker:
        idle = next((worker for worker in self._workers if worker.number is None), None)
        if idle is None:
            idle = self._spawn()
            self._workers.append(idle)
        return idle

    def _spawn(self) -> _Worker:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=_serve, args=(theirs, self._start), daemon=False)
        with _environment(ONE_THREAD):
            process.start()
        theirs.close()
        return _Worker(process, ours)

    def _collect(self, answers: dict[int, R | WorkerDied]) -> None:
        """Waits for at least one answer, or death."""
        busy = {worker.pipe: worker for worker in self._workers if worker.number is not None}
        for pipe in wait(list(busy)):
            worker = busy[pipe]  # type: ignore[index]
            number, worker.number = worker.number, None
            assert number is not None
            try:
                answers[number] = worker.pipe.recv()
            except (EOFError, OSError):
                worker.process.join()
                answers[number] = WorkerDied(_exit_reason(worker.process.exitcode))
                worker.pipe.close()
                self._workers.remove(worker)


@contextmanager
def _environment(settings: Mapping[str, str]) -> Iterator[None]:
    """Settings for the processes that are started meanwhile, where the caller's own environment has none."""
    added = {name: value for name, value in settings.items() if name not in os.environ}
    os.environ.update(added)
    try:
        yield
    finally:
        for name in added:
            os.environ.pop(name, None)


def _exit_reason(code: int | None) -> str:
    if code is not None and code < 0:
        return signal.Signals(-code).name
    return f"exit code {code}"


def _serve(pipe: Connection, start: Callable[[], Callable[[J], R]]) -> None:
    """The life of a worker process: jobs come and answers go through its pipe, until it is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    work = start()
    while True:
        try:
            job = pipe.recv()
        except EOFError:
            return
        pipe.send(work(job))
