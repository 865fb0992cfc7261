"""What is printed on a blank: rules and characters, from the PDF's vectors or from its picture."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, cast

import cv2
import numpy as np
import pymupdf

from scanservice.drafting.straighten import render
from scanservice.geometry import MM_PER_INCH, Box, Image

POINT_MM = MM_PER_INCH / 72
MIN_RULE_MM = 5.0
"""Shorter strokes are parts of characters, arrows or codes, not of a table."""
MAX_RULE_THICKNESS_MM = 0.75
"""Table frames are printed with up to 2 pt (0.7 mm); thicker fills are bars or shades."""
RASTER_DPI = 200
FAINTEST_PRINT = 160
"""Grey value: a page with nothing darker is an empty one; printed black scans below 80."""
UNDERSCORES = "_＿﹍﹎"
EM_ASCENT = 0.88
"""CJK faces put the baseline at 0.88 of the em box."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight rule: at `at` (mm) across, from `start` to `end` along."""

    horizontal: bool
    at: float
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Glyph:
    """A printed character and its em box, mm."""

    char: str
    box: Box

    @property
    def size(self) -> float:
        return self.box.height


@dataclass(frozen=True)
class Paper:
    """One page of a blank.

    Attributes:
        size: width and height in mm.
        read: how its content was had: from the PDF's `vectors`, or from its `picture`.
    """

    size: tuple[float, float]
    rules: tuple[Rule, ...]
    glyphs: tuple[Glyph, ...]
    read: str


def read_page(page: pymupdf.Page) -> Paper:
    """The rules and characters of a page; a page without a text layer is read from its picture."""
    page.remove_rotation()  # Text and drawings are given in the page's own direction, not as shown.
    size = (page.rect.width * POINT_MM, page.rect.height * POINT_MM)
    glyphs = read_text(page)
    if glyphs:
        words, typed = _without_underscores(glyphs)
        return Paper(size, _vector_rules(page) + typed, words, "vectors")
    image = render(page, RASTER_DPI)
    glyphs = _read_glyphs(image)
    return Paper(size, _drawn_rules(image, glyphs), glyphs, "picture")


def read_text(page: pymupdf.Page) -> tuple[Glyph, ...]:
    """The characters of a page's text layer; none where the page is a picture."""
    glyphs = []
    content = cast(dict[str, Any], page.get_text("rawdict"))
    for block in content["blocks"]:
        for line in block.get("lines", ()):
            for span in line["spans"]:
                em = span["size"]
                for char in span["chars"]:
                    x, y = char["origin"]
                    right = max(char["bbox"][2], x + 0.2 * em)
                    box = (x, y - EM_ASCENT * em, right, y + (1 - EM_ASCENT) * em)
                    if char["c"].strip():
                        glyphs.append(Glyph(char["c"], Box(*(value * POINT_MM for value in box))))
    return tuple(glyphs)


def _without_underscores(glyphs: tuple[Glyph, ...]) -> tuple[tuple[Glyph, ...], tuple[Rule, ...]]:
    """Characters without rows of underscores, and these as the lines to write on that they are."""
    words, rows = [], []
    for glyph in glyphs:
        if glyph.char not in UNDERSCORES:
            words.append(glyph)
        elif rows and _continues(rows[-1], glyph.box):
            last = rows[-1]
            rows[-1] = Box(last.left, last.top, glyph.box.right, last.bottom)
        else:
            rows.append(glyph.box)
    rules = (Rule(True, row.bottom, row.left, row.right) for row in rows if row.width >= MIN_RULE_MM)
    return tuple(words), tuple(rules)


def _continues(row: Box, box: Box) -> bool:
    return abs(row.bottom - box.bottom) < 0.5 and -0.5 <= box.left - row.right <= 0.5


def _vector_rules(page: pymupdf.Page) -> tuple[Rule, ...]:
    rules: list[Rule] = []
    for drawing in page.get_drawings():
        for item in drawing["items"]:
            if item[0] == "l":
                rules += _rule(item[1].x, item[1].y, item[2].x, item[2].y)
            elif item[0] in ("re", "qu"):
                box = item[1] if item[0] == "re" else item[1].rect
                rules += _box_rules(box, stroked=drawing.get("color") is not None)
    return tuple(dict.fromkeys(rules))


