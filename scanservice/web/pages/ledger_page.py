"""The ledger of serials: what was printed, who holds it, what became of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, get_args
from urllib.parse import quote

from anyio.to_thread import run_sync
from fastapi import Request
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData
from starlette.responses import Response

from scanservice.case import PaperStatus
from scanservice.service import housekeeping, papers, sheets
from scanservice.service.papers import STOCK, Paper
from scanservice.service.refusals import RefusedError
from scanservice.service.services import Services
from scanservice.service.times import day
from scanservice.web.api.papers import ledger_file
from scanservice.web.api.shared import Serial
from scanservice.web.auth import ServicesOf
from scanservice.web.pages.case_page import person
from scanservice.web.pages.forms import Form, clean, number, text
from scanservice.web.pages.visitors import SEE_OTHER, Admin, Reviewer, Visitor, page_router
from scanservice.web.problems import ProblemError
from scanservice.web.uploads import receive_upload

router = page_router()

STATUSES: tuple[str, ...] = (STOCK, *get_args(PaperStatus))
PAGE_ROWS = 100
LARGEST_RANGE = 5000
SHOWN_CELLS = 20


@router.get("/office/papers")
def show_ledger(request: Request, services: ServicesOf, visitor: Reviewer) -> Response:
    done = {
        key: value
        for key, value in request.query_params.items()
        if key in ("new", "created", "changed", "unchanged")
    }
    return _ledger(request, services, visitor, done={key: int(v) for key, v in done.items() if v.isdigit()})


def _ledger(
    request: Request,
    services: Services,
    visitor: Visitor,
    *,
    status_code: int = 200,
    done: Mapping[str, int] | None = None,
    wrong: tuple[Mapping[str, Any], ...] = (),
    trouble: str = "",
) -> Response:
    asked = request.query_params
    status = asked.get("status") if asked.get("status") in STATUSES else None
    search, after = clean(asked.get("search", ""))[:100], clean(asked.get("after", ""))[:100]
    holder = clean(asked.get("holder", ""))[:200]
    with services.db.read() as tx:
        rows = papers.list_papers(
            tx, status=status, holder=holder or None, search=search, after=after, limit=PAGE_ROWS
        )
    return visitor.page(
        request,
        "ledger",
        status=status_code,
        rows=rows,
        statuses=STATUSES,
        chosen=status or "",
        search=search,
        holder=holder,
        after=rows[-1].serial if len(rows) == PAGE_ROWS else None,
        done=done or {},
        wrong=wrong[:SHOWN_CELLS],
        trouble=trouble,
    )


@router.get("/office/papers.{kind}")
def export(kind: str, services: ServicesOf, visitor: Reviewer) -> Response:
    if kind not in ("csv", "xlsx"):
        raise ProblemError("not-found")
    return ledger_file(services, kind, None, None, None)


@router.post("/office/papers/range")
def take_in(services: ServicesOf, visitor: Admin, form: Form) -> Response:
    """A printed range of serials goes into stock."""
    count = number(form, "count")
    first = text(form, "first", 100)
    if not 1 <= count <= LARGEST_RANGE or "/" in first:
        raise ProblemError("request-invalid")
    with services.db.write() as tx:
        new = papers.issue_range(tx, first, count, visitor.actor)
    return RedirectResponse(f"/office/papers?search={quote(first[:4])}&new={new}", SEE_OTHER)


@router.post("/office/papers/import")
async def import_sheet(request: Request, services: ServicesOf, visitor: Admin) -> Response:
    """All rows or none; every wrong cell is named."""
    async with receive_upload(request, services.settings, housekeeping.spool(services)) as upload:
        if not upload.files:
            raise ProblemError("no-files")
        data = await run_sync(upload.files[0].path.read_bytes)
    if len(data) > services.settings.max_json_bytes:
        raise ProblemError("request-too-large")
    return await run_sync(_import, request, services, visitor, data)


def _import(request: Request, services: Services, visitor: Visitor, data: bytes) -> Response:
    try:
        listed = sheets.read_sheet(data)
        done = services.db.settle(lambda tx: papers.put_papers(tx, listed, visitor.actor), "together")
    except RefusedError as refused:
        wrong = tuple((refused.extra or {}).get("errors", ()))
        return _ledger(request, services, visitor, status_code=422, wrong=wrong, trouble=refused.detail)
    query = "&".join(f"{key}={count}" for key, count in done.items())
    return RedirectResponse(f"/office/papers?{query}", SEE_OTHER)


@router.get("/office/papers/{serial}")
def show_paper(serial: Serial, request: Request, services: ServicesOf, visitor: Reviewer) -> Response:
    with services.db.read() as tx:
        row = papers.get_paper(tx, serial)
        history = papers.history(tx, serial)
        today = day(tx.now, services.settings.time_zone)
    return visitor.page(
        request, "serial", paper=row, history=history, statuses=STATUSES, today=today, person=person
    )


@router.post("/office/papers/{serial}")
def change_paper(serial: Serial, services: ServicesOf, visitor: Admin, form: Form) -> Response:
    """Hands out, takes back, voids, or notes as lost: on the version that was seen."""
    with services.db.write() as tx:
        before = papers.paper_of(papers.get_paper(tx, serial))
        papers.put_paper(tx, _changed(before, form), visitor.actor, seen=number(form, "version"))
    return RedirectResponse(f"/office/papers/{quote(serial, safe='')}", SEE_OTHER)


def _changed(paper: Paper, form: FormData) -> Paper:
    status = text(form, "status", 20)
    holder = text(form, "holder", 200) or None
    if status not in STATUSES or (status == "held" and holder is None):
        raise ProblemError("request-invalid")
    try:
        issued_on = dt.date.fromisoformat(text(form, "issued_on", 10)) if text(form, "issued_on") else None
    except ValueError:
        raise ProblemError("request-invalid") from None
    sealed = text(form, "sealed_in_advance") == "yes"
    return replace(paper, status=status, holder=holder, issued_on=issued_on, sealed_in_advance=sealed)
