"""The ellipse around ink of which a circle explains one end only: an oval seal."""

from __future__ import annotations

import cv2
import numpy as np

from scanservice.detect.canvas import Plane

INKED = 12.0
"""Ink, of 255, from which a pixel belongs to a ring: half of what a weak ring has after blurring."""
MOST_SIDE = 260
"""Dots beyond which joined ink is more than one seal: 65 mm."""


def ellipse_around(
    values: Plane, rim: Plane
) -> tuple[tuple[float, float], tuple[float, float], float] | None:
    """The ellipse through the convex hull of all ink that hangs together with a rim.

    The circle that most edges vote for lies within one end of an oval seal, and refining it never
    reaches the other end; the ring's own ink does.

    Args:
        values: H x W, float32, ink 0 to 255.
        rim: N x 2, float32, places (x, y) just at the ring's outer edge.

    Returns:
        Centre, full axes and angle (degrees) as `cv2.fitEllipse` gives them, in dots; None where there is
        too little ink, or too much to be one seal's.
    """
    _, labels = cv2.connectedComponents((values >= INKED).astype(np.uint8), connectivity=8)
    height, width = labels.shape
    x, y = (np.rint(rim[:, axis]).astype(int) for axis in (0, 1))
    near = [
        labels[np.clip(y + dy, 0, height - 1), np.clip(x + dx, 0, width - 1)]
        for dx in (-2, 0, 2)
        for dy in (-2, 0, 2)
    ]
    touched, times = np.unique(np.concatenate(near), return_counts=True)
    # A character that leans on the rim once or twice is inside it anyway; a line that crosses it is not.
    chosen = touched[(touched > 0) & (times >= 0.05 * times.sum())]
    rows, columns = np.nonzero(np.isin(labels, chosen))
    if len(rows) < 50 or max(np.ptp(rows), np.ptp(columns)) > MOST_SIDE:
        return None
    hull = cv2.convexHull(np.stack([columns, rows], axis=1).astype(np.int32))
    drawn = np.zeros((height + 2, width + 2), dtype=np.uint8)
    cv2.polylines(drawn, [hull + 1], isClosed=True, color=(1,))
    on_ink = np.argwhere(
        (drawn[1:-1, 1:-1] > 0)
        & cv2.dilate((values >= INKED).astype(np.uint8), np.ones((5, 5), np.uint8)).astype(bool)
    )
    if len(on_ink) < 30:
        return None
    (cx, cy), (a, b), angle = cv2.fitEllipseDirect(on_ink[:, ::-1].astype(np.float32))
    return (float(cx), float(cy)), (float(a), float(b)), float(angle)
