"""The ledger of issued forms."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from anyio.to_thread import run_sync
from fastapi import APIRouter, Header, Query, Request, Response

from scanservice.case import PaperStatus
from scanservice.service import papers, sheets
from scanservice.service.database import Record, Tx
from scanservice.service.judging import perform_now
from scanservice.service.papers import Paper
from scanservice.service.services import Services
from scanservice.service.times import iso
from scanservice.web.api.shared import Body, Serial, Text, errors, if_match
from scanservice.web.auth import CallerOf, ServicesOf
from scanservice.web.problems import ProblemError

router = APIRouter(prefix="/v1", tags=["papers"])

JUDGED_AT_ONCE = 2
"""Scans that a change of one serial judges again before its answer, the old holder's and the new one's;
workers see to others."""

Status = PaperStatus | Literal["stock"]
EXAMPLE = {
    "serial": "2019100423",
    "holder": "2019-21160231045",
    "status": "held",
    "issued_on": "2018-10-12",
    "sealed_in_advance": False,
    "version": 1,
    "updated_at": "2018-10-12T01:00:00.000Z",
}
SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class PaperBody(Body):
    holder: Text | None = None
    status: Status = "held"
    issued_on: dt.date | None = None
    sealed_in_advance: bool = False


def _shown(row: Record) -> dict[str, Any]:
    return {
        "serial": row.serial,
        "holder": row.holder,
        "status": row.status,
        "issued_on": row.issued_on,
        "sealed_in_advance": row.sealed_in_advance,
        "version": row.version,
        "updated_at": iso(row.updated_at),
    }


@router.put(
    "/papers/{serial}",
    summary="Set what the ledger knows of a serial",
    responses={
        200: {"content": {"application/json": {"example": EXAMPLE}}},
        201: {"description": "The serial is new", "content": {"application/json": {"example": EXAMPLE}}},
        **errors("paper-stale", "request-malformed", "request-too-large"),
    },
)
def put_paper(
    serial: Serial,
    body: PaperBody,
    services: ServicesOf,
    caller: CallerOf,
    response: Response,
    if_match_: Annotated[str | None, Header(alias="If-Match", max_length=20)] = None,
) -> dict[str, Any]:
    """`holder` is the case that it was issued to. Open scans that turn on it are judged again."""
    paper = Paper(serial, body.holder, body.status, body.issued_on, body.sealed_in_advance)
    seen = if_match(if_match_)

    def set_it(tx: Tx) -> tuple[papers.PaperPut, dict[str, Any]]:
        put = papers.put_paper(tx, paper, caller.name, seen=seen)
        return put, _shown(papers.get_paper(tx, serial))

    put, shown = services.db.settle(set_it, "together")
    for scan in put.questioned[:JUDGED_AT_ONCE]:
        perform_now(services, scan)
    response.status_code = 201 if put.created else 200
    return shown


@router.get(
    "/papers/{serial}",
    summary="A serial, with its history",
    responses={
        200: {"content": {"application/json": {"example": EXAMPLE | {"history": []}}}},
        **errors("paper-unknown"),
    },
)
def get_paper(serial: Serial, services: ServicesOf, caller: CallerOf) -> dict[str, Any]:
    with services.db.read() as tx:
        row = papers.get_paper(tx, serial)
        history = [
            {
                "version": entry.version,
                "holder": entry.holder,
                "status": entry.status,
                "issued_on": entry.issued_on,
                "sealed_in_advance": entry.sealed_in_advance,
                "by": entry.actor,
                "at": iso(entry.created_at),
            }
            for entry in papers.history(tx, serial)
        ]
        return {**_shown(row), "history": history}


@router.get(
    "/papers",
    summary="The ledger",
    response_model=None,
    responses={
        200: {
            "content": {
                "application/json": {"example": {"papers": [EXAMPLE], "next": None}},
                "text/csv": {"schema": {"type": "string"}},
                SPREADSHEET: {"schema": {"type": "string", "format": "binary"}},
            }
        },
        **errors(),
    },
)
def list_papers(
    services: ServicesOf,
    caller: CallerOf,
    format: Annotated[Literal["json", "csv", "xlsx"], Query(description="The files hold all.")] = "json",
    status: Status | None = None,
    holder: Annotated[Text | None, Query(max_length=200)] = None,
    search: Annotated[Text | None, Query(max_length=100, description="Beginning of a serial.")] = None,
    after: Annotated[Text, Query(max_length=100, description="`next` of the answer before.")] = "",
    limit: Annotated[int, Query(ge=1, le=papers.MOST_LISTED)] = 100,
) -> dict[str, Any] | Response:
    if format != "json":
        return ledger_file(services, format, status, holder, search)
    with services.db.read() as tx:
        rows = papers.list_papers(tx, status=status, holder=holder, search=search, after=after, limit=limit)
    following = rows[-1].serial if len(rows) == limit else None
    return {"papers": [_shown(row) for row in rows], "next": following}


def ledger_file(
    services: Services, format: str, status: str | None, holder: str | None, search: str | None
) -> Response:
    found: list[Paper] = []
    after = ""
    with services.db.read() as tx:
        while rows := papers.list_papers(
            tx, status=status, holder=holder, search=search, after=after, limit=papers.MOST_LISTED
        ):
            found += [papers.paper_of(row) for row in rows]
            after = rows[-1].serial
    data = sheets.write_csv(found) if format == "csv" else sheets.write_xlsx(found)
    kind = "text/csv; charset=utf-8" if format == "csv" else SPREADSHEET
    return Response(
        data, media_type=kind, headers={"Content-Disposition": f'attachment; filename="papers.{format}"'}
    )


@router.post(
    "/papers/import",
    summary="Import many serials",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "text/csv": {
                    "schema": {"type": "string"},
                    "example": "serial,holder,status,issued_on,sealed_in_advance\n"
                    "2019100423,2019-21160231045,held,2018-10-12,no\n",
                },
                SPREADSHEET: {"schema": {"type": "string", "format": "binary"}},
            },
        }
    },
    responses={
        200: {"content": {"application/json": {"example": {"created": 200, "changed": 3, "unchanged": 0}}}},
        **errors("papers-invalid", "request-too-large", "media-type-unsupported"),
    },
)
async def import_papers(request: Request, services: ServicesOf, caller: CallerOf) -> dict[str, int]:
    """All or nothing: where a cell is wrong nothing is imported, and every wrong cell is named."""
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind not in ("text/csv", SPREADSHEET, "application/octet-stream"):
        raise ProblemError("media-type-unsupported", "Send text/csv, or an XLSX file.")
    data = await request.body()
    return await run_sync(_import, services, data, caller.name)


def _import(services: Services, data: bytes, actor: str) -> dict[str, int]:
    listed = sheets.read_sheet(data)
    return services.db.settle(lambda tx: papers.put_papers(tx, listed, actor), "together")
