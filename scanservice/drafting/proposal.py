"""Regions proposed for a page, and the page's context: whose part it is, what was named before."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from scanservice.drafting.grid import Run, around
from scanservice.drafting.labels import Group, Meaning, dictionary
from scanservice.drafting.paper import Glyph
from scanservice.geometry import Box
from scanservice.template import Owner, RegionKind

RULE_CLEARANCE_MM = 0.35
"""A region's box keeps this far from the middle of a rule, so that no print lies in it."""
YEAR_MM = 18.0
"""Room that the four digits of a year take up at most."""
WRITING_MM = 8.0
"""The height that handwriting on a line takes up: what ruled forms leave."""


@dataclass(frozen=True)
class Proposal:
    """A region as drafted.

    Attributes:
        name: what its id is made of; made unique later.
        remark: what a person has to look at, empty where the draft is sure.
    """

    name: str
    kind: RegionKind
    box: Box
    keys: Mapping[str, Any] = field(default_factory=dict)
    remark: str = ""


@dataclass
class Context:
    """What the words read so far on a page say of the next ones.

    Attributes:
        section: whose part of the form this is.
        row: the group of the last label on the present row, and the row's middle (mm).
        used: values already given a region on this page.
    """

    section: Owner | None = None
    row: tuple[float, Group] | None = None
    last: Group | None = None
    used: set[str] = field(default_factory=set)

    def group(self, y: float) -> Group | None:
        """The group in which a label on a line at `y` is to be read."""
        if self.row is not None and abs(self.row[0] - y) <= 2.0:
            return self.row[1]
        if self.section == "student":
            return "student"
        if self.section is not None or self.last is not None:
            return "employer" if self.last == "archive" or self.last is None else self.last
        return None

    def settle(self, meaning: Meaning, y: float) -> tuple[str, ...]:
        """The values a label has here; remembers them for the labels after it."""
        group = meaning.group(self.group(y))
        if all(value in self.used for value in meaning.values[group]) and "archive" in meaning.values:
            # A second 联系人 or 邮政编码 in the employer's part is the archive receiver's.
            group = "archive" if self.last == "archive" else group
        self.row, self.last = (y, group), group
        values = meaning.values[group]
        self.used.update(values)
        return values


def text_proposal(value: str, label: str, box: Box, remark: str = "") -> Proposal:
    """A region to be filled in with a value of the case."""
    book = dictionary()
    compare = book.comparators[value]
    keys: dict[str, Any] = {"label": label, "value": value, "compare": compare}
    keys["required"] = value not in book.optional
    if compare == "choice":
        keys["choices"] = dict(book.natures)
        remark = remark or "the choices are the usual codes: keep those that this form offers"
    return Proposal(name_of(value), "text", box, keys, remark)


def print_proposal(run: Run, name: str) -> Proposal:
    return Proposal(name, "print", run.box.grown(0.6), {"text": run.text})


def name_of(value: str) -> str:
    """The id of a value's region: `student.name` is student_name, `entry.employer_name` employer_name."""
    part, _, key = value.partition(".")
    return f"student_{key}" if part == "student" else key


def dates(lines: Sequence[Sequence[Run]], room: Box) -> Iterator[tuple[Box, tuple[Box, ...], set[int]]]:
    """Every printed `年 月 日` with room to write in.

    Args:
        room: what the places to write in must lie in: the cell or the page.

    Yields:
        The date's box, its three places to write in, and the ids of its glyphs (`id()`).
    """
    for line in lines:
        glyphs = [glyph for run in line for glyph in run.glyphs]
        for number, glyph in enumerate(glyphs[:-2]):
            trio = glyphs[number : number + 3]
            if "".join(item.char for item in trio) != "年月日":
                continue
            before = glyphs[number - 1].box.right if number else room.left
            yield _date(trio, max(before, room.left, glyph.box.left - YEAR_MM), room)


def _date(trio: Sequence[Glyph], start: float, room: Box) -> tuple[Box, tuple[Box, ...], set[int]]:
    box = around(glyph.box for glyph in trio)
    height = min(max(trio[0].size * 1.9, 7.0), WRITING_MM + 1.0)
    top = max(box.center[1] - height / 2, room.top)
    bottom = min(box.center[1] + height / 2, room.bottom)
    edges = [start, *(glyph.box.right for glyph in trio)]
    cells = tuple(
        Box(edge + 0.3, top, glyph.box.left - 0.3, bottom)
        for edge, glyph in zip(edges, trio, strict=False)
        if glyph.box.left - edge > 2.0
    )
    whole = Box(start, top, box.right, bottom)
    return whole, cells if len(cells) == 3 else (), {id(glyph) for glyph in trio}


def date_proposal(owner: Owner | None, box: Box, cells: Sequence[Box]) -> Proposal:
    """A date's region, by whose date it is; one that the case does not hold may say anything."""
    name = f"{owner or 'some'}_date"
    value = {"student": "entry.student_signed_on", "employer": "entry.employer_signed_on"}.get(owner or "")
    if value is None:
        return Proposal(name, "free", box, {"label": "日期"})
    keys: dict[str, Any] = {"label": "日期", "value": value, "compare": "date", "required": True}
    if cells:
        keys["cells"] = tuple(cells)
    return Proposal(name, "text", box, keys)


def is_label(run: Run) -> bool:
    """Whether words ask for something after them: they end with a colon."""
    return run.text.endswith((":", "："))


def serial_label(words: str) -> bool:
    """Whether words head the form's own printed number."""
    squeezed = re.sub(r"[\s：:．.]", "", words)
    return bool(re.fullmatch(r"(?:.{0,6}编号|N[Oo]|编号N[Oo]|协议书?号|.{0,4}协议书?编号)", squeezed))
