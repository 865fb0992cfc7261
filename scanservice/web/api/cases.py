"""The main system's facts: `PUT /v1/cases/{case}`, and forgetting them again."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Response

from scanservice.case import parse_case
from scanservice.service import cases, erasure, scans, trash
from scanservice.service.database import UnavailableError
from scanservice.service.judging import perform_now
from scanservice.service.refusals import RefusedError
from scanservice.service.services import Services
from scanservice.service.times import iso
from scanservice.web.api import examples
from scanservice.web.api.shared import CaseId, errors
from scanservice.web.auth import CallerOf, ServicesOf

router = APIRouter(prefix="/v1", tags=["cases"])

PUT_EXAMPLE = {
    "case": "2019-21160231045",
    "facts_version": 2,
    "changed": True,
    "rejudged": True,
    "scan": examples.SCAN,
}


@router.put(
    "/cases/{case}",
    summary="Set a case's facts",
    responses={
        200: {"content": {"application/json": {"example": PUT_EXAMPLE}}},
        201: {"description": "The case is new", "content": {"application/json": {"example": PUT_EXAMPLE}}},
        **errors("request-malformed", "request-too-large", "case-invalid", "case-id-differs"),
    },
)
def put_case(
    case: CaseId,
    body: Annotated[dict[str, Any], Body(examples=[examples.CASE])],
    services: ServicesOf,
    caller: CallerOf,
    response: Response,
) -> dict[str, Any]:
    """New facts judge the open scan again, from what was seen: the picture is not read a second time."""
    facts = parse_case({"case": case, **body})
    if facts.case != case:
        raise RefusedError("case-id-differs", "The body's `case` must be the one in the address.")
    put = services.db.settle(lambda tx: cases.put_case(tx, facts), "together")
    if put.rejudged and put.scan_id is not None:
        perform_now(services, put.scan_id)
    response.status_code = 201 if put.created else 200
    return {
        "case": case,
        "facts_version": put.facts_version,
        "changed": put.changed,
        "rejudged": put.rejudged,
        "scan": _summary(services, put.scan_id),
    }


def _summary(services: Services, scan_id: str | None) -> dict[str, Any] | None:
    if scan_id is None:
        return None
    with services.db.read() as tx:
        return scans.summary(scans.get_scan(tx, scan_id))


@router.get(
    "/cases/{case}",
    summary="A case's facts and scans",
    responses={
        200: {
            "content": {
                "application/json": {
                    "example": {
                        "case": "2019-21160231045",
                        "facts": examples.CASE,
                        "facts_version": 1,
                        "updated_at": "2018-12-25T02:10:00.000Z",
                        "open_scan": examples.SCAN["scan"],
                        "scans": [examples.SCAN],
                    }
                }
            }
        },
        **errors("case-unknown"),
    },
)
def get_case(case: CaseId, services: ServicesOf, caller: CallerOf) -> dict[str, Any]:
    with services.db.read() as tx:
        row = cases.get_case(tx, case)
        return {
            "case": case,
            "facts": cases.facts_of(row).model_dump(mode="json"),
            "facts_version": row.facts_version,
            "updated_at": iso(row.updated_at),
            "open_scan": row.open_scan,
            "scans": [scans.summary(scan) for scan in scans.scans_of(tx, case)],
        }


@router.delete(
    "/cases/{case}",
    summary="Erase a case",
    responses={
        200: {"content": {"application/json": {"example": {"case": "2019-21160231045", "scans_erased": 2}}}},
        **errors("case-unknown"),
    },
)
def delete_case(case: CaseId, services: ServicesOf, caller: CallerOf) -> dict[str, Any]:
    """Forgets facts, pictures, what was read, fingerprints, verdicts and decisions; a count remains."""
    with services.db.write() as tx:
        erased = erasure.erase_case(tx, case)
    try:
        while trash.empty(services.db, services.blobs):
            continue
    except UnavailableError:
        pass  # housekeeping goes on as soon as the store is back
    return {"case": case, "scans_erased": erased}
