"""The season in figures: scans a day, verdicts, waiting times, what was found most."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import Response

from scanservice.service import statistics
from scanservice.service.times import DAY
from scanservice.web.auth import ServicesOf
from scanservice.web.pages.plots import every_day, stacked
from scanservice.web.pages.visitors import Reviewer, page_router

router = page_router()

SPANS = (30, 90, 365)
KINDS = ("pass", "review", "retake", "return", "none")
MOST_FINDINGS = 15


@router.get("/office/season")
def show_season(request: Request, services: ServicesOf, visitor: Reviewer, days: int = SPANS[0]) -> Response:
    days = days if days in SPANS else SPANS[0]
    with services.db.read() as tx:
        found = statistics.season(tx, tx.now - days * DAY, tx.now + 1, services.settings.time_zone)
    kinds = {kind: sum(counts.get(kind, 0) for counts in found.days.values()) for kind in KINDS}
    return visitor.page(
        request,
        "season",
        days=days,
        spans=SPANS,
        season=found,
        kinds=kinds,
        plot=stacked(every_day(found.days), KINDS),
        findings=found.findings[:MOST_FINDINGS],
    )
