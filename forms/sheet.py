"""A page of a form: primitives in millimetres that draw print and describe regions in one step.

What is drawn is kept as a list and written out by `forms.publish`; the regions are noted beside it,
so that a box in template.yaml cannot drift from the line on the paper. Coordinates are those of the
template package: millimetres from the top left corner.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from forms.faces import HEI, SONG, Face, advance
from scanservice.drafting.writing import rounded
from scanservice.geometry import Box

Color = tuple[float, float, float]
Align = Literal["left", "center", "right"]

BLACK: Color = (0.0, 0.0, 0.0)
POINT_MM = 25.4 / 72
EM_MIDDLE = 0.38
"""The baseline lies so far (ems) below the middle of an ideograph: CJK faces put it at 0.88 of the em box."""

FRAME = 0.5
RULE = 0.22
CLEARANCE = 0.35
"""Between the middle of a rule and a region's box, mm: half a rule and what a printer's dot gain adds."""

NO_LINE_START = "，。、；：！？）》」』】”’%"


@dataclass(frozen=True, slots=True)
class Run:
    """Characters of one face on one baseline, each at its own place."""

    face: Face
    size: float
    color: Color
    glyphs: tuple[tuple[str, float, float], ...]


@dataclass(frozen=True, slots=True)
class Stroke:
    start: tuple[float, float]
    end: tuple[float, float]
    width: float
    color: Color = BLACK

    @property
    def ends(self) -> tuple[tuple[float, float], tuple[float, float]]:
        return self.start, self.end

    def forward(self) -> Stroke:
        """The same stroke drawn rightwards or downwards, by which its doubles are known."""
        return self if self.start <= self.end else replace(self, start=self.end, end=self.start)


@dataclass(frozen=True, slots=True)
class Fill:
    box: Box
    color: Color


Mark = Run | Stroke | Fill


@dataclass
class Sheet:
    """One page under construction.

    Attributes:
        size: width and height, mm.
        marks: what is printed, in order; regions: mappings as template.yaml holds them.
    """

    number: int
    name: str
    required: bool = True
    size: tuple[float, float] = (210.0, 297.0)
    marks: list[Mark] = field(default_factory=list)
    regions: list[dict[str, Any]] = field(default_factory=list)

    # ------------------------------------------------------------ lines

    def line(
        self, x0: float, y0: float, x1: float, y1: float, width: float = RULE, color: Color = BLACK
    ) -> None:
        self.marks.append(Stroke((x0, y0), (x1, y1), width, color))

    def frame(self, box: Box, width: float = RULE, color: Color = BLACK) -> None:
        corners = [(box.left, box.top), (box.right, box.top), (box.right, box.bottom), (box.left, box.bottom)]
        for start, end in zip(corners, corners[1:] + corners[:1], strict=True):
            self.marks.append(Stroke(start, end, width, color))

    def fill(self, box: Box, color: Color) -> None:
        self.marks.append(Fill(box, color))

    # ------------------------------------------------------------ words

    def text(
        self,
        x: float,
        y: float,
        words: str,
        size: float,
        face: Face = SONG,
        *,
        align: Align = "left",
        spacing: float = 0.0,
        color: Color = BLACK,
    ) -> Box:
        """A line of text.

        Args:
            x: its left end, middle or right end, as `align` says.
            y: the middle of its em box.
            size: in points. spacing: mm between characters.

        Returns:
            Its em box.
        """
        em = size * POINT_MM
        widths = [advance(face, character) * em for character in words]
        total = sum(widths) + spacing * (len(words) - 1)
        left = x - {"left": 0.0, "center": total / 2, "right": total}[align]
        glyphs, at = [], left
        for character, width in zip(words, widths, strict=True):
            glyphs.append((character, at, y + EM_MIDDLE * em))
            at += width + spacing
        self.marks.append(Run(face, size, color, tuple(glyphs)))
        return Box(left, y - em / 2, left + total, y + em / 2)

    def spread(self, x0: float, x1: float, y: float, words: str, size: float, face: Face = SONG) -> Box:
        """A line of text whose characters are spread evenly from x0 to x1, as labels of forms are."""
        em = size * POINT_MM
        total = sum(advance(face, character) * em for character in words)
        if len(words) == 1:
            return self.text((x0 + x1) / 2, y, words, size, face, align="center")
        return self.text(x0, y, words, size, face, spacing=(x1 - x0 - total) / (len(words) - 1))

    def stack(self, box: Box, words: str, size: float, face: Face = HEI, pitch: float = 1.25) -> Box:
        """Characters one under the other, in the middle of a box; a space leaves half a place."""
        em = size * POINT_MM
        steps = [0.5 if character == " " else pitch for character in words]
        y = box.center[1] - sum(steps) * em / 2
        top = y
        for character, step in zip(words, steps, strict=True):
            if character != " ":
                self.text(box.center[0], y + step * em / 2, character, size, face, align="center")
            y += step * em
        return Box(box.center[0] - em / 2, top, box.center[0] + em / 2, y)

    def label(self, box: Box, words: str, size: float = 10.5, face: Face = SONG) -> None:
        """A label in the middle of its cell; `|` breaks lines; two characters are set apart."""
        lines = words.split("|")
        em = size * POINT_MM
        pitch = em * 1.22
        y = box.center[1] - pitch * (len(lines) - 1) / 2
        for line in lines:
            spacing = em if len(line) == 2 and len(lines) == 1 else 0.0
            self.text(box.center[0], y, line, size, face, align="center", spacing=spacing)
            y += pitch

    def paragraph(
        self,
        box: Box,
        words: str,
        size: float,
        face: Face = SONG,
        *,
        leading: float = 1.6,
        indent: float = 2.0,
    ) -> Box:
        """Text broken into lines from the top of a box, justified but for its last line.

        Args:
            leading: line pitch in ems. indent: of the first line, in ems.

        Returns:
            The box that the text fills; it may reach below `box`.
        """
        em = size * POINT_MM
        y = box.top + leading * em / 2
        left = box.left + indent * em
        for line, full in _broken(words, face, em, box.width, indent * em):
            if full:
                self.spread(left, box.right, y, line, size, face)
            else:
                self.text(left, y, line, size, face)
            left = box.left
            y += leading * em
        return Box(box.left, box.top, box.right, y - leading * em / 2)

    # ------------------------------------------------------------ regions

    def region(self, region_id: str, kind: str, box: Box, **keys: Any) -> None:
        """Notes a region of the template; keys that are None are left out."""
        entry: dict[str, Any] = {"id": region_id, "kind": kind, "box": rounded(box)}
        for key, value in keys.items():
            if value is not None:
                entry[key] = [rounded(cell) for cell in value] if key == "cells" else value
        self.regions.append(entry)

    def print_region(self, region_id: str, box: Box, text: str, margin: float = 0.6) -> None:
        """Notes print that tells this form from its neighbours."""
        self.region(region_id, "print", box.grown(margin), text=text)

    def date(
        self,
        right: float,
        y: float,
        size: float = 10.5,
        *,
        gaps: tuple[float, float, float] = (16.0, 11.0, 11.0),
        height: float = 7.0,
        face: Face = SONG,
    ) -> tuple[Box, tuple[Box, ...]]:
        """A printed `年 月 日` that ends at `right`.

        Returns:
            Its box from the year's place to the end, and the three places to write in.
        """
        em = size * POINT_MM
        at = right - sum(gaps) - 3 * em
        left, cells = at, []
        for gap, word in zip(gaps, "年月日", strict=True):
            cells.append(Box(at + 0.3, y - height / 2, at + gap - 0.3, y + height / 2))
            self.text(at + gap, y, word, size, face)
            at += gap + em
        return Box(left, y - height / 2, right, y + height / 2), tuple(cells)


def _broken(words: str, face: Face, em: float, width: float, indent: float) -> Sequence[tuple[str, bool]]:
    """Lines of a paragraph, each with whether it is full; no line begins with closing punctuation."""
    lines: list[tuple[str, bool]] = []
    line, room = "", width - indent
    for character in words:
        need = advance(face, character) * em
        if need > room + 1e-9 and line:
            carried = ""
            if character in NO_LINE_START:
                line, carried = line[:-1], line[-1]
            lines.append((line, True))
            line, room = carried, width - sum(advance(face, c) * em for c in carried)
        line += character
        room -= need
    return [*lines, (line, False)]


def inset(box: Box, by: float = CLEARANCE) -> Box:
    """The part of a cell that is free of its rules."""
    return box.grown(-by)