def _box_rules(box: pymupdf.Rect, *, stroked: bool) -> list[Rule]:
    """The rules of a rectangle: its four sides where it is stroked, its axis where it is a thin fill."""
    thin = MAX_RULE_THICKNESS_MM / POINT_MM
    if box.height <= thin:
        y = (box.y0 + box.y1) / 2
        return _rule(box.x0, y, box.x1, y)
    if box.width <= thin:
        x = (box.x0 + box.x1) / 2
        return _rule(x, box.y0, x, box.y1)
    if not stroked:
        return []
    sides = [
        (box.x0, box.y0, box.x1, box.y0),
        (box.x1, box.y0, box.x1, box.y1),
        (box.x0, box.y1, box.x1, box.y1),
        (box.x0, box.y0, box.x0, box.y1),
    ]
    return [rule for side in sides for rule in _rule(*side)]


def _rule(x0: float, y0: float, x1: float, y1: float) -> list[Rule]:
    x0, x1 = sorted((x0 * POINT_MM, x1 * POINT_MM))
    y0, y1 = sorted((y0 * POINT_MM, y1 * POINT_MM))
    width, height = x1 - x0, y1 - y0
    if width >= MIN_RULE_MM and height <= 0.2:
        return [Rule(True, (y0 + y1) / 2, x0, x1)]
    if height >= MIN_RULE_MM and width <= 0.2:
        return [Rule(False, (x0 + x1) / 2, y0, y1)]
    return []


@cache
def _reader() -> Any:
    # Loaded here alone: blanks with a text layer, the usual kind, need no reader.
    from rapidocr import RapidOCR

    return RapidOCR(params={"Global.log_level": "error"})


def _read_glyphs(image: Image) -> tuple[Glyph, ...]:
    """Characters as the recogniser reads them, each with its own place."""
    if image.min() > FAINTEST_PRINT:
        return ()
    result = _reader()(image, return_word_box=True)
    if not getattr(result, "txts", None):
        return ()
    scale = MM_PER_INCH / RASTER_DPI
    glyphs = []
    for line in getattr(result, "word_results", ()):
        for word, _, quad in line:
            points = np.asarray(quad, dtype=np.float64) * scale
            (left, top), (right, bottom) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
            step = (right - left) / max(len(word), 1)
            for number, char in enumerate(word):
                if char.strip():
                    place = Box(left + number * step, top, left + (number + 1) * step, bottom)
                    glyphs.append(Glyph(char, place))
    return tuple(glyphs)


def _drawn_rules(image: Image, glyphs: tuple[Glyph, ...]) -> tuple[Rule, ...]:
    """Rules of a picture: long thin runs of dark pixels, but for the strokes of characters."""
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    dark = cv2.adaptiveThreshold(grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 31, 15)
    scale = MM_PER_INCH / RASTER_DPI
    length = round(MIN_RULE_MM / scale)
    rules = []
    for horizontal in (True, False):
        kernel = np.ones((1, length) if horizontal else (length, 1), np.uint8)
        opened = cv2.morphologyEx(dark, cv2.MORPH_OPEN, kernel)
        # A gap of a pixel or two, where a scanner dropped ink, does not end a rule.
        bridge = np.ones((3, 5) if horizontal else (5, 3), np.uint8)
        joined = cv2.morphologyEx(opened, cv2.MORPH_CLOSE, bridge)
        _, _, stats, _ = cv2.connectedComponentsWithStats(joined)
        for x, y, width, height, _ in stats[1:].tolist():
            thickness = height if horizontal else width
            if thickness * scale > 2 * MAX_RULE_THICKNESS_MM:
                continue
            box = Box(x * scale, y * scale, (x + width) * scale, (y + height) * scale)
            if any(_covers(glyph.box, box) for glyph in glyphs):
                continue
            middle = box.center[1] if horizontal else box.center[0]
            start, end = (box.left, box.right) if horizontal else (box.top, box.bottom)
            rules.append(Rule(horizontal, middle, start, end))
    return tuple(rules)


def _covers(glyph: Box, rule: Box) -> bool:
    """Whether a rule is a stroke of a character: most of it lies inside its box."""
    part = rule.clipped(glyph.grown(0.3))
    return part.width * part.height > 0.7 * rule.width * rule.height
