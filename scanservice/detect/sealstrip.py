"""A seal's text laid out as a line that can be read."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from scanservice.detect.canvas import DOTS_PER_MM, Plane
from scanservice.detect.sealfit import Outline

SMALL_PRINT_MM = 2.4
"""Depth from the ring within which registered seals carry their small digits."""
MARGIN = 5
"""Pixels around a line of text."""
HIDDEN = 0.12
"""Share of a column of the text from which on it is told to be hidden: a stroke of print."""


def framed(plane: Plane, outline: Outline, side: int) -> Plane:
    """The outline's bounding square on the page, its ellipse made a circle, side x side."""
    size = outline.axes[0] * DOTS_PER_MM
    turn = np.radians(outline.angle)
    a, b = outline.axes[0] / 2 * DOTS_PER_MM, outline.axes[1] / 2 * DOTS_PER_MM
    rotate = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    stretch = rotate @ np.diag([a, b]) @ rotate.T / (side / 2)
    center = np.array(outline.center) * DOTS_PER_MM - 0.5
    offset = center - stretch @ np.array([(side - 1) / 2, (side - 1) / 2])
    source = cv2.GaussianBlur(plane, (0, 0), max(size / side * 0.35, 0.3)) if size > 1.5 * side else plane
    return cv2.warpAffine(
        source,
        np.hstack([stretch, offset[:, None]]),
        (side, side),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
    )


@dataclass(frozen=True, eq=False)
class Ring:
    """A seal's text as one line: its picture (BGR, dark on light), and from where to where of it, in shares
    of its length, other ink hides some of the text."""

    image: Plane
    hidden: tuple[tuple[float, float], ...] = ()


