"""The cover: whose agreement it is, and who issued it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from forms.faces import HEI, SONG_BOLD
from forms.fields import FIELDS, Field, place
from forms.national.edition import TITLE, Edition, draw_serial
from forms.sheet import Sheet
from scanservice.geometry import Box

MIDDLE = 105.0
LABELS = (44.0, 74.0)
LINES = (78.0, 166.0)
"""From where to where labels are spread, and the lines to write on reach."""
PITCH = 15.5
UNDER = 4.6
"""A line to write on lies so far below the middle of its label."""
WRITING = 11.0


def cover(edition: Edition) -> Sheet:
    """Title, issuer, year, and four lines: graduate, department and major, employer, school."""
    sheet = Sheet(1, "cover")
    draw_serial(sheet, "cover_serial", edition.serial, edition.serial.cover)
    for region_id, y, words, size, spacing in (
        ("cover_school", 48.0, edition.school, 22, 3.0),
        ("cover_title_upper", 72.0, TITLE[:8], 27, 1.6),
        ("cover_title", 92.0, TITLE[8:], 36, 3.2),
    ):
        box = sheet.text(MIDDLE, y, words, size, SONG_BOLD, align="center", spacing=spacing)
        sheet.print_region(region_id, box, words)
    year = sheet.text(MIDDLE, 112.0, edition.year, 18, HEI, align="center", spacing=1.0)
    sheet.print_region("cover_year", year, edition.year)
    _lines(sheet, edition)
    date, _ = sheet.date(150.0, 232.0, 15, gaps=(24.0, 16.0, 16.0), height=9.0)
    sheet.region("cover_date", "free", date, label="日期")
    issuer = f"{edition.office} 制"
    office = sheet.text(MIDDLE, 254.0, issuer, 15, SONG_BOLD, align="center", spacing=0.6)
    sheet.print_region("cover_office", office, issuer)
    for number, note in enumerate(edition.cover_notes):
        box = sheet.text(MIDDLE, 266.0 + 5.4 * number, note, 9, align="center")
        sheet.print_region(f"cover_note_{number + 1}", box, note)
    return sheet


def _lines(sheet: Sheet, edition: Edition) -> None:
    left, right = LINES
    student = replace(FIELDS["student_name"], id="cover_student", label="毕业生")
    college = replace(FIELDS["student_college"], id="cover_college", label="系别")
    major = replace(FIELDS["student_major"], id="cover_major")
    employer = replace(FIELDS["employer_name"], id="cover_employer", label="用人单位")
    rows: Sequence[tuple[str, Sequence[tuple[Field | None, float, float]]]] = (
        ("毕业生", [(student, left, right)]),
        ("系别及专业", [(college, left, 116.5), (major, 119.5, right)]),
        ("用人单位", [(employer, left, right)]),
        ("学校名称", [(None, left, right)]),
    )
    y = 158.0
    for label, places in rows:
        sheet.spread(*LABELS, y, label, 16)
        sheet.text(LABELS[1] + 0.3, y, "：", 16)
        for field, x0, x1 in places:
            sheet.line(x0, y + UNDER, x1, y + UNDER, 0.25)
            if field is not None:
                place(sheet, field, Box(x0, y + UNDER - WRITING, x1, y + UNDER - 0.35))
        y += PITCH
    x = (left + right) / 2
    school = sheet.text(x, y - PITCH, edition.school, 16, SONG_BOLD, align="center", spacing=1.2)
    sheet.print_region("cover_school_name", school, edition.school)
