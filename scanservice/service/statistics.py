"""A season in figures: scans a day, verdicts, waiting times, and how often each check was right."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from sqlalchemy import func, select

from scanservice.service.database import Tx
from scanservice.service.tables import corrections, decisions, scans, tallies, verdict_findings
from scanservice.service.times import DAY, HOUR, day, iso

WAITS = (HOUR, 4 * HOUR, DAY, 3 * DAY)
"""Bounds (ms) by which waiting times are counted."""


@dataclass(frozen=True, slots=True)
class Quantiles:
    """Milliseconds; 0 where there is nothing to measure."""

    median: int
    p95: int
    count: int


@dataclass(frozen=True, slots=True)
class Season:
    """Attributes:
    days: scans that arrived, by day (ISO 8601) and the kind of their current verdict (`none`: waiting).
    to_verdict: from arrival to verdict; to_decision: from arrival to the decision that stands.
    waits: decisions that took less than each of `WAITS`, and no less than the one before; last, the others.
    findings: scans with each finding, the most frequent first.
    decisions: how many of each stand.
    erased: scans whose records are gone, which are in no other figure.
    """

    days: dict[str, dict[str, int]]
    to_verdict: Quantiles
    to_decision: Quantiles
    waits: list[int]
    findings: list[tuple[str, int]]
    decisions: dict[str, int]
    erased: int


@dataclass(frozen=True, slots=True)
class CheckQuality:
    """How one finding fared before reviewers.

    Attributes:
        raised: decided scans whose verdict had it.
        upheld: of these, those that were not approved.
        approved: approved all the same: the finding was a false alarm, or was forgiven.
        corrected: labels that reviewers gave against it.
    """

    code: str
    raised: int
    upheld: int
    approved: int
    corrected: int

    @property
    def agreement(self) -> float:
        """Share of the decided scans in which the reviewer came to the finding's side, 0 to 1."""
        return self.upheld / self.raised if self.raised else 0.0


def season(tx: Tx, since: int, until: int, zone: str) -> Season:
    """Figures of the scans that arrived in [since, until), in ms."""
    arrived = scans.c.created_at >= since, scans.c.created_at < until
    rows = tx.all(
        select(
            scans.c.created_at, scans.c.checked_at, scans.c.closed_at, scans.c.verdict, scans.c.decision
        ).where(*arrived)
    )
    days: dict[str, Counter[str]] = {}
    for row in rows:
        days.setdefault(day(row.created_at, zone).isoformat(), Counter())[row.verdict or "none"] += 1
    waits = sorted(row.closed_at - row.created_at for row in rows if row.decision)
    found = tx.all(
        select(verdict_findings.c.code, func.count(verdict_findings.c.scan_id.distinct()))
        .join(scans, scans.c.scan_id == verdict_findings.c.scan_id)
        .where(*arrived)
        .group_by(verdict_findings.c.code)
    )
    return Season(
        days={date: dict(counts) for date, counts in sorted(days.items())},
        to_verdict=quantiles([row.checked_at - row.created_at for row in rows if row.checked_at]),
        to_decision=quantiles(waits),
        waits=[
            bisect_left(waits, most) - bisect_left(waits, least)
            for least, most in pairwise((0, *WAITS, math.inf))
        ],
        findings=sorted(((row[0], row[1]) for row in found), key=lambda pair: (-pair[1], pair[0])),
        decisions=dict(Counter(row.decision for row in rows if row.decision)),
        erased=_erased(tx, since, until),
    )


def _erased(tx: Tx, since: int, until: int) -> int:
    first, last = (iso(ms)[:7] for ms in (since, max(since, until - 1)))
    months = tallies.c.month >= first, tallies.c.month <= last
    return tx.value(select(func.coalesce(func.sum(tallies.c.scans), 0)).where(*months))


def quantiles(values: Sequence[int]) -> Quantiles:
    ordered = sorted(values)
    if not ordered:
        return Quantiles(0, 0, 0)
    last = len(ordered) - 1
    return Quantiles(ordered[round(last * 0.5)], ordered[round(last * 0.95)], len(ordered))


def check_quality(tx: Tx, since: int) -> list[CheckQuality]:
    """Of the scans decided from a moment on: how each finding fared, the most often raised first."""
    decided = tx.all(
        select(verdict_findings.c.code, scans.c.decision, func.count(scans.c.scan_id.distinct()))
        .join(scans, scans.c.scan_id == verdict_findings.c.scan_id)
        .where(scans.c.decision.is_not(None), scans.c.closed_at >= since)
        .group_by(verdict_findings.c.code, scans.c.decision)
    )
    labels = tx.all(
        select(corrections.c.code, func.count())
        .where(corrections.c.created_at >= since, corrections.c.code.is_not(None))
        .group_by(corrections.c.code)
    )
    corrected = {row[0]: row[1] for row in labels}
    counts: dict[str, Counter[str]] = {}
    for row in decided:
        counts.setdefault(row[0], Counter())[row[1]] += row[2]
    for code in corrected:
        counts.setdefault(code, Counter())
    found = [
        CheckQuality(
            code=code,
            raised=sum(kinds.values()),
            upheld=sum(kinds.values()) - kinds["approve"],
            approved=kinds["approve"],
            corrected=corrected.get(code, 0),
        )
        for code, kinds in counts.items()
    ]
    return sorted(found, key=lambda check: (-check.raised, check.code))


def overturned(tx: Tx, since: int) -> dict[tuple[str, str], int]:
    """Decisions from a moment on, by verdict and action: where they differ the reviewer overturned it."""
    rows = tx.all(
        select(scans.c.verdict, scans.c.decision, func.count())
        .where(scans.c.decision.is_not(None), scans.c.closed_at >= since)
        .group_by(scans.c.verdict, scans.c.decision)
    )
    return {(row[0], row[1]): row[2] for row in rows}


def decided_by(tx: Tx, since: int) -> dict[str, int]:
    """How many decisions each person made from a moment on."""
    made = decisions.c.decided_at >= since, decisions.c.action != "undo"
    rows = tx.all(select(decisions.c.actor, func.count()).where(*made).group_by(decisions.c.actor))
    return {row[0]: row[1] for row in rows}
