"""The forms that are known: each page's blank with its regions drawn over it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from threading import Lock

import pymupdf
from fastapi import Request
from starlette.responses import Response

from scanservice.service.services import Services
from scanservice.template import Template
from scanservice.web.auth import ServicesOf
from scanservice.web.pages.known_forms import known_forms, page_label, region_label
from scanservice.web.pages.rendering import A_YEAR
from scanservice.web.pages.visitors import Reviewer, page_router
from scanservice.web.problems import ProblemError

router = page_router()

ONE_AT_A_TIME = Lock()
"""MuPDF may not be used by two threads."""

DPI = 110
"""Of a blank as it is shown: a page is then about 900 pixels wide."""


@router.get("/office/forms")
def show_forms(request: Request, services: ServicesOf, visitor: Reviewer) -> Response:
    return visitor.page(request, "forms", forms=known_forms(services))


@router.get("/office/forms/{form_id}")
def show_form(form_id: str, request: Request, services: ServicesOf, visitor: Reviewer) -> Response:
    return visitor.page(
        request,
        "form",
        form=_form(services, form_id),
        label=lambda region: region_label(region, region.id, region.kind, visitor.language),
        page_label=lambda page: page_label(page.name, page.page, visitor.language),
    )


@router.get("/office/forms/{form_id}/pages/{number}")
def show_blank(form_id: str, number: int, services: ServicesOf, visitor: Reviewer) -> Response:
    """A described page of the blank, as PNG; its address names the package's version."""
    form = _form(services, form_id)
    if number not in {page.page for page in form.pages}:
        raise ProblemError("not-found")
    kept = {"Cache-Control": f"private, max-age={A_YEAR}, immutable"}
    return Response(_blank(form.blank, form.version, number), media_type="image/png", headers=kept)


def _form(services: Services, form_id: str) -> Template:
    form = next((form for form in known_forms(services) if form.id == form_id), None)
    if form is None:
        raise ProblemError("not-found")
    return form


@lru_cache(maxsize=32)
def _blank(blank: Path, _version: str, number: int) -> bytes:
    with ONE_AT_A_TIME, pymupdf.open(blank) as document:
        page = document[number - 1]
        page.remove_rotation()
        return page.get_pixmap(dpi=DPI, alpha=False).tobytes("png")
