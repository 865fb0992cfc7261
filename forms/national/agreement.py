"""The table that student, employer and school fill in, sign and seal."""

from __future__ import annotations

from collections.abc import Sequence

from forms.faces import HEI, SONG_BOLD
from forms.fields import FIELDS, Field, place
from forms.national.edition import TITLE, Edition, draw_serial
from forms.sheet import FRAME, Sheet, inset
from scanservice.geometry import Box

LEFT, RIGHT = 18.0, 193.0
TOP = 33.0
INNER = LEFT + 9.0
HALF = (INNER + RIGHT) / 2
ROW, WISH, EMPLOYER, SCHOOL, REMARK = 9.0, 27.0, 46.0, 41.0, 14.0
"""Heights of a row and of the cells for opinions and remarks, mm: a seal is up to 45 mm wide."""


def agreement(edition: Edition) -> Sheet:
    """Title, edition and number above a table of four parts; small print below it."""
    sheet = Sheet(2, "agreement")
    title = sheet.text(105, 17.5, TITLE, 17, SONG_BOLD, align="center", spacing=0.7)
    sheet.print_region("agreement_title", title, TITLE)
    x = {"left": LEFT, "center": 105.0, "right": RIGHT}[edition.edition_at]
    line = sheet.text(x, edition.serial.agreement[1], edition.edition, 10.5, align=edition.edition_at)
    sheet.print_region("agreement_edition", line, edition.edition)
    draw_serial(sheet, "agreement_serial", edition.serial, edition.serial.agreement)
    y = _student_part(sheet, edition, TOP)
    y = _employer_part(sheet, edition, y)
    y = _school_part(sheet, y)
    y = _remark(sheet, y)
    sheet.frame(Box(LEFT, TOP, RIGHT, y), FRAME)
    y += 4.0
    for number, note in enumerate(edition.notes, 1):
        small = sheet.text(LEFT, y, note, 8.5)
        sheet.print_region(f"agreement_note_{number}", small, note.strip(), 0.4)
        y += 4.4
    foot = f"{edition.school} 制"
    issuer = sheet.text(RIGHT, y + 0.6, foot, 10.5, align="right")
    sheet.print_region("agreement_issuer", issuer, foot)
    return sheet


def _student_part(sheet: Sheet, edition: Edition, top: float) -> float:
    y = _rows(sheet, edition.student, top)
    bottom = y + WISH
    label, cell = Box(INNER, y, INNER + 20, bottom), Box(INNER + 20, y, RIGHT, bottom)
    sheet.frame(label)
    sheet.label(label, "应聘意见")
    sheet.frame(cell)
    sheet.region("student_wish", "free", Box(cell.left + 1, y + 1, cell.right - 1, y + 11), label="应聘意见")
    base = bottom - 5.0
    words = sheet.text(cell.left + 24, base, "毕业生签名：", 10.5)
    room = Box(words.right + 0.5, base - 8.0, words.right + 39, bottom - 0.6)
    sheet.region("student_signature", "signature", room, label="签名", owner="student", required=True)
    date, cells = sheet.date(cell.right - 4, base)
    place(sheet, FIELDS["student_date"], date, cells=cells)
    _side(sheet, "agreement_student", "毕业生情况及意见", top, bottom)
    return bottom


def _employer_part(sheet: Sheet, edition: Edition, top: float) -> float:
    y = _rows(sheet, edition.employer, top)
    bottom = y + EMPLOYER
    _opinion(sheet, Box(INNER, y, HALF, bottom), "employer", "用人单位", required=True)
    above = Box(HALF, y, RIGHT, bottom)
    _opinion(sheet, above, "authority", "上级主管部门")
    sheet.text(above.left + 2, y + 9.4, "（有用人自主权的单位，此栏可略）", 8.5)
    _side(sheet, "agreement_employer", "用人单位情况及意见", top, bottom)
    return bottom


def _school_part(sheet: Sheet, top: float) -> float:
    bottom = top + SCHOOL
    _opinion(sheet, Box(INNER, top, HALF, bottom), "college", "院（系）")
    _opinion(sheet, Box(HALF, top, RIGHT, bottom), "school", "学校就业部门")
    _side(sheet, "agreement_school", "学校意见", top, bottom)
    return bottom


def _remark(sheet: Sheet, top: float) -> float:
    bottom = top + REMARK
    label, cell = Box(LEFT, top, INNER + 20, bottom), Box(INNER + 20, top, RIGHT, bottom)
    sheet.frame(label)
    sheet.label(label, "备注")
    sheet.frame(cell)
    sheet.region("remark", "free", inset(cell), label="备注")
    return bottom


def _side(sheet: Sheet, region_id: str, words: str, top: float, bottom: float) -> None:
    box = Box(LEFT, top, INNER, bottom)
    sheet.frame(box)
    sheet.print_region(region_id, sheet.stack(box, words, 11, HEI), words, 0.8)


def _rows(sheet: Sheet, rows: Sequence[Sequence[Field]], top: float) -> float:
    """Rows of labels and places to fill in; the height where they end.

    Raises:
        ValueError: a row's widths do not add up to the table's.
    """
    for fields in rows:
        x, bottom = INNER, top + ROW
        for field in fields:
            label = Box(x, top, x + field.label_width, bottom)
            sheet.frame(label)
            sheet.label(label, field.words, 9.0 if "|" in field.words else 10.5)
            x = label.right + field.width
            cell = Box(label.right, top, x, bottom)
            sheet.frame(cell)
            place(sheet, field, inset(cell))
        if abs(x - RIGHT) > 1e-6:
            raise ValueError(f"the row of {fields[0].id} ends at {x} mm, not at the table's edge")
        top = bottom
    return top


def _opinion(sheet: Sheet, cell: Box, owner: str, party: str, *, required: bool = False) -> None:
    """A party's cell: heading, where to seal (anywhere in it), and a date at its foot."""
    sheet.frame(cell)
    heading = sheet.text(cell.left + 2, cell.top + 4.6, f"{party}意见：", 10.5)
    sheet.print_region(f"agreement_{owner}_opinion", heading, f"{party}意见")
    sheet.text(cell.right - 30, cell.bottom - 13.0, "（公章）", 10.5, align="center")
    sheet.region(f"{owner}_seal", "seal", inset(cell), label=f"{party}公章", owner=owner, required=required)
    date, cells = sheet.date(cell.right - 4, cell.bottom - 5.4, gaps=(15.0, 10.5, 10.5))
    if owner == "employer":
        place(sheet, FIELDS["employer_date"], date, cells=cells)
    else:
        sheet.region(f"{owner}_date", "free", date, label=f"{party}日期")
