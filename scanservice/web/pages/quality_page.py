"""How often each check was right, as reviewers' decisions and corrections tell."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import Response

from scanservice.service import corrections, statistics
from scanservice.service.times import DAY
from scanservice.verdict import VerdictKind
from scanservice.web.auth import ServicesOf
from scanservice.web.pages.case_page import person
from scanservice.web.pages.visitors import Reviewer, page_router

router = page_router()

SPANS = (7, 30, 365)
"""Days that the page offers to look back; the first unless asked otherwise."""
KINDS: tuple[VerdictKind, ...] = ("pass", "review", "retake", "return")
SHOWN_LABELS = 50


@router.get("/office/quality")
def show_quality(request: Request, services: ServicesOf, visitor: Reviewer, days: int = SPANS[0]) -> Response:
    days = days if days in SPANS else SPANS[0]
    with services.db.read() as tx:
        since = tx.now - days * DAY
        checks = statistics.check_quality(tx, since)
        decided = statistics.overturned(tx, since)
        people = statistics.decided_by(tx, since)
        labels = corrections.list_corrections(tx, since=since)
    return visitor.page(
        request,
        "quality",
        days=days,
        spans=SPANS,
        checks=checks,
        decided=decided,
        kinds=KINDS,
        people={person(actor): count for actor, count in people.items()},
        labels=labels[::-1][:SHOWN_LABELS],
        labelled=len(labels),
        person=person,
    )
