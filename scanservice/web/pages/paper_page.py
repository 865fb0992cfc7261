"""A case on one sheet of A4, for the paper file: to be printed from the browser, or as a PDF."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

import pymupdf
from fastapi import Request
from starlette.responses import Response

from scanservice.findings import Language
from scanservice.service import cases, decisions, drawing, scans
from scanservice.service.database import Record
from scanservice.service.refusals import RefusedError
from scanservice.service.services import Services
from scanservice.web.api.shared import ScanId
from scanservice.web.auth import ServicesOf
from scanservice.web.pages.case_page import person
from scanservice.web.pages.case_view import ScanView, scan_view
from scanservice.web.pages.forms_page import ONE_AT_A_TIME
from scanservice.web.pages.queue_page import title
from scanservice.web.pages.rendering import moment
from scanservice.web.pages.visitors import Reviewer, page_router
from scanservice.web.pages.wording import Words, page_words

router = page_router()

A4 = pymupdf.paper_rect("a4")
MARGIN = 42.0
FONT, FONT_SIZE = "china-s", 9.5
"""MuPDF's own fonts, so that a sheet is the same on every machine."""
CSS = """
* { font-family: sans-serif; }
p { font-size: 9.5px; line-height: 1.5; margin: 0 0 2px; }
h2 { font-size: 10.5px; margin: 10px 0 3px; }
b { color: #444; font-weight: normal; }
"""
PICTURE_WIDE = 220.0
MOST_LINES = 30
"""Findings and decisions beyond it are on the screen: the sheet is one page."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What stands on a sheet: facts as pairs, then what was found, then what was decided."""

    name: str
    facts: tuple[tuple[str, str], ...]
    verdict: str
    findings: tuple[str, ...]
    decided: tuple[str, ...]
    picture: int | None
    version: str


def load_sheet(services: Services, scan: str, language: Language) -> Sheet:
    """Raises RefusedError: `scan-unknown`, `closed` where there is no verdict yet."""
    t = page_words(language)
    with services.db.read() as tx:
        detail = scans.detail(tx, scan, language)
        if detail["verdict"] is None:
            raise RefusedError("closed", "The scan has no verdict yet.")
        row = scans.get_scan(tx, scan)
        case = cases.facts_of(cases.get_case(tx, row.case_id))
        made = decisions.history(tx, scan)
    view = scan_view(services, detail["verdict"], (), language)
    entry = case.entry
    facts = (
        (t("queue.student"), case.student.name),
        (t("case.number"), case.student.number or "—"),
        (t("queue.college"), case.student.college or "—"),
        (t("case.serial"), (entry.serial if entry else None) or "—"),
        (t("paper_sheet.employer"), (entry.employer_name if entry else None) or "—"),
        (t("paper_sheet.archive"), (entry.archive_receiver if entry else None) or "—"),
        (t("case.received"), moment(row.created_at, services.settings.time_zone)),
        (t("paper_sheet.scan"), scan),
    )
    zone = services.settings.time_zone
    return Sheet(
        name=case.student.name,
        facts=facts,
        verdict=t(f"verdict.{view.verdict}"),
        findings=tuple(f"{one.number}. {one.message}（{one.clause}）" for one in view.findings),
        decided=tuple(line for one in made for line in _decided(one, language, zone)),
        picture=_fullest(view) if row.pictures_gone_at is None else None,
        version=drawing.version(row, "straight"),
    )


def _decided(made: Record, language: Language, zone: str) -> Iterator[str]:
    t = page_words(language)
    said = decisions.as_dict(made)
    yield f"{moment(made.decided_at, zone)} {t(f'history.{made.action}')} · {person(made.actor)}"
    for name in ("paper_seen", "documents_seen"):
        if said[name]:
            yield f"　✓ {t(f'decide.{name}')}".replace("✓", "√")
    for reason in said["reasons"]:
        yield f"　{reason['text'] or title(reason['code'], language)}"


def _fullest(view: ScanView) -> int | None:
    """The page with the most places on it."""
    return max(view.pages, key=lambda page: len(page.outlines)).index if view.pages else None


@router.get("/review/scans/{scan}/paper")
def show_sheet(scan: ScanId, request: Request, services: ServicesOf, visitor: Reviewer) -> Response:
    return visitor.page(request, "paper", scan=scan, sheet=load_sheet(services, scan, visitor.language))


@router.get("/review/scans/{scan}/paper.pdf")
def send_pdf(scan: ScanId, services: ServicesOf, visitor: Reviewer) -> Response:
    sheet = load_sheet(services, scan, visitor.language)
    picture = None
    if sheet.picture is not None:
        picture = drawing.page_picture(services, scan, sheet.picture, "straight").data
    return Response(
        draw_pdf(sheet, picture, visitor.language),
        media_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{scan}.pdf"'},
    )


def draw_pdf(sheet: Sheet, picture: bytes | None, language: Language) -> bytes:
    """One page of A4: facts and findings at the left, the page's picture at the right, signatures below."""
    t = page_words(language)
    with ONE_AT_A_TIME, pymupdf.open() as document:
        page = document.new_page(width=A4.width, height=A4.height)
        page.insert_text((MARGIN, MARGIN + 14), t("paper_sheet.title"), fontname=FONT, fontsize=15)
        page.draw_line((MARGIN, MARGIN + 24), (A4.width - MARGIN, MARGIN + 24), width=0.6)
        left = pymupdf.Rect(MARGIN, MARGIN + 34, A4.width - MARGIN - PICTURE_WIDE - 14, A4.height - 110)
        if picture is None:
            left.x1 = A4.width - MARGIN
        else:
            right = pymupdf.Rect(
                left.x1 + 14, MARGIN + 34, A4.width - MARGIN, MARGIN + 34 + PICTURE_WIDE * 1.42
            )
            page.insert_image(right, stream=picture)
        page.insert_htmlbox(left, _html(sheet, t), css=CSS)  # it shrinks what is too long for the column
        below = A4.height - 70
        page.insert_text((MARGIN, below), t("paper_sheet.signed"), fontname=FONT, fontsize=FONT_SIZE)
        document.subset_fonts()  # the whole Chinese font is two megabytes
        return document.tobytes(garbage=3, deflate=True)


def _html(sheet: Sheet, t: Words) -> str:
    facts = "".join(f"<p><b>{escape(name)}</b>　{escape(value)}</p>" for name, value in sheet.facts)
    found = sheet.findings or (t("case.none"),)
    decided = sheet.decided or (t("paper_sheet.undecided"),)
    parts = [
        (f"{t('queue.verdict')}：{sheet.verdict}", found[:MOST_LINES]),
        (t("decide.title"), decided[-MOST_LINES:]),
    ]
    return facts + "".join(
        f"<h2>{escape(head)}</h2>" + "".join(f"<p>{escape(line)}</p>" for line in lines)
        for head, lines in parts
    )
