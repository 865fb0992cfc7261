"""The case page: one scan, everything that bears on it, and the decision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from sqlalchemy import or_, select
from starlette.responses import Response

from scanservice.case import Case
from scanservice.findings import Language
from scanservice.service import cases, decisions, queue, scans, verdicts
from scanservice.service.database import Record, Tx
from scanservice.service.services import Services
from scanservice.service.tables import papers
from scanservice.web.api.shared import ScanId
from scanservice.web.auth import ServicesOf
from scanservice.web.pages.case_view import ScanView, scan_view
from scanservice.web.pages.filters import QueueQuery
from scanservice.web.pages.queue_page import title
from scanservice.web.pages.undoing import find_undo
from scanservice.web.pages.visitors import Reviewer, Visitor, page_router
from scanservice.web.pages.wording import page_words

router = page_router()

NOTHING_TYPED = {"decision": "", "own": "", "note": ""}


@dataclass(frozen=True, slots=True)
class Event:
    """A line of the history."""

    at: int
    kind: str
    text: str
    by: str
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class CasePage:
    row: Record
    case: Case
    detail: Mapping[str, Any]
    view: ScanView | None
    others: tuple[Record, ...]
    papers: tuple[Record, ...]
    history: tuple[Event, ...]
    next: str | None


@router.get("/review/scans/{scan}")
def show_case(scan: ScanId, request: Request, services: ServicesOf, visitor: Reviewer) -> Response:
    return case_page(request, services, visitor, scan)


def case_page(
    request: Request,
    services: Services,
    visitor: Visitor,
    scan: str,
    *,
    status: int = 200,
    query: QueueQuery | None = None,
    trouble: str = "",
    changed: tuple[str, ...] = (),
    typed: Mapping[str, Any] | None = None,
) -> Response:
    """The page of a scan.

    Args:
        trouble: why a decision was not taken; changed: what is new since it was seen; typed: what the
            refused form held, so that nothing is typed twice.

    Raises RefusedError: `scan-unknown`.
    """
    query = query or QueueQuery.parse(request.query_params.multi_items())
    undo = request.query_params.get("undo", "")
    with services.db.read() as tx:
        shown = _load(tx, services, scan, visitor.language, query)
        undone = find_undo(tx, visitor, undo)
    return visitor.page(
        request,
        "case",
        status=status,
        shown=shown,
        query=query,
        undo=undone,
        trouble=trouble,
        changed=changed,
        typed=NOTHING_TYPED | dict(typed or {}),
        undo_seconds=services.settings.undo_seconds,
        kept=request.query_params.get("kept"),
    )


def _load(tx: Tx, services: Services, scan: str, language: Language, query: QueueQuery) -> CasePage:
    detail = scans.detail(tx, scan, language)
    row = scans.get_scan(tx, scan)
    case = cases.facts_of(cases.get_case(tx, row.case_id))
    view = None
    if detail["verdict"] is not None:
        view = scan_view(services, detail["verdict"], scans.internal_of(tx, row), language)
    return CasePage(
        row=row,
        case=case,
        detail=detail,
        view=view,
        others=tuple(other for other in scans.scans_of(tx, row.case_id) if other.scan_id != scan),
        papers=_papers(tx, case, detail),
        history=_history(tx, row, language),
        next=queue.find_next(tx, query.filter(), scan),
    )


def _papers(tx: Tx, case: Case, detail: Mapping[str, Any]) -> tuple[Record, ...]:
    """What the ledger holds of the student, and of the serials entered and read."""
    serials = {case.entry.serial if case.entry else None}
    if detail["verdict"] is not None:
        serials.add(detail["verdict"]["serial"]["read"])
    wanted = or_(papers.c.holder == case.case, papers.c.serial.in_(sorted(s for s in serials if s)))
    return tuple(tx.all(select(papers).where(wanted).order_by(papers.c.serial).limit(20)))


def _history(tx: Tx, row: Record, language: Language) -> tuple[Event, ...]:
    t = page_words(language)
    events = [Event(row.created_at, "received", t(f"history.from_{row.source}"), "")]
    for version in verdicts.all_of(tx, row.scan_id):
        text = t("history.verdict", verdict=t(f"verdict.{version.kind}"), cause=t(f"cause.{version.cause}"))
        events.append(Event(version.created_at, "verdict", text, ""))
    for made in decisions.history(tx, row.scan_id):
        reasons = tuple(reason["text"] or title(reason["code"], language) for reason in _reasons(made))
        notes = (made.note,) if made.note else ()
        events.append(
            Event(
                made.decided_at, "decision", t(f"history.{made.action}"), person(made.actor), reasons + notes
            )
        )
    return tuple(sorted(events, key=lambda event: event.at))


def _reasons(made: Record) -> list[dict[str, Any]]:
    return decisions.as_dict(made)["reasons"]


def person(actor: str) -> str:
    """An actor as people call them: `account:li` is li."""
    return actor.removeprefix("account:")
