"""Clean cases, confirmed many at a time by their thumbnails: each on the version that was shown."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request
from starlette.responses import Response

from scanservice.service import cases, decisions, drawing, queue, scans
from scanservice.service.database import Record, Tx
from scanservice.service.decisions import Decision
from scanservice.service.queue import QueueFilter
from scanservice.service.refusals import RefusedError
from scanservice.service.services import Services
from scanservice.service.times import SECOND
from scanservice.web.auth import ServicesOf
from scanservice.web.pages.forms import Form, text, texts, whole
from scanservice.web.pages.undoing import Undo
from scanservice.web.pages.visitors import Reviewer, Visitor, page_router
from scanservice.web.pages.wording import page_words
from scanservice.web.problems import ProblemError

router = page_router()

BATCH = 12
"""Thumbnails on a page: as many as can be looked at before the first is forgotten."""
CLEAN = QueueFilter(state="open", verdicts=("pass",), limit=BATCH)


@dataclass(frozen=True, slots=True)
class Card:
    """`version` is the scan's, which a decision must name; `picture` that of its small picture."""

    scan: str
    name: str
    number: str
    employer: str
    version: int
    picture: str
    page: int | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a batch: what was approved and may still be taken back, and why the others were not."""

    approved: tuple[Undo, ...]
    refused: tuple[str, ...]


@router.get("/review/batch")
def show_batch(request: Request, services: ServicesOf, visitor: Reviewer) -> Response:
    return _batch_page(request, services, visitor, None)


def _batch_page(
    request: Request, services: Services, visitor: Visitor, outcome: Outcome | None, status: int = 200
) -> Response:
    with services.db.read() as tx:
        rows = queue.list_queue(tx, CLEAN)
        waiting = queue.count_queue(tx, CLEAN).verdicts.get("pass", 0)
        cards = [_card(tx, row) for row in rows]
    return visitor.page(request, "batch", status=status, cards=cards, waiting=waiting, outcome=outcome)


def _card(tx: Tx, row: Record) -> Card:
    verdict = scans.verdict_of(tx, row, "zh-CN") or {"pages": [], "regions": []}
    marked = [region["page"] for region in verdict["regions"]]
    fullest = max(set(marked), key=marked.count) if marked else (0 if verdict["pages"] else None)
    employer = next((r["expected"] for r in verdict["regions"] if r["kind"] == "seal" and r["expected"]), "")
    return Card(
        scan=row.scan_id,
        name=row.student_name,
        number=row.student_number or "",
        employer=employer,
        version=row.revision,
        picture=drawing.version(row, "thumbnail"),
        page=None if row.pictures_gone_at is not None else fullest,
    )


@router.post("/review/batch")
def confirm(request: Request, services: ServicesOf, visitor: Reviewer, form: Form) -> Response:
    """Approves the ticked cases, each in a transaction of its own: one that changed holds no other back."""
    paper_seen, documents_seen = (text(form, name) == "yes" for name in ("paper_seen", "documents_seen"))
    approved, refused = [], []
    undo_ms = int(services.settings.undo_seconds * SECOND)
    for value in texts(form, "scan")[:BATCH]:
        scan, _, version = value.partition(":")
        decision = Decision(
            scan, whole(version), "approve", visitor.actor,
            paper_seen=paper_seen, documents_seen=documents_seen,
        )  # fmt: skip
        try:
            with services.db.write() as tx:
                _must_be_clean(tx, scan)
                made = decisions.decide(tx, decision, undo_ms)
                name = cases.get_case(tx, scans.get_scan(tx, scan).case_id).student_name
            approved.append(Undo(made.id, "approve", name, scan, int(services.settings.undo_seconds)))
        except RefusedError as error:
            refused.append(_why(services, scan, error.kind, visitor))
    return _batch_page(
        request,
        services,
        visitor,
        Outcome(tuple(approved), tuple(refused)),
        422 if refused and not approved else 200,
    )


def _must_be_clean(tx: Tx, scan: str) -> None:
    """Only what has passed is approved by a thumbnail. Raises ProblemError, RefusedError."""
    if scans.get_scan(tx, scan).verdict != "pass":
        raise ProblemError("request-invalid")


def _why(services: Services, scan: str, kind: str, visitor: Visitor) -> str:
    t = page_words(visitor.language)
    with services.db.read() as tx:
        name = cases.get_case(tx, scans.get_scan(tx, scan).case_id).student_name
    key = f"trouble.{kind}"
    return f"{name}：{t(key if key in t else 'problem.other')}"
