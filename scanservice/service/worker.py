"""A worker: claims one scan at a time and brings it to its verdict.

Run as `python -m scanservice.service.worker NAME`, by the supervisor. The name is the worker's own
and outlives it: what an earlier life held is free again at once.
"""

from __future__ import annotations

import contextlib
import signal
import sys
import threading

from scanservice.service import drawing, jobs, presence, reruns
from scanservice.service.database import UnavailableError
from scanservice.service.judging import LeaseLostError, perform
from scanservice.service.logs import log, set_up
from scanservice.service.services import Services, open_services
from scanservice.settings import Settings

KINDS: tuple[jobs.Kind, ...] = ("check", "rejudge", "preview", "draw")
IDLE_SECONDS = 0.2
TROUBLE_SECONDS = 1.0


class Worker:
    """Attributes:
    name: unique among all workers of an installation.
    """

    def __init__(self, services: Services, name: str) -> None:
        self.services = services
        self.name = name
        self.stopping = threading.Event()
        self.job: jobs.Job | None = None

    def run(self) -> None:
        """Works until told to stop."""
        threading.Thread(target=self._beat, name="heartbeat", daemon=True).start()
        self.services.bench.start()
        appeared = False
        while not self.stopping.is_set():
            try:
                if not appeared:
                    with self.services.db.write() as tx:
                        presence.appear(tx, self.name, "worker")
                        jobs.release(tx, self.name)
                    self.services.memory.learn(self.services.db)
                    appeared = True
                if not self.step():
                    self.stopping.wait(IDLE_SECONDS)
            except UnavailableError as error:
                log.warning("storage unavailable", reason=str(error))
                self.stopping.wait(TROUBLE_SECONDS)

    def step(self) -> jobs.Kind | None:
        """Does the next job, and says of which kind it was; None where there is none.

        Raises UnavailableError.
        """
        with self.services.db.read() as tx:
            # Looking costs no write lock; only who sees work asks for it.
            if jobs.waiting(tx, KINDS) == 0:
                return None
        with self.services.db.write("soon") as tx:
            job = jobs.claim(tx, self.name, KINDS, self.services.lease_ms)
        if job is None:
            return None
        self.job = job
        try:
            if job.kind == "preview":
                reruns.perform(self.services, self.services.bench, job)
            elif job.kind == "draw":
                drawing.perform(self.services, self.services.bench, job)
            else:
                perform(self.services, self.services.bench, job)
            log.info("judged", job=job.kind, scan=job.subject, tries=job.tries)
            if job.kind == "check":
                drawing.ask(self.services, job.subject)
        except LeaseLostError:
            log.warning("lease lost", job=job.kind, scan=job.subject)
        except UnavailableError:
            self._give_back(job)
            raise
        except Exception as error:  # one scan's trouble must not stop the others; its tries are counted
            log.error("job broke", job=job.kind, scan=job.subject, error=type(error).__name__)
            with self.services.db.write() as tx:
                jobs.postpone(tx, job, int(TROUBLE_SECONDS * 1000), f"crash-{type(error).__name__}"[:60])
        finally:
            self.job = None
        return job.kind

    def _give_back(self, job: jobs.Job) -> None:
        """So that the work goes on as soon as the storage is back; else when the lease runs out."""
        with contextlib.suppress(UnavailableError), self.services.db.write() as tx:
            jobs.postpone(tx, job, int(TROUBLE_SECONDS * 1000), "storage-unavailable", blameless=True)

    def _beat(self) -> None:
        while not self.stopping.wait(self.services.settings.lease_seconds / 4):
            with contextlib.suppress(UnavailableError), self.services.db.write("soon") as tx:
                presence.live(tx, self.name)
                self.services.figures.write_down(tx, self.name)
                if (job := self.job) is not None:
                    jobs.hold(tx, job, self.services.lease_ms)


def main(name: str) -> None:
    set_up(name)
    services = open_services(Settings())  # type: ignore[call-arg]
    worker = Worker(services, name)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stopping.set())
    try:
        worker.run()
    finally:
        services.close()


if __name__ == "__main__":
    main(sys.argv[1])
