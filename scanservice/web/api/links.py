"""`POST /v1/cases/{case}/links`: a student's way in, for one upload."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi import Body as JsonBody
from pydantic import Field

from scanservice.service import links
from scanservice.service.times import HOUR, iso
from scanservice.web.api.shared import Body, CaseId, errors
from scanservice.web.auth import CallerOf, ServicesOf

router = APIRouter(prefix="/v1", tags=["links"])


class LinkRequest(Body):
    hours: float | None = Field(None, gt=0, le=24 * 60, description="Life; the service's default otherwise.")


EXAMPLE = {
    "url": "https://sign.example.edu.cn/u/link_q3Tz…",
    "token": "link_q3Tz…",
    "case": "2019-21160231045",
    "expires_at": "2018-12-28T02:10:00.000Z",
}


@router.post(
    "/cases/{case}/links",
    status_code=201,
    summary="Make a one-time upload link",
    responses={
        201: {"content": {"application/json": {"example": EXAMPLE}}},
        **errors("case-unknown", "request-malformed", "request-too-large"),
    },
)
def create_link(
    case: CaseId,
    request: Request,
    services: ServicesOf,
    caller: CallerOf,
    body: Annotated[LinkRequest | None, JsonBody(examples=[{"hours": 72}])] = None,
) -> dict[str, Any]:
    """`url` is for the student; `token` is its secret part, with which a program can upload and follow the
    scan as the student would (`Authorization: Bearer`). It is shown this once."""
    hours = (body.hours if body else None) or services.settings.link_hours
    with services.db.write() as tx:
        made = links.create_link(tx, services.vault, case, int(hours * HOUR))
    base = services.settings.public_url.rstrip("/") or str(request.base_url).rstrip("/")
    return {
        "url": f"{base}/u/{made.token}",
        "token": made.token,
        "case": case,
        "expires_at": iso(made.expires_at),
    }
