"""A thread by which an API's process says that it lives, and writes down what it counted."""

from __future__ import annotations

import threading

from scanservice.service import presence
from scanservice.service.database import UnavailableError
from scanservice.service.logs import log
from scanservice.service.services import Services

BEAT_SECONDS = 5.0


class Pulse:
    """Args:
    name: of the process, its own among all of an installation.
    """

    def __init__(self, services: Services, name: str) -> None:
        self._services = services
        self._name = name
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pulse", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Writes down what is left."""
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        appeared = over = False
        while not over:
            over = self._over.wait(BEAT_SECONDS if appeared else 0)
            try:
                with self._services.db.write("soon") as tx:
                    if appeared:
                        presence.live(tx, self._name)
                    else:
                        presence.appear(tx, self._name, "api")
                    self._services.figures.write_down(tx, self._name)
                if not appeared:
                    self._services.memory.learn(self._services.db)
                appeared = True
            except UnavailableError as error:
                log.warning("storage unavailable", reason=str(error))
                over = self._over.wait(BEAT_SECONDS)
