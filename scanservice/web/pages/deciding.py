"""Decisions from the case page, taken back from the page after it."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData
from starlette.responses import Response

from scanservice.service import decisions, queue, scans
from scanservice.service.decisions import Action, Decision, Reason
from scanservice.service.refusals import RefusedError
from scanservice.service.services import Services
from scanservice.service.times import SECOND
from scanservice.web.api.shared import ScanId
from scanservice.web.auth import ServicesOf
from scanservice.web.pages.case_page import case_page
from scanservice.web.pages.filters import QueueQuery
from scanservice.web.pages.forms import Form, number, text, texts, whole
from scanservice.web.pages.missed import missed
from scanservice.web.pages.visitors import SEE_OTHER, Reviewer, Visitor, page_router
from scanservice.web.problems import ProblemError

router = page_router()

ACTIONS: dict[str, Action] = {"approve": "approve", "return": "return", "retake": "retake"}
SHOWN_AGAIN = ("stale-version", "being-judged", "closed", "decision-incomplete")


@router.post("/review/scans/{scan}/decision")
def decide(scan: ScanId, request: Request, services: ServicesOf, visitor: Reviewer, form: Form) -> Response:
    """On to the next case of the queue; where the decision is refused, the case again, and why."""
    query = QueueQuery.parse_text(text(form, "queue"))
    decision = _decision(scan, form, visitor)
    undo_ms = int(services.settings.undo_seconds * SECOND)
    try:
        with services.db.write() as tx:
            made = decisions.decide(tx, decision, undo_ms)
            following = queue.find_next(tx, query.filter(), scan)
    except RefusedError as refused:
        if refused.kind not in SHOWN_AGAIN:
            raise
        return _again(request, services, visitor, scan, query, refused, form)
    place = f"/review/scans/{following}" if following else "/review"
    rest = "&".join(part for part in (str(query), f"undo={made.id}") if part)
    return RedirectResponse(f"{place}?{rest}", SEE_OTHER)


def _decision(scan: str, form: FormData, visitor: Visitor) -> Decision:
    action = ACTIONS.get(text(form, "decision"))
    if action is None:
        raise ProblemError("request-invalid")
    reasons = []
    if action != "approve":
        chosen = [whole(value) for value in texts(form, "reason")[:50]]
        reasons = [Reason(text(form, f"code-{n}", 60) or None, text(form, f"text-{n}")) for n in chosen]
        if own := text(form, "own"):
            reasons.append(Reason(None, own))
    return Decision(
        scan_id=scan,
        seen=number(form, "version"),
        action=action,
        actor=visitor.actor,
        reasons=reasons,
        note=text(form, "note"),
        pages=[whole(value) for value in texts(form, "page")[:100]] if action == "retake" else [],
        paper_seen=text(form, "paper_seen") == "yes",
        documents_seen=text(form, "documents_seen") == "yes",
    )


def _again(
    request: Request,
    services: Services,
    visitor: Visitor,
    scan: str,
    query: QueueQuery,
    refused: RefusedError,
    form: FormData,
) -> Response:
    told: tuple[str, ...] = ()
    if refused.kind == "stale-version":
        changed = refused.extra.get("changed", {}) if refused.extra else {}
        told = missed(services, scan, number(form, "version"), changed, visitor.language)
    return case_page(
        request,
        services,
        visitor,
        scan,
        status=422 if refused.kind == "decision-incomplete" else 409,
        query=query,
        trouble=refused.kind,
        changed=told,
        typed={"decision": text(form, "decision"), "own": text(form, "own"), "note": text(form, "note")},
    )


@router.post("/review/undo")
def undo(services: ServicesOf, visitor: Reviewer, form: Form) -> Response:
    """Back to the case whose decision is taken back."""
    made = number(form, "decision")
    query = str(QueueQuery.parse_text(text(form, "queue")))
    with services.db.write() as tx:
        decisions.undo(tx, made, visitor.actor)
    scan = text(form, "scan", 100)
    with services.db.read() as tx:
        scans.get_scan(tx, scan)
    return RedirectResponse(f"/review/scans/{scan}" + (f"?{query}" if query else ""), SEE_OTHER)
