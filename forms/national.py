"""The national layout of the paper agreement, 全国普通高等学校毕业生就业协议书, and its editions.

Every university prints this layout with its own issuer lines, numbering and small changes of rows; an
`Edition` names what differs. Three pages: cover, agreement table, clauses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from forms.faces import HEI, SONG, SONG_BOLD, Face
from forms.fields import Field
from forms.sheet import FRAME, RULE, Align, Sheet, inset
from scanservice.geometry import Box

TITLE = "全国普通高等学校毕业生就业协议书"


@dataclass(frozen=True)
class Serial:
    """How an edition numbers its papers: the printed label, and the place of the number on two pages.

    Attributes:
        cover, agreement: left end and middle line of the number's place, mm.
        width: of the place.
    """

    pattern: str
    ink: str
    cover: tuple[float, float]
    agreement: tuple[float, float]
    label: str = "编号："
    width: float = 44.0


@dataclass(frozen=True)
class Edition:
    """What one university's edition of one year prints its own way."""

    school: str
    office: str
    year: str
    edition: str
    serial: Serial
    student: Sequence[Sequence[Field]]
    employer: Sequence[Sequence[Field]]
    clauses: Sequence[str]
    notes: Sequence[str]
    cover_notes: Sequence[str]
    edition_at: Align = "left"
    body: Face = SONG
    bold: Face = SONG_BOLD
    cover_title: tuple[float, float] = (72.0, 92.0)
    row_height: float = 9.0
    table_top: float = 33.0
    college_heading: str = "院（系）意见："
    office_heading: str = "学校就业部门意见："
    heights: dict[str, float] = field(
        default_factory=lambda: {"wish": 27.0, "employer": 46.0, "school": 41.0, "remark": 14.0}
    )


LEFT, RIGHT = 18.0, 193.0
SIDE = 9.0
INNER = LEFT + SIDE


def cover(edition: Edition) -> Sheet:
    """The cover: whose agreement it is, and who issued it."""
    sheet = Sheet(1, "cover")
    _serial(sheet, "cover_serial", edition.serial, edition.serial.cover, edition.body)
    first, second = edition.cover_title
    school = sheet.text(105, first - 24, edition.school, 22, edition.bold, align="center", spacing=3)
    sheet.print_region("cover_school", school, edition.school)
    upper = sheet.text(105, first, TITLE[:8], 27, edition.bold, align="center", spacing=1.6)
    lower = sheet.text(105, second, TITLE[8:], 36, edition.bold, align="center", spacing=3.2)
    sheet.print_region("cover_title_upper", upper, TITLE[:8])
    sheet.print_region("cover_title", lower, TITLE[8:])
    year = sheet.text(105, second + 20, edition.year, 18, HEI, align="center", spacing=1.0)
    sheet.print_region("cover_year", year, edition.year)
    _cover_fields(sheet, edition, 158.0)
    box, _ = sheet.date(150.0, 232.0, 15, gaps=(24.0, 16.0, 16.0), height=9.0, face=edition.body)
    sheet.region("cover_date", "free", box, label="日期")
    issuer = f"{edition.office} 制"
    office = sheet.text(105, 254, issuer, 15, edition.bold, align="center", spacing=0.6)
    sheet.print_region("cover_office", office, issuer)
    y = 266.0
    for number, note in enumerate(edition.cover_notes, 1):
        place = sheet.text(105, y, note, 9, edition.body, align="center")
        sheet.print_region(f"cover_note_{number}", place, note)
        y += 5.4
    return sheet


def _cover_fields(sheet: Sheet, edition: Edition, top: float) -> None:
    left, label_right, line_left, line_right, pitch = 44.0, 74.0, 78.0, 166.0, 15.5
    labels = ["毕业生", "系别及专业", "用人单位", "学校名称"]
    for number, label in enumerate(labels):
        y = top + number * pitch
        sheet.spread(left, label_right, y, label, 16, edition.body)
        sheet.text(label_right + 0.3, y, "：", 16, edition.body)
        base = y + 4.6
        if label == "系别及专业":
            middle = 118.0
            sheet.line(line_left, base, middle - 1.5, base, 0.25)
            sheet.line(middle + 1.5, base, line_right, base, 0.25)
        else:
            sheet.line(line_left, base, line_right, base, 0.25)
    place = sheet.text(
        (line_left + line_right) / 2,
        top + 3 * pitch,
        edition.school,
        16,
        edition.bold,
        align="center",
        spacing=1.2,
    )
    sheet.print_region("cover_school_name", place, edition.school)

    def blank(row: int, x0: float, x1: float) -> Box:
        y = top + row * pitch
        return Box(x0, y - 6.4, x1, y + 4.25)

    common: dict[str, Any] = {"required": True}
    sheet.region(
        "cover_student",
        "text",
        blank(0, line_left, line_right),
        label="毕业生",
        value="student.name",
        compare="name",
        **common,
    )
    sheet.region(
        "cover_college",
        "text",
        blank(1, line_left, 116.5),
        label="系别",
        value="student.college",
        compare="text",
        **common,
    )
    sheet.region(
        "cover_major",
        "text",
        blank(1, 119.5, line_right),
        label="专业",
        value="student.major",
        compare="text",
        **common,
    )
    sheet.region(
        "cover_employer",
        "text",
        blank(2, line_left, line_right),
        label="用人单位",
        value="entry.employer_name",
        compare="organisation",
        **common,
    )


