"""Finding circles, ellipses and rectangles in a plane of seal ink."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import cv2
import numpy as np

from scanservice.detect.canvas import Plane
from scanservice.detect.sealhull import ellipse_around

Shape = Literal["round", "oval", "square", "other"]

FIT_DOTS = 4.0
"""Dots to a mm during the search."""
RADII_MM = np.arange(6.0, 26.5, 0.5)
"""Official seals measure 38 to 50 mm across, departments' and personal ones down to 15."""
RING_MM = 0.7
"""How far from the fitted outline an edge may lie to count as part of it: paper curls, ink spreads."""
LEAST_COVERAGE = 0.30
"""Share of the outline that must show its edge; half a seal at the paper's fold still does."""
MOST_SEALS = 8
MOST_EDGES = 4000
"""Voters; a seal of 42 mm has about 2,000 at its ring and as many in its text."""
ANGLES = 360
WHOLE, HULLS = 0.9, 3
"""Coverage from which a ring needs no other ellipse, and how often one is tried."""


@dataclass(frozen=True, eq=False)
class Outline:
    """The outline of one imprint, in mm from the plane's top left corner.

    Attributes:
        center, axes: of the ellipse (x, y; full lengths, the longer first), or of the rectangle.
        angle: degrees clockwise from the x axis to the longer axis.
        coverage: share of the outline where its edge was found, 0 to 1.
    """

    shape: Shape
    center: tuple[float, float]
    axes: tuple[float, float]
    angle: float
    coverage: float

    @property
    def diameter(self) -> float:
        return float(np.sqrt(self.axes[0] * self.axes[1]))

    def paint(self, plane: Plane, dots_per_mm: float, value: int, grow: float = 0.0) -> None:
        """Fills the outline grown by `grow` mm in a plane of that scale."""
        center = (self.center[0] * dots_per_mm - 0.5, self.center[1] * dots_per_mm - 0.5)
        size = tuple((length + 2 * grow) * dots_per_mm for length in self.axes)
        if self.shape in ("square", "other"):
            corners = cv2.boxPoints((center, size, self.angle))
            cv2.fillConvexPoly(plane, np.rint(corners).astype(np.int32), (value,))
        else:
            cv2.ellipse(plane, (center, size, self.angle), (value,), cv2.FILLED)

    def inside(self, x: Plane, y: Plane, grow: float = 0.0) -> Plane:
        """Whether points (mm) lie inside the outline grown by `grow` mm."""
        turn = np.radians(self.angle)
        u = (x - self.center[0]) * np.cos(turn) + (y - self.center[1]) * np.sin(turn)
        v = -(x - self.center[0]) * np.sin(turn) + (y - self.center[1]) * np.cos(turn)
        a, b = self.axes[0] / 2 + grow, self.axes[1] / 2 + grow
        if self.shape in ("square", "other"):
            return (np.abs(u) <= a) & (np.abs(v) <= b)
        return (u / a) ** 2 + (v / b) ** 2 <= 1


def find_outlines(density: Plane) -> list[Outline]:
    """Round, oval and square imprints, best first.

    Outer edges vote for the centres and radii of circles that they may belong to (the gradient form of
    the circular Hough transform, Kimme, Ballard and Sklansky 1975); the winner is refined to an
    ellipse on the edge found along its rays, its edges are taken away, and the next one is sought.
    What ink no circle explains is looked at blob by blob.

    Args:
        density: H x W, uint8: ink at `FIT_DOTS`, 0 where there is none.
    """
    x, y, width, height = cv2.boundingRect(density)
    if width < 4 * FIT_DOTS or height < 4 * FIT_DOTS:
        return []
    pad = 8
    part = cv2.copyMakeBorder(
        density[y : y + height, x : x + width], pad, pad, pad, pad, cv2.BORDER_CONSTANT, value=(0,)
    )
    values = cv2.GaussianBlur(part, (0, 0), 1.2).astype(np.float32)
    circles = _circles(values)
    found = circles + _blobs(part, circles)
    corner = (x - pad) / FIT_DOTS, (y - pad) / FIT_DOTS
    return [replace(item, center=(item.center[0] + corner[0], item.center[1] + corner[1])) for item in found]


def _circles(values: Plane) -> list[Outline]:
    points, directions = _outer_edges(values)
    outlines: list[Outline] = []
    while len(points) >= 60 and len(outlines) < MOST_SEALS:
        found = _vote(points, directions, values.shape)
        if found is None:
            break
        outline = _refined(values, *found)
        if outline is None or outline.coverage < LEAST_COVERAGE:
            break
        if not any(_same(outline, other) for other in outlines):
            outlines.append(outline)
        keep = ~_explained(points, found, outline)
        if keep.all():
            break
        points, directions = points[keep], directions[keep]
    return [item for item in outlines if not any(_part_of(item, other) for other in outlines)]


def _part_of(small: Outline, large: Outline) -> bool:
    """Whether an outline is a character or an emblem of a larger seal rather than a seal."""
    inside = large.inside(np.array(small.center[0]), np.array(small.center[1]), 1.0)
    return bool(inside) and small.diameter < 0.6 * large.diameter


