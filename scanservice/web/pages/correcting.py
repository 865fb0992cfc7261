"""What reviewers say the program got wrong: kept as labelled examples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Query, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from scanservice.findings import Language
from scanservice.service import corrections, scans
from scanservice.service.database import Tx
from scanservice.service.services import Services
from scanservice.web.api.shared import ScanId
from scanservice.web.auth import ServicesOf
from scanservice.web.pages.case_view import MARK_KINDS, scan_view
from scanservice.web.pages.filters import QueueQuery
from scanservice.web.pages.forms import Form, text
from scanservice.web.pages.visitors import SEE_OTHER, Reviewer, page_router
from scanservice.web.pages.wording import page_words
from scanservice.web.problems import ProblemError

router = page_router()

OF_FINDING = ("none", "return", "retake", "review")
OF_MARK = ("present", "absent")
OF_FIELD = ("agree", "differ", "blank")


@dataclass(frozen=True, slots=True)
class Claim:
    """What the program says of a place, or by a finding, and what may be right instead.

    Attributes:
        said, choices: names of severities or states; word: what people call `said`.
        code: of the finding; None where it is about a place. region: the place; None where there is none.
    """

    label: str
    said: str
    word: str
    choices: tuple[str, ...]
    code: str | None
    region: str | None


def _claim(tx: Tx, services: Services, scan: str, code: str, region: str, language: Language) -> Claim:
    """Raises RefusedError: `scan-unknown`; ProblemError: `request-invalid` for what it does not say."""
    verdict = scans.verdict_of(tx, scans.get_scan(tx, scan), language)
    if verdict is None:
        raise ProblemError("request-invalid")
    view, t = scan_view(services, verdict, (), language), page_words(language)
    if code:
        for one in view.findings:
            if one.code == code and one.region == (region or None):
                return _checked(
                    one.title, one.severity, t(f"severity.{one.severity}"), OF_FINDING, code, one.region
                )
    else:
        for row in (*view.fields, *view.marks):
            if row.outline.id == region:
                of = OF_MARK if row.kind in MARK_KINDS else OF_FIELD
                state = row.outline.state
                return _checked(row.outline.label, state, t(f"state.{state}"), of, None, region)
    raise ProblemError("request-invalid")


def _checked(
    label: str, said: str, word: str, of: tuple[str, ...], code: str | None, region: str | None
) -> Claim:
    return Claim(label, said, word, tuple(choice for choice in of if choice != said), code, region)


@router.get("/review/scans/{scan}/corrections")
def ask(
    scan: ScanId,
    request: Request,
    services: ServicesOf,
    visitor: Reviewer,
    code: Annotated[str, Query(max_length=60)] = "",
    region: Annotated[str, Query(max_length=100)] = "",
) -> Response:
    """The form for it; a script puts it into the case page."""
    with services.db.read() as tx:
        claim = _claim(tx, services, scan, code, region, visitor.language)
    query = QueueQuery.parse(request.query_params.multi_items())
    return visitor.page(request, "correction", scan=scan, claim=claim, query=query)


@router.post("/review/scans/{scan}/corrections")
def keep(scan: ScanId, services: ServicesOf, visitor: Reviewer, form: Form) -> Response:
    """Keeps it."""
    right = text(form, "right")
    with services.db.write() as tx:
        claim = _claim(
            tx, services, scan, text(form, "code", 60), text(form, "region", 100), visitor.language
        )
        if right not in claim.choices:
            raise ProblemError("request-invalid")
        corrections.add_correction(
            tx, scan, region=claim.region, code=claim.code, said=claim.said, right=right, actor=visitor.actor
        )
    query = str(QueueQuery.parse_text(text(form, "queue")))
    back = "#findings" if claim.code else f"#f-{claim.region}"
    return RedirectResponse(f"/review/scans/{scan}?{query}&kept=1{back}", SEE_OTHER)