def agreement(edition: Edition) -> Sheet:
    """The table that student, employer and school fill in, sign and seal."""
    sheet = Sheet(2, "agreement")
    title = sheet.text(105, 17.5, TITLE, 17, edition.bold, align="center", spacing=0.7)
    sheet.print_region("agreement_title", title, TITLE)
    x = {"left": LEFT, "center": 105.0, "right": RIGHT}[edition.edition_at]
    y = edition.serial.agreement[1]
    line = sheet.text(x, y, edition.edition, 10.5, edition.body, align=edition.edition_at)
    sheet.print_region("agreement_edition", line, edition.edition)
    _serial(sheet, "agreement_serial", edition.serial, edition.serial.agreement, edition.body)
    y = edition.table_top
    for block in (_student_block, _employer_block, _school_block, _remark_block):
        y = block(sheet, edition, y)
    sheet.frame(Box(LEFT, edition.table_top, RIGHT, y), FRAME)
    y += 4.0
    for number, note in enumerate(edition.notes, 1):
        place = sheet.text(LEFT, y, note, 8.5, edition.body)
        sheet.print_region(f"agreement_note_{number}", place, note, 0.4)
        y += 4.4
    foot = f"{edition.school} 制"
    place = sheet.text(RIGHT, y + 0.6, foot, 10.5, edition.body, align="right")
    sheet.print_region("agreement_issuer", place, foot)
    return sheet


def _serial(sheet: Sheet, region_id: str, serial: Serial, at: tuple[float, float], face: Face) -> None:
    x, y = at
    label = sheet.text(x - 1.0, y, serial.label, 10.5, face, align="right")
    sheet.print_region(f"{region_id}_label", label, serial.label.removesuffix("："), 0.4)
    sheet.region(
        region_id,
        "serial",
        Box(x, y - 4.2, x + serial.width, y + 4.2),
        label="编号",
        required=True,
        pattern=serial.pattern,
        ink=serial.ink,
    )


def _side(sheet: Sheet, edition: Edition, region_id: str, words: str, top: float, bottom: float) -> None:
    box = Box(LEFT, top, INNER, bottom)
    sheet.frame(box)
    place = sheet.stack(box, words, 11, HEI)
    sheet.print_region(region_id, place, words, 0.8)


def _row(sheet: Sheet, edition: Edition, top: float, fields: Sequence[Field]) -> float:
    x, bottom = INNER, top + edition.row_height
    for item in fields:
        label = Box(x, top, x + item.label_width, bottom)
        sheet.frame(label)
        size = 10.5 if "|" not in item.words else 9.0
        sheet.label(label, item.words, size, edition.body)
        x = label.right + item.width
        cell = Box(label.right, top, x, bottom)
        sheet.frame(cell)
        sheet.region(
            item.id,
            "text",
            inset(cell),
            label=item.label,
            value=item.value,
            compare=item.compare,
            required=item.required,
            choices=item.choices,
        )
    if abs(x - RIGHT) > 1e-6:
        raise ValueError(f"the row of {fields[0].id} ends at {x} mm, not at the table's edge")
    return bottom


def _student_block(sheet: Sheet, edition: Edition, top: float) -> float:
    y = top
    for fields in edition.student:
        y = _row(sheet, edition, y, fields)
    bottom = y + edition.heights["wish"]
    label = Box(INNER, y, INNER + 20, bottom)
    sheet.frame(label)
    sheet.label(label, "应聘意见", 10.5, edition.body)
    cell = Box(label.right, y, RIGHT, bottom)
    sheet.frame(cell)
    sheet.region("student_wish", "free", Box(cell.left + 1, y + 1, cell.right - 1, y + 11), label="应聘意见")
    base = bottom - 5.0
    words = sheet.text(cell.left + 24, base, "毕业生签名：", 10.5, edition.body)
    sheet.region(
        "student_signature",
        "signature",
        Box(words.right + 0.5, base - 8.0, words.right + 39, bottom - 0.6),
        label="签名",
        owner="student",
        required=True,
    )
    box, cells = sheet.date(cell.right - 4, base, face=edition.body)
    _date(sheet, "student_date", box, cells, "entry.student_signed_on", "毕业生签名日期")
    _side(sheet, edition, "agreement_student", "毕业生情况及意见", top, bottom)
    return bottom


