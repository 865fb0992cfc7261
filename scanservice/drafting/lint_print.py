"""What a description can be doubted for when it is laid over the blank."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

import numpy as np
import pymupdf

from scanservice.drafting.lint_regions import LintMessage, Placed
from scanservice.drafting.paper import Glyph, read_text
from scanservice.geometry import MM_PER_INCH, Box, Image

DPI = 150
DOTS_PER_MM = DPI / MM_PER_INCH
DARK = 128
RULE_MARGIN_MM = 0.3
"""A box may touch the rules of its cell by so much."""
MIN_PRINT_MM2 = 0.4
"""Dark print of less area is a speck of the blank's own scan."""
MIN_SAME = 0.8
"""Share of a print region's text that the blank must have there, in order; below it the text belongs to
another form or the box to another line."""


def print_messages(page: pymupdf.Page, regions: Sequence[Placed]) -> Iterator[LintMessage]:
    """Doubts about the regions of one page of the blank."""
    page.remove_rotation()  # In memory: text is given in the page's own direction, not as shown.
    pixels = page.get_pixmap(dpi=DPI, colorspace=pymupdf.csGRAY, alpha=False, annots=False)
    grey = np.frombuffer(pixels.samples, dtype=np.uint8).reshape(pixels.height, pixels.stride)
    glyphs = read_text(page)
    for placed in regions:
        region, path = placed.region, placed.path
        if region.kind == "print":
            yield from _print(placed, grey, glyphs)
        elif region.kind in ("text", "serial"):
            places = list(region.cells) if region.cells else [region.box]
            if any(_ink(grey, place.grown(-RULE_MARGIN_MM)) > MIN_PRINT_MM2 for place in places):
                message = "holds print of the form: a box is the place to write in, without its label"
                yield LintMessage("warning", "print-in-box", f"{path}.box", message)


def _print(placed: Placed, grey: Image, glyphs: Sequence[Glyph]) -> Iterator[LintMessage]:
    region, path = placed.region, placed.path
    if _ink(grey, region.box) < MIN_PRINT_MM2:
        yield LintMessage("warning", "print-empty", f"{path}.box", "the blank prints nothing there")
        return
    if region.text is None or not glyphs:
        return
    here = "".join(glyph.char for glyph in glyphs if _inside(region.box, glyph.box))
    if _same(_plain(region.text), _plain(here)) < MIN_SAME:
        message = "is not what the blank prints there"
        yield LintMessage("warning", "print-text-differs", f"{path}.text", message)


def _inside(box: Box, glyph: Box) -> bool:
    x, y = glyph.center
    return box.left <= x <= box.right and box.top <= y <= box.bottom


def _plain(text: str) -> str:
    return re.sub(r"[\s\W_]", "", unicodedata.normalize("NFKC", text))


def _same(wanted: str, found: str) -> float:
    """Share of the wanted characters that are found; order does not count: text layers keep none."""
    rest = list(found)
    hits = 0
    for char in wanted:
        if char in rest:
            rest.remove(char)
            hits += 1
    return hits / max(len(wanted), 1)


def _ink(grey: Image, box: Box) -> float:
    """Dark area of the blank in a box, mm2."""
    top, bottom = (max(0, round(value * DOTS_PER_MM)) for value in (box.top, box.bottom))
    left, right = (max(0, round(value * DOTS_PER_MM)) for value in (box.left, box.right))
    return float((grey[top:bottom, left:right] < DARK).sum()) / DOTS_PER_MM**2
