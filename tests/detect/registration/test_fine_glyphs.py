"""Thin glyphs between pixels: what correlates badly only because it lies half a pixel off is the blank's."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import cv2
import numpy as np
import pytest

from scanservice.detect.glyphmatch import GOOD_RANGE, PAD, View, compare, finely
from scanservice.detect.identity import examine
from scanservice.detect.library import PRINT_DOTS_PER_MM, KnownPage, Print
from scanservice.detect.picture import Picture
from scanservice.detect.prints import Glyphs
from scanservice.detect.refine import Refined
from scanservice.geometry import Image, PageMap

WIDTH, HEIGHT = 24.0, 8.0
"""mm"""
OWN = (
    (0, 0, 12, 0),
    (0, 0, 0, 14),
    (3, 0, 3, 14),
    (6, 0, 6, 14),
    (9, 0, 9, 14),
    (12, 0, 12, 14),
    (0, 7, 12, 7),
)
OTHER = ((0, 14, 12, 14), (0, 0, 12, 14), (12, 0, 0, 14), (3, 3, 9, 3))
"""Strokes: left, top, right and bottom, pixels."""
ALL = np.arange(4, dtype=np.intp)


class _Whole:
    """A picture of so many pixels."""

    size = (int(WIDTH * PRINT_DOTS_PER_MM), int(HEIGHT * PRINT_DOTS_PER_MM))


def _paper(moved: float | tuple[float, ...], other: bool = False) -> Image:
    """Four glyphs of strokes thinner than a pixel, drawn so many further right and down, all or each."""
    by = moved if isinstance(moved, tuple) else (moved,) * 4
    fine = 8
    ink = np.zeros((_Whole.size[1] * fine, _Whole.size[0] * fine), np.uint8)
    for number in range(4):
        x, y = (24 + 30 * number + by[number]) * fine, (16 + by[number]) * fine
        for left, top, right, bottom in OTHER if other else OWN:
            first, last = (
                np.array([x + left * fine, y + top * fine]),
                np.array([x + right * fine, y + bottom * fine]),
            )
            cv2.line(ink, first.astype(int).tolist(), last.astype(int).tolist(), (255,), fine * 3 // 4)
    return np.asarray(cv2.resize(ink, _Whole.size, interpolation=cv2.INTER_AREA), np.uint8)


def _blank() -> Print:
    left = 4.0 + 5.0 * ALL
    boxes = np.stack([left, np.full(4, 2.6), left + 2.1, np.full(4, 5.1)], axis=1)
    unnamed = np.full(4, -1, np.intp)
    return Print("red", _paper(0), Glyphs(boxes, ALL, unnamed, np.zeros(4, bool), ()))


def _seen(ink: Image) -> View:
    scale = np.diag([PRINT_DOTS_PER_MM, PRINT_DOTS_PER_MM, 1.0])
    page_map = PageMap((WIDTH, HEIGHT), scale)
    padded = np.asarray(cv2.copyMakeBorder(ink, PAD, PAD, PAD, PAD, cv2.BORDER_CONSTANT), np.uint8)
    return View(cast(Picture, _Whole()), page_map, "red", padded, 0.05)


@pytest.mark.parametrize(("other", "found"), [(False, True), (True, False)])
def test_only_the_blanks_own_glyphs_are_found_between_pixels(other: bool, found: bool) -> None:
    known, view = _blank(), _seen(_paper(0.5, other))
    before = compare(known, view, ALL)
    assert (before.scores < GOOD_RANGE[1]).all()
    after = finely(known, view, ALL, before, GOOD_RANGE[1])
    assert ((after >= GOOD_RANGE[1]) == found).all()


def test_what_cannot_be_lifted_so_far_is_left_alone() -> None:
    known, view = _blank(), _seen(_paper(0.5, other=True))
    before = compare(known, view, ALL)
    assert (finely(known, view, ALL, before, 0.99) == before.scores).all()
    nothing = np.zeros(0, np.intp)
    assert finely(known, view, nothing, before.chosen(nothing), 0.75).size == 0


def test_the_form_is_not_doubted_for_a_glyph_between_pixels() -> None:
    known = _blank()
    view = _seen(_paper((0.0, 0.0, 0.0, 0.5)))
    before = compare(known, view, ALL)
    assert before.scores[3] < before.limits()[1] < before.scores[:3].min()
    page = cast(KnownPage, SimpleNamespace(prints=(known,)))
    assert examine(page, view, cast(Refined, None)).strangers == 0