def _outer_edges(values: Plane) -> tuple[Plane, Plane]:
    """Places (N x 2, dots) where ink begins, and unit vectors into the ink; at most `MOST_EDGES`, evenly."""
    dx = cv2.Sobel(values, cv2.CV_32F, 1, 0, ksize=3, scale=0.125)
    dy = cv2.Sobel(values, cv2.CV_32F, 0, 1, ksize=3, scale=0.125)
    size = cv2.magnitude(dx, dy)
    some = size[size > 3.0]
    least = max(3.0, 0.25 * float(np.quantile(some, 0.9))) if some.size else 3.0
    rows, columns = np.nonzero(size > least)
    step = max(1, len(rows) // MOST_EDGES)
    rows, columns = rows[::step], columns[::step]
    vectors = np.stack([dx[rows, columns], dy[rows, columns]], axis=1) / size[rows, columns, None]
    return np.stack([columns, rows], axis=1).astype(np.float32), vectors


def _vote(points: Plane, directions: Plane, shape: tuple[int, ...]) -> tuple[float, float, float] | None:
    """Centre (dots) and radius (mm) with most votes for their length of outline."""
    margin = 12
    height, width = int(shape[0] / FIT_DOTS) + 2 * margin + 1, int(shape[1] / FIT_DOTS) + 2 * margin + 1
    reach = (RADII_MM * FIT_DOTS)[:, None, None]
    centres = np.rint((points[None] + directions[None] * reach) / FIT_DOTS + margin).astype(np.int32)
    x, y = centres[..., 0], centres[..., 1]
    inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    places = (np.arange(len(RADII_MM), dtype=np.int32)[:, None] * height + y) * width + x
    votes = np.bincount(places[inside], minlength=len(RADII_MM) * height * width)
    space = votes.reshape(len(RADII_MM) * height, width).astype(np.float32)
    # One blur over all radii stacked: planes hardly touch, for the margins between them are empty.
    space = cv2.GaussianBlur(space, (5, 5), 1.1).reshape(len(RADII_MM), height, width)
    space /= (RADII_MM + 4)[:, None, None].astype(np.float32)
    space[1:-1] = 0.25 * space[:-2] + 0.5 * space[1:-1] + 0.25 * space[2:]
    index, y0, x0 = np.unravel_index(int(np.argmax(space)), space.shape)
    if space[index, y0, x0] <= 0.05:
        return None
    return (x0 - margin) * FIT_DOTS, (y0 - margin) * FIT_DOTS, float(RADII_MM[index])


def _refined(values: Plane, x: float, y: float, radius: float) -> Outline | None:
    """An ellipse through the outermost edges near a circle; x, y in dots, radius in mm.

    Where the circle explains only part of the ring, the ellipse around the ring's ink is tried, again as
    long as more of the outline is found.
    """
    axes = (2 * radius * FIT_DOTS, 2 * radius * FIT_DOTS)
    found = _polished(values, (x, y), axes, 0.0)
    for _ in range(HULLS):
        if found is None or found[0].coverage >= WHOLE:
            break
        around = ellipse_around(values, found[1])
        other = _polished(values, *around) if around is not None else None
        if other is None or other[0].coverage <= found[0].coverage:
            break
        found = other
    return found[0] if found is not None else None


def _polished(
    values: Plane, center: tuple[float, float], axes: tuple[float, float], angle: float
) -> tuple[Outline, Plane] | None:
    """The outline near an ellipse (dots), and the places of its edge; None where there is none."""
    for reach in (2.0, 1.2, 0.9):
        rim, sharp = _rim(values, center, axes, angle, reach)
        if np.count_nonzero(sharp) < ANGLES * LEAST_COVERAGE * 0.7:
            return None
        center, axes, angle = _fit(rim[sharp], center, axes)
        ratio = max(axes) / max(min(axes), 1e-6)
        if not (ratio < 1.9 and 8 * FIT_DOTS < max(axes) < 60 * FIT_DOTS):
            return None
    rim, sharp = _rim(values, center, axes, angle, RING_MM)
    coverage = float(sharp.mean())
    if axes[0] < axes[1]:
        axes, angle = (axes[1], axes[0]), angle + 90
    shape: Shape = "round" if axes[0] / axes[1] < 1.15 else "oval"
    in_mm = (axes[0] / FIT_DOTS, axes[1] / FIT_DOTS)
    middle = ((center[0] + 0.5) / FIT_DOTS, (center[1] + 0.5) / FIT_DOTS)
    return Outline(shape, middle, in_mm, float(angle % 180), coverage), rim[sharp]


def _rim(
    values: Plane, center: tuple[float, float], axes: tuple[float, float], angle: float, reach_mm: float
) -> tuple[Plane, Plane]:
    """Along each ray the place of the outermost strong edge near the ellipse, and whether there is one."""
    theta = np.linspace(0, 2 * np.pi, ANGLES, endpoint=False)
    turn = np.radians(angle)
    u, v = axes[0] / 2 * np.cos(theta), axes[1] / 2 * np.sin(theta)
    rim_x, rim_y = u * np.cos(turn) - v * np.sin(turn), u * np.sin(turn) + v * np.cos(turn)
    length = np.hypot(rim_x, rim_y)
    steps = np.arange(-reach_mm * FIT_DOTS - 4, reach_mm * FIT_DOTS + 4.5, 0.5)
    scale = 1 + steps[None, :] / length[:, None]
    xs = (center[0] + rim_x[:, None] * scale).astype(np.float32)
    ys = (center[1] + rim_y[:, None] * scale).astype(np.float32)
    rays = cv2.remap(values, xs, ys, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=(0,))
    fall = np.zeros_like(rays)
    fall[:, 3:-3] = rays[:, :-6] - rays[:, 6:]
    allowed = np.abs(steps) <= reach_mm * FIT_DOTS
    fall[:, ~allowed] = 0
    strongest = fall.max(axis=1)
    usual = float(np.quantile(strongest, 0.8))
    sharp = strongest > max(6.0, 0.3 * usual)
    index = fall.argmax(axis=1)
    rows = np.arange(ANGLES)
    return np.stack([xs[rows, index], ys[rows, index]], axis=1), sharp


def _fit(
    rim: Plane, center: tuple[float, float], axes: tuple[float, float]
) -> tuple[tuple[float, float], tuple[float, float], float]:
    """Least squares: an ellipse where enough of it is seen, else a circle."""
    if len(rim) >= 0.6 * ANGLES:
        (x, y), (a, b), angle = cv2.fitEllipseDirect(rim.astype(np.float32))
        return (float(x), float(y)), (float(a), float(b)), float(angle)
    system = np.column_stack([2 * rim, np.ones(len(rim))])
    solution, *_ = np.linalg.lstsq(system, (rim**2).sum(axis=1), rcond=None)
    x, y = float(solution[0]), float(solution[1])
    radius = float(np.sqrt(max(solution[2] + x * x + y * y, 1.0)))
    if np.hypot(x - center[0], y - center[1]) > 3 * FIT_DOTS:
        return center, axes, 0.0
    return (x, y), (2 * radius, 2 * radius), 0.0


def _explained(points: Plane, found: tuple[float, float, float], outline: Outline) -> Plane:
    """Edges within the outline's ring, or, to be sure of an end, near the circle that was voted for."""
    distance = np.hypot(points[:, 0] - found[0], points[:, 1] - found[1]) / FIT_DOTS
    ring = np.abs(distance - found[2]) < 1.2
    x, y = (points[:, 0] + 0.5) / FIT_DOTS, (points[:, 1] + 0.5) / FIT_DOTS
    return ring | (outline.inside(x, y, 1.0) & ~outline.inside(x, y, -1.0))


def _same(first: Outline, second: Outline) -> bool:
    apart = np.hypot(first.center[0] - second.center[0], first.center[1] - second.center[1])
    return bool(apart < 0.25 * max(first.diameter, second.diameter))


def _blobs(density: Plane, known: list[Outline]) -> list[Outline]:
    """Imprints that no circle explains: stamps with a frame, or lines of text."""
    rest = (cv2.GaussianBlur(density, (0, 0), 0.8) > 20).astype(np.uint8)
    for outline in known:
        outline.paint(rest, FIT_DOTS, 0, grow=1.5)
    joined = cv2.morphologyEx(rest, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined)
    outlines = []
    for index in range(1, count):
        width, height = (
            stats[index, cv2.CC_STAT_WIDTH] / FIT_DOTS,
            stats[index, cv2.CC_STAT_HEIGHT] / FIT_DOTS,
        )
        ink = float(np.count_nonzero(rest[labels == index])) / FIT_DOTS**2 if min(width, height) > 4 else 0.0
        if min(width, height) < 5 or max(width, height) > 70 or ink < 12:
            continue
        outlines.append(_blob_outline(labels == index, ink))
    return sorted(outlines, key=lambda outline: -outline.axes[0] * outline.axes[1])


def _blob_outline(blob: Plane, ink_mm2: float) -> Outline:
    contours, _ = cv2.findContours(blob.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    hull = cv2.convexHull(np.vstack(contours))
    (x, y), (width, height), angle = cv2.minAreaRect(hull)
    if width < height:
        width, height, angle = height, width, angle + 90
    fill = float(cv2.contourArea(hull)) / max(width * height, 1.0)
    ratio = width / max(height, 1.0)
    shape: Shape = "other"
    if fill > 0.88 and ratio < 2.2:
        shape = "square"
    elif 0.70 < fill <= 0.88 and ratio < 1.9:
        shape = "oval" if ratio >= 1.15 else "round"
    center = ((x + 0.5) / FIT_DOTS, (y + 0.5) / FIT_DOTS)
    area = width * height / FIT_DOTS**2
    return Outline(
        shape,
        center,
        (width / FIT_DOTS, height / FIT_DOTS),
        float(angle % 180),
        min(1.0, 2.5 * ink_mm2 / area),
    )
