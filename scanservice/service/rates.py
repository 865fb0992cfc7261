"""How often a caller did a thing lately, counted by all processes together.

A sliding window of two periods: of the period before, as much counts as of it lies within the last one. Rows
name nobody: their bucket is a hash.
"""

from __future__ import annotations

import math

from sqlalchemy import delete, insert, select, update

from scanservice.service.database import Tx
from scanservice.service.tables import rates


def take(tx: Tx, bucket: str, most: int, period_ms: int, uses: int = 1) -> int:
    """Counts some uses, or none of them where they are too many.

    Args:
        most: uses within any period. uses: of these, at least one.

    Returns:
        0, or in how many ms one use may be possible again: then the transaction must be rolled back.

    Raises IntegrityError where another process was the first in the period: begin again.
    """
    period, gone = divmod(tx.now, period_ms)
    mine = rates.c.bucket == bucket, rates.c.period == period
    now = tx.one(update(rates).where(*mine).values(uses=rates.c.uses + uses).returning(rates.c.uses))
    if now is None:
        ends = (period + 2) * period_ms
        tx.run(insert(rates).values(bucket=bucket, period=period, uses=uses, ends_at=ends))
    before = rates.c.bucket == bucket, rates.c.period == period - 1
    earlier = tx.value(select(rates.c.uses).where(*before)) or 0
    counted = uses if now is None else now.uses
    still = earlier * (period_ms - gone) / period_ms
    if counted + still <= most:
        return 0
    if counted > most or not earlier:
        return period_ms - gone
    return min(period_ms - gone, math.ceil((counted + still - most) / earlier * period_ms))


def forget(tx: Tx) -> None:
    """What counts no more."""
    tx.run(delete(rates).where(rates.c.ends_at < tx.now))
