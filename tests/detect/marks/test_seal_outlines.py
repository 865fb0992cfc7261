"""Outlines of seals that no circle explains."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from scanservice.detect.canvas import Plane
from scanservice.detect.sealfit import FIT_DOTS, find_outlines


def oval(width: float, height: float, angle: float, gaps: int = 0) -> Plane:
    """A ring of 1 mm with some strokes within, mm and degrees; `gaps` places where it took no ink."""
    plane = np.zeros((280, 280), np.uint8)
    size = (width * FIT_DOTS, height * FIT_DOTS)
    cv2.ellipse(plane, ((140, 140), size, angle), (180,), 4, cv2.LINE_AA)
    for turn in np.linspace(0, 2 * np.pi, gaps, endpoint=False) + 0.3:
        place = 140 + np.array([np.cos(turn), np.sin(turn)]) * size[0] / 2
        cv2.circle(plane, (int(place[0]), int(place[1])), 5, (0,), cv2.FILLED)
    for turn in np.arange(2.5, 7.0, 0.4):
        along = np.array([size[0] * np.cos(turn), size[1] * np.sin(turn)]) * 0.36
        tilt = np.radians(angle)
        x = 140 + along[0] * np.cos(tilt) - along[1] * np.sin(tilt)
        y = 140 + along[0] * np.sin(tilt) + along[1] * np.cos(tilt)
        cv2.rectangle(plane, (int(x) - 5, int(y) - 5), (int(x) + 5, int(y) + 5), (150,), 2)
    return plane


@pytest.mark.parametrize("angle", [0, 25, 90, 156])
@pytest.mark.parametrize(("width", "height"), [(45, 30), (50, 36), (40, 30)])
def test_an_oval_seal_is_found_whole(width: float, height: float, angle: float) -> None:
    first = find_outlines(oval(width, height, angle))[0]
    assert first.shape == "oval"
    assert first.axes == pytest.approx((width + 1, height + 1), abs=1.0)
    assert np.hypot(first.center[0] - 35, first.center[1] - 35) < 0.6
    assert abs((first.angle - angle + 90) % 180 - 90) < 3


def test_an_oval_seal_with_gaps_in_its_ring_is_found_whole() -> None:
    first = find_outlines(oval(45, 30, 10, gaps=3))[0]
    assert first.axes == pytest.approx((46, 31), abs=1.2)
