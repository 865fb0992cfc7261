"""Corrections by the pen: the network, and what the weight of the ink adds."""

from __future__ import annotations

import numpy as np
import pytest

from scanservice.detect.alteration import NO_INK, pressed, suspicion
from scanservice.detect.network import network, total
from scanservice.detect.strokenet import CELL, Pen, line_planes
from tests.detect.marks.paper import Paper, measured

PEN = Pen(1.6, 120.0, 32.0)


def line(width: int = 120) -> np.ndarray:
    """Upright strokes of the pen's usual width and darkness, 32 pixels high."""
    dark = np.zeros((32, width), np.uint8)
    for x in range(4, width, 14):
        dark[:, x : x + 3] = 120
    return dark


def test_the_network_answers_for_every_cell_of_a_line() -> None:
    planes = line_planes(line(), PEN)
    assert all(side % CELL == 0 for side in planes.shape[:2])
    logits = network("corrections").logits(planes)
    assert logits.shape == (planes.shape[0] // CELL, planes.shape[1] // CELL)
    assert total(logits) >= float(logits.max())


def test_a_line_is_brought_to_one_height_whatever_the_writer_s() -> None:
    small, large = line_planes(line()[::2, ::2], Pen(0.8, 120.0, 16.0)), line_planes(line(), PEN)
    assert abs(small.shape[0] - large.shape[0]) <= CELL
    assert abs(small.shape[1] - large.shape[1]) <= CELL


def test_heavier_ink_counts() -> None:
    plain, heavy = line(), line()
    heavy[:, 58:70] = 170
    difference = pressed(heavy, PEN) - pressed(plain, PEN)
    assert (difference[[0, 1, 2, 3]] > 0.2).all()
    assert pressed(np.zeros((20, 20), np.uint8), PEN) == pytest.approx(np.zeros(8))


def test_a_place_lies_in_its_line() -> None:
    dark = line()
    x, y, width, height = suspicion(dark, PEN).place
    assert 0 <= x < x + width <= dark.shape[1]
    assert 0 <= y < y + height <= dark.shape[0]


@pytest.mark.parametrize("slope", [0.0, 0.9])
def test_a_long_line_through_writing_strikes_it_out(paper: Paper, slope: float) -> None:
    paper.words(45, 24, 10)
    clean = measured(paper).regions["first"].ink
    paper.stroke((58, 26 - slope), (77, 26 + slope), width=0.5)
    struck = measured(paper).regions["first"].ink
    assert clean.altered < 0.5 < struck.altered
    assert struck.alteration is not None
    assert 55 < struck.alteration.left < 62
    assert 73 < struck.alteration.right < 80


def test_a_line_under_writing_strikes_nothing_out(paper: Paper) -> None:
    paper.words(45, 23, 10).stroke((45, 28.2), (90, 28.2))
    assert measured(paper).regions["first"].ink.altered < 0.5


def test_ink_is_told_along_a_line() -> None:
    """Upright strokes of the pen's usual width and darkness, one of them twice as wide."""
    dark = line()
    dark[:, 60:66] = 120
    ink = suspicion(dark, PEN).ink
    parts = ink.parts.astype(float)
    assert ink.width == pytest.approx(120 / 32, abs=1e-3)
    assert parts.shape == (4, 30)
    assert parts[0].sum() == pytest.approx(dark.sum() / (32.0 * 1.6 * 120.0), rel=0.01)
    heavy, usual = parts[:, 15:17], parts[:, 4:12]
    assert heavy[0].sum() > 1.5 * usual[0].sum() / (8 * 4 / 14)
    assert heavy[3].sum() / heavy[2].sum() > 1.3 * usual[3].sum() / usual[2].sum()


def test_a_short_line_still_has_parts_and_an_empty_one_has_no_ink() -> None:
    assert suspicion(line(6), PEN).ink.parts.shape == (4, 4)
    assert (NO_INK.width, float(NO_INK.parts.astype(float).sum())) == (0.0, 0.0)


def test_every_crop_has_its_ink_and_paint_is_told_apart(paper: Paper) -> None:
    paper.words(45, 24, 6).words(112, 23, 2)
    found = measured(paper)
    for crops in found.crops:
        if crops.region in ("first", "when"):
            assert len(found.regions[crops.region].lines) == len(crops.lines)
    assert [ink.width > 0 for ink in found.regions["when"].lines] == [True, False, False]
    paper.stroke((45, 26), (70, 26), width=0.5)
    struck = measured(paper).regions["first"].ink
    assert struck.altered > 0.5 > struck.painted
    assert found.regions["second"].lines == ()


@pytest.mark.parametrize("size", [(30, 4), (1, 1), (12, 12)])
def test_a_stroke_that_fills_its_line_has_a_finite_width(size: tuple[int, int]) -> None:
    dark = np.full(size, 150, np.uint8)
    found = suspicion(dark, PEN)
    assert np.isfinite(found.chance)
    assert np.isfinite(found.ink.parts).all()
    assert found.ink.parts.astype(float).max() < 100
    assert np.isfinite(pressed(dark, PEN)).all()
    assert pressed(dark, PEN)[0] < 20
