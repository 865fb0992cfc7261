"""How often a caller may do a thing; counted in this process, so a second API process doubles it."""

from __future__ import annotations

import math
import time

from fastapi import Request
from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from scanservice.web.problems import ProblemError


def new_limiter() -> MovingWindowRateLimiter:
    return MovingWindowRateLimiter(MemoryStorage())


def limit(request: Request, action: str, rate: str, caller: str) -> None:
    """Counts one use. Raises ProblemError: `too-many-requests` with Retry-After."""
    limiter: MovingWindowRateLimiter = request.app.state.limiter
    item = parse(rate)
    if not limiter.hit(item, action, caller):
        reset = limiter.get_window_stats(item, action, caller).reset_time
        raise ProblemError("too-many-requests", retry_after=max(1, math.ceil(reset - time.time())))
