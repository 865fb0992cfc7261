"""The paper below printed numbers, and what the network is trained and judged on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from benchmarks.marks import corpus
from benchmarks.marks.calibrate import uploads
from benchmarks.marks.calibrate.fitting import exceeded_by
from benchmarks.marks.calibrate.numbersheets import COVERED, form_numbers, sheet_numbers
from benchmarks.marks.calibrate.papers import paper_of
from fixtures.maker.fill import FillOptions
from fixtures.maker.serials import SerialStyle
from scanservice.detect.barepaper import PLANES as FIELD_PLANES
from scanservice.detect.measure import measure
from scanservice.detect.network import network
from scanservice.detect.numberpaper import ASKED, PLANES, POOLED, ROWS, covered, number_planes
from scanservice.detect.paint import POOLED as FIELD_POOLED
from scanservice.geometry import Box
from tests.detect.marks.paper import DOTS, Paper, measured, photographed, taken

NUMBER = Box(112, 8.7, 132.5, 11.5)


def numbered(paper: Paper, cover: Box | None, tone: Any = (0.95, 0.975, 0.98)) -> Any:
    """The page on toned paper, its number printed on something white, or on the paper."""
    paper.image = np.rint(paper.image * np.array(tone)).astype(np.uint8)
    if cover is not None:
        left, top, right, bottom = (
            round(v * DOTS) for v in (cover.left, cover.top, cover.right, cover.bottom)
        )
        paper.image[top + 1 : bottom + 2, left + 1 : right + 2] = 200
        paper.image[top:bottom, left:right] = (254, 254, 252)
    return paper.digits("20190042", 112, 11.5).image


@pytest.mark.parametrize("beyond", [(1.2, 0.9), (3.0, 1.6)])
def test_what_covers_the_paper_below_a_number_is_seen(paper: Paper, beyond: tuple[float, float]) -> None:
    mark = (
        measured(paper, image=photographed(numbered(paper, NUMBER.grown(*beyond)))).regions["number"].serial
    )
    assert mark.altered > 0.5
    assert {"overpainted", "pasted"} & set(mark.signs)


def test_fluid_that_hardly_reaches_beyond_a_number_is_seen() -> None:
    form = corpus.template("ouc-2019")
    told = {}
    for variant in ("printed", "overpainted"):
        options = FillOptions(dpi=220, serial=SerialStyle(variant))
        made = corpus.sample(form, 81005, photo="phone_good", options=options)
        found = measure(made.scan, made.layout, {form.id: form}).regions.values()
        told[variant] = [seen.serial.altered for seen in found if seen.serial is not None]
    assert max(told["printed"]) < 0.1
    assert min(told["overpainted"]) > 0.5


@pytest.mark.parametrize("tone", [(0.95, 0.975, 0.98), (1, 1, 1), (1.2, 1.2, 1.2)])
def test_a_number_on_bare_paper_is_not_suspected(paper: Paper, tone: Any) -> None:
    image = np.clip(numbered(paper, None).astype(np.float64) * np.array(tone), 0, 255).astype(np.uint8)
    mark = measured(paper, image=photographed(image)).regions["number"].serial
    assert (mark.signs, mark.altered < 0.5) == ((), True)


@pytest.mark.parametrize("extent", [NUMBER, Box(1, 0.5, 30, 4), Box(140, 116, 159.5, 119.8), NUMBER.grown(5)])
def test_a_window_is_whole_answers_high_and_wide_wherever_the_page_ends(paper: Paper, extent: Box) -> None:
    canvas = taken(paper, photographed(numbered(paper, None))).canvas
    planes, asked = number_planes(canvas, extent)
    assert planes.shape[0] == ROWS * POOLED
    assert planes.shape[1] % POOLED == 0
    assert planes.shape[2] == PLANES
    assert np.isfinite(planes).all()
    answers = network("numberpaper").logits(planes)
    assert answers.shape == (ROWS, planes.shape[1] // POOLED)
    assert answers[ASKED, asked].size
    assert 0 <= covered(canvas, extent) <= 1


def test_beyond_the_page_nothing_is_seen(paper: Paper) -> None:
    canvas = taken(paper, photographed(numbered(paper, None))).canvas
    planes, _ = number_planes(canvas, Box(400, 300, 430, 304))
    assert not planes.any()


def test_sheets_of_numbers_hold_printed_and_covered_ones() -> None:
    found = list(sheet_numbers(1, 81003))
    kinds = {number.variant for number in found}
    assert len(found) > 20
    assert "printed" in kinds
    assert kinds & set(COVERED)
    assert all(number.planes.shape[0] == ROWS * POOLED for number in found)


def test_pages_to_learn_from_know_what_is_painted() -> None:
    pages = list(uploads.pages(1, 500003, uploads.known()))
    assert len(pages) == 2 * uploads.SHOTS
    papers = [paper for page in pages if (paper := paper_of(page)) is not None]
    assert sum(len(paper.lines) for paper in papers) > 20
    for page, paper in zip(pages, papers, strict=True):
        rows, columns = paper.painted.shape
        assert paper.planes.shape == (rows * FIELD_POOLED, columns * FIELD_POOLED, FIELD_PLANES)
        assert (paper.painted[paper.number] >= 0).all()
        painted = bool(page.patches)
        assert (paper.painted > 0.5).any() == painted
        assert any(line[0] for line in paper.lines) <= painted
    assert len(list(form_numbers(iter(pages)))) == sum(len(page.numbers) for page in pages)


def test_a_rare_score_is_told_from_the_tail_of_a_few_thousand() -> None:
    scores = np.random.default_rng(3).exponential(1.0, 3000) - 4.0
    assert exceeded_by(0.0005, scores) == pytest.approx(np.log(2000) - 4, abs=1.0)
    assert exceeded_by(0.05, scores) == pytest.approx(np.log(20) - 4, abs=0.2)
    # Where more stands out than the tail says, what was seen counts.
    assert exceeded_by(0.001, np.append(scores, [30.0] * 5)) == 30.0


def test_where_the_form_has_a_pattern_the_paper_is_not_known(paper: Paper) -> None:
    sheet = taken(paper, photographed(numbered(paper, None)))
    canvas, plain = sheet.canvas, number_planes(sheet.canvas, NUMBER)[0]
    pale = np.zeros(canvas.flat.shape[:2], np.uint8)
    assert (number_planes(canvas, NUMBER, replace(sheet.layers, pale=pale))[0] == plain).all()
    # A tint as even as white paper hides nothing.
    assert (number_planes(canvas, NUMBER, replace(sheet.layers, pale=pale + np.uint8(9)))[0] == plain).all()
    pale[canvas.window(Box(0, 0, NUMBER.center[0], 200))] = 9
    some = number_planes(canvas, NUMBER, replace(sheet.layers, pale=pale))[0]
    assert not some[:, : some.shape[1] // 4].any()
    assert some[:, 3 * some.shape[1] // 4 :].any()
