"""A line taken apart at its gaps, and put together again."""

from __future__ import annotations

import numpy as np
import pytest

from scanservice.evidence import Posterior
from scanservice.geometry import Image
from scanservice.verify.parts import joined, parts

HEIGHT = 40


def blots(count: int, gap: int = 12, width: int = 28) -> Image:
    """Dark blocks on white paper, as regular as characters of print."""
    line = np.full((HEIGHT, count * (width + gap) - gap, 3), 255, dtype=np.uint8)
    for index in range(count):
        left = index * (width + gap)
        line[4 : HEIGHT - 4, left : left + width] = 30
    return line


def inked(image: Image) -> int:
    return int((image[:, :, 0] < 100).sum())


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_short_line_stays_whole(count: int) -> None:
    assert len(parts(blots(count))) == 1


@pytest.mark.parametrize("count", [5, 8, 14, 30])
def test_a_long_line_is_cut_between_its_characters(count: int) -> None:
    found = parts(blots(count))
    assert len(found) > 1
    one = inked(blots(1))
    assert all(inked(part) % one == 0 and inked(part) for part in found)
    assert sum(inked(part) for part in found) == count * one


def test_a_wide_gap_is_cut_rather_than_a_narrow_one() -> None:
    first, second = blots(2), blots(6)
    line = np.concatenate([first, np.full((HEIGHT, 30, 3), 255, np.uint8), second], axis=1)
    assert inked(parts(line)[0]) == inked(first)


def test_a_line_without_gaps_is_one_part() -> None:
    assert len(parts(blots(10, gap=0))) == 1


def test_a_line_without_ink_is_one_part() -> None:
    assert len(parts(np.full((HEIGHT, 400, 3), 240, np.uint8))) == 1


def test_joined_parts_have_a_blank_between_them() -> None:
    one = Posterior(np.array([[5, 0], [0, 5]], np.int32), np.array([[-0.1, -3], [-0.2, -4]], np.float16), "a")
    whole = joined([one, one], "both")
    assert whole.symbols[:, 0].tolist() == [5, 0, 0, 5, 0]
    assert whole.log_probs[2, 0] == 0
    assert whole.source == "both"
