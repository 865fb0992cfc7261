"""A rule that stops beside writing was covered, if the picture shows rules elsewhere."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.detect.marks.paper import DOTS, Paper, measured, photographed


def erased(paper: Paper, left: float, right: float, y: float = 30.0) -> Paper:
    """The rule at `y` is white from left to right, mm."""
    rows = slice(round((y - 0.6) * DOTS), round((y + 0.6) * DOTS))
    paper.image[rows, round(left * DOTS) : round(right * DOTS)] = 255
    return paper


def whitened(paper: Paper) -> Any:
    """Photographed, and its paper made white by software."""
    paper.words(48, 23.5, 5).words(45, 33, 8, seed=1)
    return np.clip(photographed(paper.image).astype(np.float32) * 1.6, 0, 255).astype(np.uint8)


def painted(paper: Paper, picture: Any) -> dict[str, float]:
    regions = measured(paper, image=picture).regions
    return {name: regions[name].ink.painted for name in ("first", "second")}


def test_a_rule_that_stops_beside_writing_was_covered(paper: Paper) -> None:
    picture = whitened(erased(paper, 60, 63.5))
    result = measured(paper, image=picture).regions["first"].ink
    assert result.painted > 0.5
    assert result.altered > 0.5
    assert result.alteration.left < 60.5 and result.alteration.right > 63


@pytest.mark.parametrize("right", [60.0, 60.7])
def test_a_whole_rule_and_a_speck_in_it_are_nothing(paper: Paper, right: float) -> None:
    assert max(painted(paper, whitened(erased(paper, 60, right))).values()) < 0.5


def test_a_gap_away_from_every_field_is_nothing(paper: Paper) -> None:
    assert max(painted(paper, whitened(erased(paper, 20, 24))).values()) < 0.5


def test_where_many_rules_are_gone_the_picture_has_lost_them(paper: Paper) -> None:
    for y in (20, 30, 46):
        erased(paper, 12, 36, y)
    assert max(painted(paper, whitened(erased(paper, 60, 63.5))).values()) < 0.5


def test_what_lies_on_a_rule_is_no_paint(paper: Paper) -> None:
    picture = whitened(paper)
    rows, columns = slice(round(26 * DOTS), round(34 * DOTS)), slice(round(85 * DOTS), round(92 * DOTS))
    picture[rows, columns] = (150, 185, 250)
    assert max(painted(paper, picture).values()) < 0.5


def test_glare_on_a_rule_is_no_paint(paper: Paper) -> None:
    paper.words(48, 23.5, 5).words(45, 33, 8, seed=1)
    picture = photographed(paper.image)
    picture[round(29 * DOTS) : round(31 * DOTS), round(85 * DOTS) : round(95 * DOTS)] = 255
    assert max(painted(paper, picture).values()) < 0.5
