"""The review queue, and decisions."""

from __future__ import annotations

import base64
import json
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query
from fastapi import Body as JsonBody
from pydantic import Field

from scanservice.service import decisions, queue, scans
from scanservice.service.decisions import Action, Decision, Reason
from scanservice.service.queue import QueueFilter
from scanservice.service.times import HOUR, SECOND, iso
from scanservice.verdict import VerdictKind
from scanservice.web.api import examples
from scanservice.web.api.shared import Body, ScanId, Text, errors, if_match
from scanservice.web.auth import CallerOf, ServicesOf
from scanservice.web.problems import ProblemError

router = APIRouter(prefix="/v1", tags=["review"])

QUEUE_EXAMPLE = {
    "scans": [
        examples.SCAN | {"student": {"name": "张海洋", "number": "21160231045", "college": "海洋生命学院"}}
    ],
    "counts": {"verdicts": {"return": 3, "review": 12}, "findings": {"employer-seal-missing": 2}},
    "next": None,
}
DECISION_EXAMPLE = {
    "version": 2,
    "decision": "return",
    "reasons": [{"code": "employer-seal-missing", "text": "请用人单位补盖公章。"}],
}


class ReasonBody(Body):
    code: Text | None = Field(None, max_length=60)
    text: Text = Field("", max_length=2000)


class DecisionBody(Body):
    """Attributes:
    version: the scan's version that the decision is made on; may come as If-Match instead.
    """

    version: int | None = Field(None, ge=0, le=2**31 - 1)
    decision: Action
    reasons: tuple[ReasonBody | Text, ...] = Field((), max_length=50)
    note: Text = Field("", max_length=5000)
    pages: tuple[Annotated[int, Field(ge=0, le=1000)], ...] = Field((), max_length=100)
    paper_seen: bool = False
    documents_seen: bool = False


@router.get(
    "/queue",
    summary="What waits for a person",
    responses={200: {"content": {"application/json": {"example": QUEUE_EXAMPLE}}}, **errors()},
)
def get_queue(
    services: ServicesOf,
    caller: CallerOf,
    state: Literal["open", "waiting", "decided", "all"] = "open",
    verdict: Annotated[list[VerdictKind] | None, Query()] = None,
    finding: Annotated[Text | None, Query(max_length=60)] = None,
    college: Annotated[Text | None, Query(max_length=200)] = None,
    search: Annotated[
        Text | None, Query(max_length=100, description="Name, or beginning of a number, serial or case.")
    ] = None,
    waited_hours: Annotated[float | None, Query(ge=0, le=100_000)] = None,
    order: Literal["oldest", "newest"] = "oldest",
    after: Annotated[str | None, Query(max_length=200, description="`next` of the answer before.")] = None,
    limit: Annotated[int, Query(ge=1, le=queue.MOST_LISTED)] = 50,
) -> dict[str, Any]:
    wanted = QueueFilter(
        state=state,
        verdicts=tuple(verdict or ()),
        finding=finding,
        college=college,
        search=search,
        waited_ms=None if waited_hours is None else int(waited_hours * HOUR),
        newest_first=order == "newest",
        after=_cursor(after),
        limit=limit,
    )
    with services.db.read() as tx:
        rows = queue.list_queue(tx, wanted)
        counts = queue.count_queue(tx, wanted)
    return {
        "scans": [
            {
                **scans.summary(row),
                "student": {"name": row.student_name, "number": row.student_number, "college": row.college},
            }
            for row in rows
        ],
        "counts": {
            "verdicts": counts.verdicts,
            "findings": counts.findings,
            "colleges": counts.colleges,
            "more": counts.more,
        },
        "next": _next(rows[-1].created_at, rows[-1].scan_id) if len(rows) == limit else None,
    }


def _next(moment: int, scan_id: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([moment, scan_id]).encode()).decode()


def _cursor(text: str | None) -> tuple[int, str] | None:
    if text is None:
        return None
    try:
        moment, scan_id = json.loads(base64.urlsafe_b64decode(text))
        if not isinstance(scan_id, str) or "\x00" in scan_id:
            raise ValueError
        return int(moment) & (2**62 - 1), scan_id.encode().decode()
    except (ValueError, TypeError):
        raise ProblemError("request-invalid", "`after` is no answer's `next`.") from None


@router.post(
    "/scans/{scan}/decision",
    summary="Decide on a scan",
    responses={
        200: {
            "content": {
                "application/json": {
                    "example": {
                        "scan": examples.SCAN["scan"],
                        "version": 3,
                        "decision": "return",
                        "effective_at": "2018-12-25T03:00:00.000Z",
                    }
                }
            }
        },
        **errors(
            "scan-unknown",
            "stale-version",
            "being-judged",
            "closed",
            "decision-incomplete",
            "request-malformed",
            "request-too-large",
        ),
    },
)
def decide(
    scan: ScanId,
    body: Annotated[DecisionBody, JsonBody(examples=[DECISION_EXAMPLE])],
    services: ServicesOf,
    caller: CallerOf,
    if_match_: Annotated[str | None, Header(alias="If-Match", max_length=20)] = None,
) -> dict[str, Any]:
    """Approve, return or retake, on the version that was seen. A later version is refused, with what
    changed. An approval says that paper and supporting documents were seen."""
    seen = body.version if body.version is not None else if_match(if_match_)
    if seen is None:
        raise ProblemError("request-invalid", "Name the version that was seen: `version`, or If-Match.")
    decision = Decision(
        scan_id=scan,
        seen=seen,
        action=body.decision,
        actor=caller.name,
        reasons=[_reason(reason) for reason in body.reasons],
        note=body.note,
        pages=body.pages,
        paper_seen=body.paper_seen,
        documents_seen=body.documents_seen,
    )
    undo_ms = int(services.settings.undo_seconds * SECOND) if caller.kind == "account" else 0
    with services.db.write() as tx:
        decided = decisions.decide(tx, decision, undo_ms)
    return {
        "scan": scan,
        "version": decided.version,
        "decision": body.decision,
        "effective_at": iso(decided.effective_at),
    }


def _reason(reason: ReasonBody | str) -> Reason:
    return Reason(None, reason) if isinstance(reason, str) else Reason(reason.code, reason.text)
