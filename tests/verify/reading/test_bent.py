"""Lines bent for the reader's training."""

from __future__ import annotations

import cv2
import numpy as np

from benchmarks.reading.bent import BENT, LEAST_WIDTH, LONGEST, bent
from scanservice.geometry import Image


def line(width: int) -> Image:
    drawn = np.full((48, width, 3), 240, np.uint8)
    cv2.line(drawn, (4, 40), (width - 5, 8), (60, 40, 30), 3)
    return drawn


def test_a_line_keeps_its_height_and_its_ink():
    given = line(200)
    made = [bent(given, np.random.default_rng(seed)) for seed in range(60)]
    other = [picture for picture in made if picture is not given]
    assert abs(len(other) / len(made) - BENT) < 0.2
    assert all(picture.shape[0] == 48 and picture.dtype == np.uint8 for picture in other)
    assert len({picture.shape[1] for picture in other}) > 10
    assert all((picture.min(axis=2) < 150).mean() > 0.02 for picture in other)
    assert (given == line(200)).all()


def test_no_line_becomes_too_short_or_too_long():
    for width in (LEAST_WIDTH, LONGEST):
        widths = [bent(line(width), np.random.default_rng(seed)).shape[1] for seed in range(20)]
        assert LEAST_WIDTH <= min(widths) <= max(widths) <= LONGEST


def test_the_same_numbers_bend_alike():
    first, second = (bent(line(120), np.random.default_rng(5)) for _ in range(2))
    assert np.array_equal(first, second)
