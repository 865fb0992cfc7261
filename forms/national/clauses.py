"""The printed clauses; an upload need not show them."""

from __future__ import annotations

from forms.faces import SONG_BOLD
from forms.national.edition import Edition
from forms.sheet import RULE, Sheet
from scanservice.geometry import Box


def clauses(edition: Edition) -> Sheet:
    """The printed clauses; an upload need not show them."""
    sheet = Sheet(3, "clauses", required=False)
    heading = sheet.text(105, 27, "协 议 条 款", 18, SONG_BOLD, align="center", spacing=1.0)
    sheet.print_region("clauses_heading", heading, "协议条款")
    y = 40.0
    first: Box | None = None
    for clause in edition.clauses:
        box = sheet.paragraph(Box(22, y, 188, 297), clause, 11.5, leading=1.72)
        first = first or box
        y = box.bottom + 1.6
    if first is not None:
        sheet.print_region("clauses_first", first, edition.clauses[0], 0.5)
    sheet.line(22, 268, 188, 268, RULE)
    place = sheet.text(22, 273, edition.edition, 9.5)
    sheet.print_region("clauses_edition", place, edition.edition)
    foot = f"{edition.office} 制"
    place = sheet.text(188, 273, foot, 9.5, align="right")
    sheet.print_region("clauses_issuer", place, foot)
    return sheet
