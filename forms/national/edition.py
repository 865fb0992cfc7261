"""What one university's edition of the national form prints its own way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from forms.fields import Field
from forms.sheet import Align, Sheet
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
    """What one university's edition of one year prints its own way.

    Attributes:
        year: the line under the cover's title; `edition`: the line above the table.
        student, employer: the rows of the table's two upper parts.
        notes, cover_notes: the small print under the table and on the cover.
    """

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


def draw_serial(sheet: Sheet, region_id: str, serial: Serial, at: tuple[float, float]) -> None:
    """The label of the number, and its place, which stays empty until the paper is numbered."""
    x, y = at
    label = sheet.text(x - 1.0, y, serial.label, 10.5, align="right")
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