def _date(sheet: Sheet, region_id: str, box: Box, cells: Sequence[Box], value: str, label: str) -> None:
    sheet.region(region_id, "text", box, label=label, value=value, compare="date", required=True, cells=cells)


def _employer_block(sheet: Sheet, edition: Edition, top: float) -> float:
    y = top
    for fields in edition.employer:
        y = _row(sheet, edition, y, fields)
    bottom = y + edition.heights["employer"]
    middle = (INNER + RIGHT) / 2
    own = Box(INNER, y, middle, bottom)
    box, cells = _opinion(sheet, edition, own, "用人单位意见：", "（公章）", "agreement_employer_opinion")
    sheet.region(
        "employer_seal", "seal", _seal_place(own), label="用人单位公章", owner="employer", required=True
    )
    _date(sheet, "employer_date", box, cells, "entry.employer_signed_on", "用人单位盖章日期")
    above = Box(middle, y, RIGHT, bottom)
    box, _ = _opinion(sheet, edition, above, "上级主管部门意见：", "（公章）", "agreement_authority_opinion")
    sheet.text(above.left + 2, y + 9.4, "（有用人自主权的单位，此栏可略）", 8.5, edition.body)
    sheet.region(
        "authority_seal",
        "seal",
        _seal_place(above),
        label="上级主管部门公章",
        owner="authority",
        required=False,
    )
    sheet.region("authority_date", "free", box, label="上级主管部门日期")
    _side(sheet, edition, "agreement_employer", "用人单位情况及意见", top, bottom)
    return bottom


def _seal_place(cell: Box) -> Box:
    """A seal may stand anywhere in its cell."""
    return inset(cell)


def _opinion(
    sheet: Sheet, edition: Edition, cell: Box, heading: str, seal: str, region_id: str
) -> tuple[Box, tuple[Box, ...]]:
    """An opinion's cell: heading, where to seal, and a date at its foot."""
    sheet.frame(cell)
    place = sheet.text(cell.left + 2, cell.top + 4.6, heading, 10.5, edition.body)
    sheet.print_region(region_id, place, heading.removesuffix("："))
    sheet.text(cell.right - 30, cell.bottom - 13.0, seal, 10.5, edition.body, align="center")
    return sheet.date(cell.right - 4, cell.bottom - 5.4, face=edition.body, gaps=(15.0, 10.5, 10.5))


def _school_block(sheet: Sheet, edition: Edition, top: float) -> float:
    bottom = top + edition.heights["school"]
    middle = (INNER + RIGHT) / 2
    halves = [
        ("college", Box(INNER, top, middle, bottom), edition.college_heading),
        ("school", Box(middle, top, RIGHT, bottom), edition.office_heading),
    ]
    for owner, cell, heading in halves:
        box, _ = _opinion(sheet, edition, cell, heading, "（公章）", f"agreement_{owner}_opinion")
        sheet.region(
            f"{owner}_seal",
            "seal",
            _seal_place(cell),
            label=heading.removesuffix("意见：") + "公章",
            owner=owner,
            required=False,
        )
        sheet.region(f"{owner}_date", "free", box, label=heading.removesuffix("意见：") + "日期")
    _side(sheet, edition, "agreement_school", "学校意见", top, bottom)
    return bottom


def _remark_block(sheet: Sheet, edition: Edition, top: float) -> float:
    bottom = top + edition.heights["remark"]
    label = Box(LEFT, top, INNER + 20, bottom)
    sheet.frame(label)
    sheet.label(label, "备注", 10.5, edition.body)
    cell = Box(label.right, top, RIGHT, bottom)
    sheet.frame(cell)
    sheet.region("remark", "free", inset(cell), label="备注")
    return bottom


def clauses(edition: Edition) -> Sheet:
    """The printed clauses; an upload need not show them."""
    sheet = Sheet(3, "clauses", required=False)
    heading = sheet.text(105, 27, "协 议 条 款", 18, edition.bold, align="center", spacing=1.0)
    sheet.print_region("clauses_heading", heading, "协议条款")
    y = 40.0
    first: Box | None = None
    for clause in edition.clauses:
        box = sheet.paragraph(Box(22, y, 188, 297), clause, 11.5, edition.body, leading=1.72)
        first = first or box
        y = box.bottom + 1.6
    if first is not None:
        sheet.print_region("clauses_first", first, edition.clauses[0], 0.5)
    sheet.line(22, 268, 188, 268, RULE)
    place = sheet.text(22, 273, edition.edition, 9.5, edition.body)
    sheet.print_region("clauses_edition", place, edition.edition)
    foot = f"{edition.office} 制"
    place = sheet.text(188, 273, foot, 9.5, edition.body, align="right")
    sheet.print_region("clauses_issuer", place, foot)
    return sheet


def sheets(edition: Edition) -> list[Sheet]:
    return [cover(edition), agreement(edition), clauses(edition)]
