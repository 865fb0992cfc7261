"""The courier's process: webhooks, decisions whose undo time is over, and housekeeping.

Run as `python -m scanservice.service.courier_process NAME`, by the supervisor. Any number may run.
"""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Callable

from scanservice.service import decisions, housekeeping, jobs, presence
from scanservice.service.courier import deliver_one
from scanservice.service.database import UnavailableError
from scanservice.service.logs import log, set_up
from scanservice.service.services import Services, open_services
from scanservice.settings import Settings

SENDERS = 4
"""Slow receivers hold up one sender each, not the others' deliveries."""
IDLE_SECONDS = 0.5
TROUBLE_SECONDS = 2.0


def announce_next(services: Services) -> bool:
    """Tells of the next decision that can no longer be undone; False where there is none."""
    with services.db.read() as tx:
        if jobs.waiting(tx, ("announce",)) == 0:
            return False
    with services.db.write() as tx:
        job = jobs.claim(tx, "courier", ("announce",), services.lease_ms)
        if job is None:
            return False
        decisions.announce(tx, int(job.subject))
        jobs.finish(tx, job)
    return True


class Courier:
    def __init__(self, services: Services, name: str) -> None:
        self.services = services
        self.name = name
        self.stopping = threading.Event()

    def run(self) -> None:
        """Works until told to stop."""
        senders = [
            threading.Thread(target=self._repeat, args=(deliver_one,), name=f"sender-{i}", daemon=True)
            for i in range(SENDERS)
        ]
        for thread in senders:
            thread.start()
        threading.Thread(target=self._keep_house, name="house", daemon=True).start()
        self._repeat(announce_next)
        for thread in senders:
            thread.join(self.services.settings.hook_seconds + 1)

    def _repeat(self, step: Callable[[Services], bool]) -> None:
        while not self.stopping.is_set():
            try:
                if not step(self.services):
                    self.stopping.wait(IDLE_SECONDS)
            except UnavailableError as error:
                log.warning("storage unavailable", reason=str(error))
                self.stopping.wait(TROUBLE_SECONDS)
            except Exception as error:  # one delivery's trouble must not stop the others
                log.error("courier broke", step=step.__name__, error=type(error).__name__)
                self.stopping.wait(TROUBLE_SECONDS)

    def _keep_house(self) -> None:
        orphans_at = time.monotonic()
        appeared = False
        while not self.stopping.is_set():
            try:
                with self.services.db.write("soon") as tx:
                    self.services.figures.write_down(tx, self.name)
                    if appeared:
                        presence.live(tx, self.name)
                    else:
                        presence.appear(tx, self.name, "courier")
                        appeared = True
                if done := housekeeping.tidy(self.services):
                    log.info("tidied", **done)
                if time.monotonic() >= orphans_at:
                    housekeeping.catch_up_words(self.services)
                    housekeeping.remove_orphans(self.services)
                    orphans_at = time.monotonic() + housekeeping.ORPHAN_ROUND_SECONDS
            except UnavailableError as error:
                log.warning("storage unavailable", reason=str(error))
            except Exception as error:
                log.error("housekeeping broke", error=type(error).__name__)
            self.stopping.wait(housekeeping.IDLE_ROUND_SECONDS)


def main(name: str) -> None:
    set_up(name)
    services = open_services(Settings())  # type: ignore[call-arg]
    courier = Courier(services, name)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: courier.stopping.set())
    try:
        courier.run()
    finally:
        services.close()


if __name__ == "__main__":
    main(sys.argv[1])
