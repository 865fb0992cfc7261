"""Correction fluid below some writing: the paper's tone and the rim of the paint."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

import numpy as np
import pytest

from benchmarks.marks import corpus
from benchmarks.marks.invisible import invisible
from scanservice.detect.barepaper import BARE, BURNT_OUT, CELL_MM, PLANES, PaperLook, paper_look
from scanservice.detect.folds import without_folds
from scanservice.detect.network import network, total
from scanservice.detect.paint import (
    ANSWER_MM,
    COARSE_DOUBT,
    DOUBT,
    NOTHING,
    answers_under,
    painted_lines,
    score_under,
)
from scanservice.geometry import Box
from tests.detect.marks.paper import DOTS, Paper, measured, photographed, taken


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
    assert ink.alteration.clipped(Box(46.5, 22.3, 72.5, 28.6)).area > 5
    assert result.regions["second"].ink.altered < 0.5


def test_paper_without_paint_is_not_suspected(paper: Paper) -> None:
    result = written(paper, toned(paper, None))
    assert [result.regions[name].ink.altered < 0.5 for name in ("first", "second", "when")] == [True] * 3


def test_paper_that_is_burnt_out_is_not_suspected(paper: Paper) -> None:
    bright = np.clip(toned(paper, None) * 1.2, 0, 255).astype(np.uint8)
    result = written(paper, bright)
    assert [result.regions[name].ink.altered < 0.2 for name in ("first", "second", "when")] == [True] * 3


def look_at(paper: Paper, sheet: Any) -> PaperLook:
    """The paper of the whole page."""
    apart = taken(paper, photographed(sheet))
    return paper_look(apart.canvas, apart.layers, apart.canvas.box)


def test_paint_is_a_step_of_tone_within_a_rim(paper: Paper) -> None:
    patch = Box(46.5, 22.3, 72.5, 28.6)
    looks = [look_at(paper, toned(paper, painted)) for painted in (None, patch)]
    rows, columns = (
        slice(round((low - begin) / CELL_MM) + 1, round((high - begin) / CELL_MM) - 1)
        for low, high, begin in (
            (patch.top, patch.bottom, looks[0].box.top),
            (patch.left, patch.right, looks[0].box.left),
        )
    )
    clean, painted = (look.planes[rows, columns].mean(axis=(0, 1)) for look in looks)
    # Brighter in green, and bluer than the paper around it.
    assert (painted[:3] > clean[:3] + 0.3).all()
    edges = [look.planes[rows.start - 3 : rows.stop + 3, columns, 7].max() for look in looks]
    assert edges[1] > edges[0] + 0.3


def test_what_is_not_bare_has_no_tone(paper: Paper) -> None:
    paper.words(45, 24, 10)
    look = look_at(paper, paper.image)
    bare = look.planes[:, :, 6]
    assert look.planes.shape[2] == PLANES
    assert (look.planes[bare < 0.1][:, :6] == 0).all()
    assert 0.2 < (bare > 0.9).mean() < 0.95


@pytest.mark.parametrize(
    "box", [Box(3, 4, 40, 9), Box(10, 10, 10.5, 10.5), Box(0, 0, 100, 100), Box(58, 38, 60, 40)]
)
def test_a_line_asks_about_the_paper_under_it(box: Box) -> None:
    look = PaperLook(Box(0, 0, 60, 40), np.zeros((80, 120, PLANES), np.float32))
    rows, columns = answers_under(look, box, (20, 30))
    assert 0 <= rows.start < rows.stop <= 20
    assert 0 <= columns.start < columns.stop <= 30
    middle = ((columns.start + columns.stop) / 2 * ANSWER_MM, (rows.start + rows.stop) / 2 * ANSWER_MM)
    part = box.clipped(look.box)
    assert middle[0] == pytest.approx(part.center[0], abs=ANSWER_MM)
    assert middle[1] == pytest.approx(part.center[1], abs=ANSWER_MM)


def test_a_score_means_the_same_whatever_the_network() -> None:
    net = network("paint")
    assert net.chance(net.threshold) == pytest.approx(0.5)
    assert net.chance(net.threshold + 5) > 0.85


def test_what_differs_without_the_paint_is_the_paint() -> None:
    made, _, options = corpus.mixed(corpus.template("ouc-2019"), 23002)
    assert "fluid" in options.alterations.values()
    hidden = invisible(made, 23002)
    assert all(options.alterations[name] == "fluid" for name in hidden)
    assert invisible(corpus.sample(made.template, 23000), 23000) == frozenset()


@pytest.mark.parametrize(
    ("burnt", "coarse", "less"),
    [
        (0.0, False, 0.0),
        (0.01, False, 0.0),
        (0.5, False, DOUBT),
        (0.97, False, DOUBT),
        (0.0, True, COARSE_DOUBT),
        (0.5, True, DOUBT + COARSE_DOUBT),
    ],
)
def test_what_is_partly_burnt_out_or_coarse_is_doubted(burnt: float, coarse: bool, less: float) -> None:
    planes = np.zeros((80, 120, PLANES), np.float32)
    planes[:, :, BARE], planes[:, :, BURNT_OUT] = 1.0, burnt
    logits = np.full((20, 30), -3.0, np.float32)
    under = slice(4, 6), slice(0, 10)
    score = score_under(planes, logits, under, coarse=coarse)
    assert score == pytest.approx(total(logits[under]) - less)


def test_where_all_is_burnt_out_or_inked_nothing_is_told() -> None:
    planes = np.zeros((80, 120, PLANES), np.float32)
    logits, under = np.full((20, 30), 9.0, np.float32), (slice(18, 20), slice(25, 30))
    assert score_under(planes, logits, under, coarse=False) == NOTHING
    planes[:, :, BARE], planes[:, :, BURNT_OUT] = 1.0, 1.0
    assert score_under(planes, logits, under, coarse=False) == NOTHING


def test_a_coarse_picture_is_doubted_in_a_page_too(paper: Paper) -> None:
    line = Box(46.5, 22.3, 72.5, 28.6)
    sheet = taken(paper, photographed(toned(paper, None)))
    fine, coarse = (
        painted_lines(sheet.canvas, sheet.layers, {"first": [line]}, dots)["first"][0] for dots in (10.0, 5.0)
    )
    assert coarse < fine


def folded(sheet: Any, along: Literal["lying", "standing"], at_mm: float, slant: float) -> Any:
    """The sheet darker on one side of a line across it, which is worn."""
    height, width = sheet.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32) / np.float32(DOTS)
    away = y - at_mm - slant * x if along == "lying" else x - at_mm - slant * y
    light = np.where(away < 0, 0.93, 1.0) * (1 - 0.12 * np.exp(-((away / 0.2) ** 2)))
    return np.clip(sheet * light[:, :, None] + 0.5, 0, 255).astype(np.uint8)


@pytest.mark.parametrize(
    ("along", "at_mm", "slant"), [("lying", 25, 0.0), ("lying", 25, 0.01), ("standing", 60, -0.01)]
)
def test_a_fold_through_a_field_is_no_paint(
    paper: Paper, along: Literal["lying", "standing"], at_mm: float, slant: float
) -> None:
    result = written(paper, folded(toned(paper, None), along, at_mm, slant))
    assert result.regions["first"].ink.painted < 0.5
    assert result.regions["second"].ink.painted < 0.5


def test_paint_on_a_folded_page_is_still_seen(paper: Paper) -> None:
    patch = Box(46.5, 22.3, 72.5, 28.6)
    result = written(paper, folded(toned(paper, patch), "standing", 85, 0.01))
    assert result.regions["first"].ink.painted > 0.5


def test_what_crosses_a_part_of_the_page_alone_is_no_fold() -> None:
    known, plane = np.ones((120, 160), bool), np.zeros((120, 160), np.float32)
    lines = np.zeros_like(plane)
    plane[40:52, 20:110], lines[[40, 51], 20:110] = 2.0, 1.5
    kept, creases = without_folds([plane, lines, lines], known)
    assert (kept[0] == plane).all()
    assert not creases.any()


def test_a_fold_is_taken_away_along_its_slant() -> None:
    known = np.ones((120, 160), bool)
    y, x = np.mgrid[0:120, 0:160].astype(np.float32)
    away = y - 50 - 0.02 * (x - 80)
    step = np.where(np.abs(away) < 12, np.sign(away) * 2, 0).astype(np.float32)
    worn = (np.abs(away) < 1).astype(np.float32) * 2
    kept, creases = without_folds([step, worn, np.zeros_like(step)], known)
    assert creases[np.abs(away) < 0.5].all()
    assert creases.mean() < 0.06
    assert np.abs(kept[0]).mean() < 0.1 * np.abs(step).mean()


def test_an_even_tint_hides_no_paint_and_a_pattern_does(paper: Paper) -> None:
    patch = Box(46.5, 22.3, 72.5, 28.6)
    sheet = taken(paper, photographed(toned(paper, patch)))
    pale = np.zeros_like(sheet.layers.pale)
    striped = pale.copy()
    striped[:, ::4] = 9

    def told(plane: Any) -> float:
        layers = replace(sheet.layers, pale=plane)
        return painted_lines(sheet.canvas, layers, {"first": [patch]}, 10.0)["first"][0]

    banded = pale + np.uint8(9)
    banded[:, np.arange(banded.shape[1]) // 8 % 8 == 0] = 14
    assert told(pale) == told(pale + np.uint8(9)) > 0.3
    assert told(striped) < 0.03
    assert told(banded) > 0.3, "between a pattern's strokes the paper is seen, on a tint as well"