def unrolled(plane: Plane, outline: Outline, covered: Plane | None = None) -> Ring:
    """The ring's text as one line, left to right, outer side up.

    The seal is brought to a circle, unrolled, and cut in the middle of the widest gap of its text, which
    on an upright seal lies below. Small digits that many seals carry there, close to the ring, are left
    out: the text reaches further in.

    Args:
        covered: uint8 like `plane`, 255 where other ink lies over the seal; of angular seals it is not told.
    """
    if outline.shape in ("square", "other"):
        return Ring(_on_paper(_upright(plane, outline)))
    strip = _strip(plane, outline)
    top = min(_below_ring(strip), strip.shape[0] // 3)
    deep = min(round(SMALL_PRINT_MM * DOTS_PER_MM), strip.shape[0] // 4)
    reach = max(strip.shape[0] * 2 // 3, top + deep + 4)
    turn = -_widest_gap(strip[top + deep : reach])
    strip = np.roll(strip, turn, axis=1)
    first, last = _ring_text(strip[top:reach], deep)
    columns = slice(max(first - 10, 0), last + 10)
    text = strip[top:, columns]
    rows = slice(top, top + _above_star(text, deep))
    image = _on_paper(strip[rows, columns])
    if covered is None:
        return Ring(image)
    over = np.roll(_strip(covered, outline), turn, axis=1)[rows, columns]
    return Ring(image, _runs((over > 127).mean(axis=0) > HIDDEN, image.shape[1]))


def _runs(hidden: Plane, width: int) -> tuple[tuple[float, float], ...]:
    """Runs of columns as shares of a picture's width, its margin included."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], hidden.astype(int), [0])))) + MARGIN
    return tuple(
        (round(float(first) / width, 4), round(float(last) / width, 4))
        for first, last in zip(edges[::2], edges[1::2], strict=True)
    )


def _on_paper(text: Plane) -> Plane:
    """Ink as dark grey on a light ground with a margin, BGR."""
    full = max(float(np.quantile(text, 0.96)), 30.0)
    grey = np.clip(250 - text * (225 / full), 0, 255).astype(np.uint8)
    framed = cv2.copyMakeBorder(grey, MARGIN, MARGIN, MARGIN, MARGIN, cv2.BORDER_CONSTANT, value=(250,))
    return cv2.cvtColor(framed, cv2.COLOR_GRAY2BGR)


def _upright(plane: Plane, outline: Outline) -> Plane:
    """A rectangular seal turned level, float32."""
    width, height = (max(8, round(length * DOTS_PER_MM)) for length in outline.axes)
    angle = (
        outline.angle
        if outline.angle <= 45
        else outline.angle - 180
        if outline.angle > 135
        else outline.angle - 90
    )
    if 45 < outline.angle <= 135:
        width, height = height, width
    turn = cv2.getRotationMatrix2D((0, 0), angle, 1.0)
    center = np.array(outline.center) * DOTS_PER_MM
    back = cv2.invertAffineTransform(turn)
    back[:, 2] = center - back[:, :2] @ np.array([width / 2, height / 2])
    return cv2.warpAffine(plane, back, (width, height), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP).astype(
        np.float32
    )


def _strip(plane: Plane, outline: Outline) -> Plane:
    """The outer half of the disc unrolled clockwise from the right, the rim above, float32."""
    side = int(max(outline.axes) * DOTS_PER_MM)
    disc = framed(plane, outline, side).astype(np.float32)
    radius = side / 2
    theta = np.arange(int(2 * np.pi * 0.80 * radius)) / (0.80 * radius)
    distances = 0.99 * radius - np.arange(int(0.52 * radius))
    xs = (radius - 0.5 + np.cos(theta)[None, :] * distances[:, None]).astype(np.float32)
    ys = (radius - 0.5 + np.sin(theta)[None, :] * distances[:, None]).astype(np.float32)
    return cv2.remap(disc, xs, ys, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=(0,))


def _below_ring(strip: Plane) -> int:
    """The first row below the ring: where the profile is lowest between ring and text."""
    filled = strip.mean(axis=1)
    third = len(filled) // 3
    ring = int(np.argmax(filled[:third]))
    search = filled[ring : ring + max(third, 4)]
    return ring + int(np.argmin(search[: max(len(search) * 2 // 3, 2)]))


def _ring_text(band: Plane, deep: int) -> tuple[int, int]:
    """First and last column of the ring's text.

    At both ends there may be what is no part of it: the small digits, which do not reach `deep`, and
    the ends of a straight line below the star, which begin lower than the ring's characters.
    """
    dark = band > 0.35 * float(np.quantile(band, 0.96))
    filled = np.concatenate(([0], (~_empty_columns(band)).astype(int), [0]))
    edges = np.flatnonzero(np.diff(filled))
    runs = []
    for first, last in zip(edges[::2], edges[1::2], strict=True):
        rows = np.flatnonzero(dark[:, first:last].sum(axis=1) >= 2)
        if rows.size:
            runs.append((int(first), int(last), int(rows[0]), int(rows[-1])))
    if not runs:
        return 0, band.shape[1]
    usual = float(np.median([run[2] for run in runs if run[3] >= deep] or [0]))
    text = [run for run in runs if run[3] >= deep and run[2] <= usual + 0.25 * band.shape[0]]
    return (text[0][0], text[-1][1]) if text else (0, band.shape[1])


def _above_star(text: Plane, least: int) -> int:
    """The row where the text ends: the profile's first low place below its middle."""
    filled = (
        cv2.GaussianBlur(text.mean(axis=1).reshape(-1, 1), (1, 0), 1.5).ravel()
        if text.shape[0] > 3
        else text.mean(axis=1)
    )
    start = max(least + 8, int(0.38 * len(filled)))
    low = np.flatnonzero(filled[start:] < 0.22 * float(filled.max()))
    return start + int(low[0]) + 2 if low.size else len(filled)


def _empty_columns(band: Plane) -> Plane:
    inked = cv2.GaussianBlur(band.max(axis=0).reshape(1, -1), (0, 0), 1.5).ravel()
    return inked < 0.35 * float(np.quantile(inked, 0.9))


def _widest_gap(band: Plane) -> int:
    """Column in the middle of the longest run without text, going round."""
    empty = _empty_columns(band)
    if empty.all() or not empty.any():
        return 0
    start = int(np.flatnonzero(~empty)[0])
    turned = np.roll(empty, -start).astype(int)
    edges = np.flatnonzero(np.diff(np.concatenate(([0], turned, [0]))))
    first, last = max(zip(edges[::2], edges[1::2], strict=True), key=lambda run: run[1] - run[0])
    return int((first + last) // 2 + start) % len(empty)
