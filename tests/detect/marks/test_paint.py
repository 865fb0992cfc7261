"""Correction fluid below some writing: the paper's tone and the rim of the paint."""

from __future__ import annotations

import itertools
from typing import Any

import cv2
import numpy as np
import pytest

from scanservice.detect.barepaper import Strip
from scanservice.detect.paint import Usual, stretches, usual
from scanservice.geometry import Box
from tests.detect.marks.paper import DOTS, Paper, measured, photographed


def toned(paper: Paper, painted: Box | None) -> Any:
    """The page on paper that is a little yellow, with a patch of white paint; the form's print on top."""
    sheet = np.rint(paper.image * np.array([0.95, 0.975, 0.98])).astype(np.uint8)
    if painted is not None:
        left, top, right, bottom = (
            round(v * DOTS) for v in (painted.left, painted.top, painted.right, painted.bottom)
        )
        sheet[top - 2 : bottom + 3, left - 2 : right + 3] = 205
        sheet[top:bottom, left:right] = (254, 254, 252)
    return sheet


def written(paper: Paper, sheet: Any) -> Any:
    """The sheet with words in three fields, photographed."""
    paper.image = sheet
    paper.words(48, 23.5, 5).words(45, 33, 8, seed=1).words(112, 23, 1, seed=2).words(142, 23, 1, seed=3)
    return measured(paper, image=photographed(paper.image))


def test_writing_on_paint_is_a_correction_and_beside_it_is_not(paper: Paper) -> None:
    result = written(paper, toned(paper, Box(46.5, 22.3, 72.5, 28.6)))
    ink = result.regions["first"].ink
    assert ink.altered > 0.5
    assert ink.alteration is not None
    assert ink.alteration.clipped(Box(46.5, 22.3, 72.5, 28.6)).area > 10
    assert result.regions["second"].ink.altered < 0.5


def test_paper_without_paint_is_not_suspected(paper: Paper) -> None:
    result = written(paper, toned(paper, None))
    assert [result.regions[name].ink.altered < 0.5 for name in ("first", "second", "when")] == [True] * 3


def strip(width: float, rim: float = 1.0) -> Strip:
    columns = round(width / 0.5)
    return Strip(Box(0, 0, width, 5), np.full((columns, 2), rim), (rim, rim), np.zeros((columns, 3)))


def test_a_line_is_looked_at_as_a_whole_and_in_parts_that_cover_it() -> None:
    parts = list(stretches(strip(40)))
    assert parts[0].box.width == pytest.approx(40)
    for length in (5, 9):
        same = [part for part in parts[1:] if part.box.width == pytest.approx(length)]
        assert same[0].box.left == 0
        assert same[-1].box.right == pytest.approx(40)
        assert all(b.box.left <= a.box.right for a, b in itertools.pairwise(same))
    assert len(list(stretches(strip(4)))) == 1


def test_what_is_usual_is_not_moved_by_a_painted_line() -> None:
    clean = [part for _ in range(9) for part in stretches(strip(8))]
    spoilt = [*clean, *stretches(strip(8, rim=6.0))]
    assert usual(clean).middle == usual(spoilt).middle
    assert usual(clean).spread == usual(spoilt).spread


def test_a_page_without_lines_has_something_usual_too() -> None:
    assert isinstance(usual([]), Usual)
    assert cv2.countNonZero(np.array(usual([]).spread)) == 5
