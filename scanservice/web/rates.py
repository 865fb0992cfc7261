"""How often a caller may do a thing, whichever API process it comes to."""

from __future__ import annotations

import math
import threading

from fastapi import Request
from limits import parse
from sqlalchemy.exc import IntegrityError

from scanservice.service import rates
from scanservice.service.services import Services
from scanservice.web.problems import ProblemError

SHARE = 50
"""A process takes a fiftieth of a rate at a time, at least one use: generous rates cost few writes, and
what a process has taken and not used is at most that."""
MOST_HELD = 10_000
"""Callers whose share is kept; then all are forgotten, which costs a write each."""


class Limiter:
    """The uses that this process has taken from the database and not given away yet."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._left: dict[tuple[str, int], int] = {}

    def use(self, services: Services, bucket: str, most: int, period_ms: int) -> int:
        """Takes one use; 0, or in how many ms it may be possible again. Raises UnavailableError."""
        held = bucket, services.db.clock() // period_ms
        with self._lock:
            if self._left.get(held, 0) > 0:
                self._left[held] -= 1
                return 0
        share = max(1, most // SHARE)
        try:
            wait = _take(services, bucket, most, period_ms, share)
        except IntegrityError:  # another process was the first in this period: now its row is seen
            wait = _take(services, bucket, most, period_ms, share)
        if wait == 0:
            with self._lock:
                if len(self._left) >= MOST_HELD:
                    self._left.clear()
                self._left[held] = self._left.get(held, 0) + share - 1
        return wait


class _RefusedError(Exception):
    """Rolls the count back."""


def _take(services: Services, bucket: str, most: int, period_ms: int, share: int) -> int:
    wait = 0
    try:
        with services.db.write("soon") as tx:
            wait = rates.take(tx, bucket, most, period_ms, share)
            if wait:
                raise _RefusedError
    except _RefusedError:
        return wait
    return 0


def new_limiter() -> Limiter:
    return Limiter()


def limit(request: Request, action: str, rate: str, caller: str) -> None:
    """Counts one use; writes to the database, so not in the event loop.

    Raises ProblemError: `too-many-requests` with Retry-After. Raises UnavailableError.
    """
    limiter: Limiter = request.app.state.limiter
    services: Services = request.app.state.services
    item = parse(rate)
    bucket = services.vault.hash("\n".join((action, rate, caller)))
    wait = limiter.use(services, bucket, item.amount, item.get_expiry() * 1000)
    if wait:
        raise ProblemError("too-many-requests", retry_after=max(1, math.ceil(wait / 1000)))
