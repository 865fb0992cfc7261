"""Dotted zeros before the second reader sees them."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from scanservice.geometry import Image
from scanservice.verify.counters import clear_counters


def zero(dot: int, *, wide: int = 8, above: int = 40, blur: float = 0.8) -> Image:
    """A zero half as wide as that, with a dot of such a radius, its upper end so pale."""
    picture = np.full((40, 30, 3), 250, np.uint8)
    cv2.ellipse(picture, (15, 20), (wide, 13), 0, 0, 360, (40, 40, 40), 4)
    picture[:12] = np.maximum(picture[:12], above)
    if dot:
        cv2.circle(picture, (15, 20), dot, (60, 60, 60), cv2.FILLED)
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), blur), dtype=np.uint8)


def test_a_dot_in_a_zero_is_taken_away_and_its_ring_stays() -> None:
    dotted, plain = clear_counters(zero(2)), clear_counters(zero(0))
    assert dotted[40, 30].min() > 200
    assert np.abs(dotted.astype(int) - plain).mean() < 1.5


def test_a_dot_that_blur_joins_to_its_ring_is_taken_away_too() -> None:
    assert clear_counters(zero(2, wide=6, above=130, blur=2))[40, 30].min() > 240


@pytest.mark.parametrize("digit", "123456789")
def test_every_other_digit_stays_as_it_is(digit: str) -> None:
    picture = np.full((60, 50, 3), 250, np.uint8)
    cv2.putText(picture, digit, (8, 48), cv2.FONT_HERSHEY_SIMPLEX, 1.6, (30, 30, 30), 5, cv2.LINE_AA)
    grey = cv2.resize(picture, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    assert np.abs(clear_counters(picture).astype(int) - grey).max() <= 3
