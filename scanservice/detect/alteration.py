"""Corrections in a field: struck out, written over, or painted over.

The pen's corrections are seen by a small network in the ink of each line, against the page's usual pen
(`strokenet`), helped by how heavy the heaviest character is; fluid and tape by what they do to the paper
(`paint`). Weights come from `python -m benchmarks.marks.calibrate corrections`. Where the expected text is
known, `scanservice.verify.corrections` judges the same ink beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from scanservice.detect.canvas import DOTS_PER_MM, Canvas, Plane
from scanservice.detect.ink import FAINT
from scanservice.detect.logistic import logistic, probability
from scanservice.detect.network import network, total
from scanservice.detect.regionink import RegionInk
from scanservice.detect.strokenet import CELL, Pen, height_of, line_planes, scale_of
from scanservice.evidence import LineInk
from scanservice.geometry import Box

STRONG = 0.55
"""Share of the usual darkness from which a pixel is the core of a stroke; gaps between strokes are paler."""
SUSPECT = 0.05
"""Below this probability no place is named."""
WINDOW = 0.8
"""Side of the square that a character's ink is gathered in, as a share of the writing's height."""
LONG = 2.0
"""Heights of the writing from which a straight level stroke with ink above and below it has struck it out:
the longest in 3,700 clean lines of generated forms was 1.8."""
STEEP = 6.0
SLOPES = (-9, -6, -3, 0, 3, 6, 9)
"""Degrees in which such a stroke may run."""
PARTS, MOST_PARTS = 8, 400
"""Parts of a line to the height of its characters, and in all, in which its ink is told."""
LEAST_DARKNESS = 40.0
"""The page's usual ink is taken to be at least so dark."""
PRESSED_SHARE = 0.4
"""What the weight of the ink adds to the network's score: with more of it struck lines are missed, with
less those written over (of the shares 0.3 to 1.2)."""


def measure_pen(canvas: Canvas, writing: Plane, boxes: Sequence[Box]) -> Pen:
    """The page's usual writing: medians over its fields."""
    found = []
    for box in boxes:
        part = np.ascontiguousarray(writing[canvas.window(box)])
        if np.count_nonzero(part > FAINT) < 60:
            continue
        darkness = float(np.quantile(part[part > FAINT], 0.8))
        core = (part >= STRONG * darkness).astype(np.uint8)
        ridge = _ridge(core)
        rows = np.flatnonzero(core.any(axis=1))
        if ridge.size > 4:
            found.append((float(np.median(ridge)), darkness, float(rows[-1] - rows[0] + 1)))
    if not found:
        return Pen(1.5, 90.0, 4.0 * DOTS_PER_MM)
    return Pen(*(float(value) for value in np.median(np.array(found), axis=0)))


def _ridge(core: Plane) -> Plane:
    """Half widths along the middle of strokes, in pixels."""
    distance = depth_in(core)
    return distance[(distance == cv2.dilate(distance, np.ones((3, 3), np.uint8))) & (core > 0)]


@dataclass(frozen=True, eq=False)
class Suspicion:
    """Attributes:
    chance: probability that a line is corrected by the pen, by its ink alone; 0.5 at the calibrated
        threshold.
    place: x, y, width, height of the most suspect place in it, pixels.
    ink: for the line to be judged beside the text that is expected in it.
    """

    chance: float
    place: tuple[int, int, int, int]
    ink: LineInk


NO_INK = LineInk(0.0, np.zeros((4, 1), np.float16), 0.0, 0.0)
"""Of a cell in which nothing is written."""


def alteration(
    canvas: Canvas, ink: RegionInk, lines: Sequence[Plane], writing: Plane, pen: Pen
) -> tuple[float, Box | None, tuple[LineInk, ...]]:
    """Probability of a correction by the pen in a field, where it is suspected, and the ink of its lines.

    Args:
        lines: the ink of each line, as masks of the size of `ink.mask`.
        writing: of the whole canvas.
    """
    best, where = 0.0, None
    inks: list[LineInk] = []
    for line in lines:
        if not line.any():
            inks.append(NO_INK)
            continue
        x, y, width, height = cv2.boundingRect(line.astype(np.uint8))
        part = slice(y, y + height), slice(x, x + width)
        found = suspicion(writing[ink.rows, ink.columns][part] * line[part], pen)
        inks.append(found.ink)
        if found.chance > best:
            left, top = ink.columns.start + x + found.place[0], ink.rows.start + y + found.place[1]
            best = found.chance
            where = canvas.box_of(slice(top, top + found.place[3]), slice(left, left + found.place[2]))
    return best, where if best > SUSPECT else None, tuple(inks)


def suspicion(dark: Plane, pen: Pen) -> Suspicion:
    """How likely a line is corrected by the pen.

    Args:
        dark: the line's darkness, H x W, uint8, 0 off its ink, trimmed to its ink, which is not empty.
    """
    net = network("corrections")
    logits = net.logits(line_planes(dark, pen))
    weight = logistic("pressed").score(pressed(dark, pen))
    by_look = net.chance(total(logits) + PRESSED_SHARE * weight)
    length, place = longest_stroke(dark, pen)
    by_length = probability(STEEP * (length - LONG))
    ink = LineInk(
        round(dark.shape[1] / pen.height, 3), _parts(dark, pen, logits), round(weight, 3), round(length, 3)
    )
    if by_length > by_look:
        return Suspicion(by_length, place, ink)
    return Suspicion(by_look, _place(logits, scale_of(dark, pen), dark.shape), ink)


def _parts(dark: Plane, pen: Pen, logits: Plane) -> Plane:
    """What `LineInk.parts` holds; `PARTS` of them to the height of the line's characters."""
    columns = dark.shape[1]
    count = int(np.clip(round(PARTS * columns / height_of(dark, pen)), 4, MOST_PARTS))
    ink = dark[dark > FAINT]
    core = (dark >= STRONG * float(np.quantile(ink, 0.8))).astype(np.uint8) if ink.size else dark * 0
    distance = depth_in(core)
    middle = (distance == cv2.dilate(distance, np.ones((3, 3), np.uint8))) & (core > 0)
    stroke = pen.height * pen.half_width * max(pen.darkness, LEAST_DARKNESS)
    along = np.array(
        [
            dark.sum(axis=0, dtype=np.float64) / stroke,
            middle.sum(axis=0) / pen.height,
            np.where(middle, distance, 0).sum(axis=0) / (pen.height * max(pen.half_width, 0.5)),
        ]
    )
    edges = np.linspace(0, columns, count + 1)
    sums = np.concatenate([np.zeros((3, 1)), np.cumsum(along, axis=1)], axis=1)
    within = np.array([np.diff(np.interp(edges, np.arange(columns + 1), row)) for row in sums])
    centres = (edges[:-1] + edges[1:]) / 2 * scale_of(dark, pen) + CELL / 2
    doubt = np.interp(centres, (np.arange(logits.shape[1]) + 0.5) * CELL, logits.max(axis=0))
    return np.array([within[0], doubt, within[1], within[2]]).astype(np.float16)


def depth_in(core: Plane) -> Plane:
    """How far each pixel of ink lies from the nearest without, pixels, H x W, float32.

    A line that is one stroke may fill its crop: then what lies outside is without, where OpenCV would give
    the greatest number that there is.
    """
    if core.all():
        framed = cv2.copyMakeBorder(core, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=(0,))
        return cv2.distanceTransform(framed, cv2.DIST_L2, 3)[1:-1, 1:-1]
    return cv2.distanceTransform(core, cv2.DIST_L2, 3)


def longest_stroke(dark: Plane, pen: Pen) -> tuple[float, tuple[int, int, int, int]]:
    """Length, in heights of the writing, of the longest straight level stroke through it, and its place.

    A stroke counts in full where 8 % and more of what lies above and below it is inked. The network sees
    about a character at a time; this sees what runs through many.
    """
    size = height_of(dark, pen)
    length = int(size) | 1
    nowhere = 0.0, (0, 0, dark.shape[1], dark.shape[0])
    if dark.shape[1] < LONG * size or not (dark > FAINT).any():
        return nowhere
    core = (dark >= STRONG * float(np.quantile(dark[dark > FAINT], 0.8))).astype(np.uint8)
    closed = cv2.morphologyEx(core, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    level = np.zeros_like(core)
    for degrees in SLOPES:
        level = cv2.max(level, cv2.morphologyEx(closed, cv2.MORPH_OPEN, _sloping(length, degrees)))
    _, _, stats, _ = cv2.connectedComponentsWithStats(level)
    reach = int(0.3 * size)
    found = [nowhere]
    for x, y, width, height, _ in stats[1:].tolist():
        above, below = core[max(y - reach, 0) : y, x : x + width], core[y + height :, x : x + width][:reach]
        if height <= max(0.5 * size, 0.2 * width) and above.size and below.size:
            crossed = min(float(above.mean()), float(below.mean()), 0.08) / 0.08
            found.append((width / size * crossed, (x, y, width, height)))
    return max(found)


def _sloping(length: int, degrees: float) -> Plane:
    """A line of ones from edge to edge of a kernel."""
    rise = round(np.tan(np.radians(degrees)) * (length - 1) / 2)
    kernel = np.zeros((2 * abs(rise) + 1, length), np.uint8)
    cv2.line(kernel, (0, abs(rise) - rise), (length - 1, abs(rise) + rise), (1,))
    return kernel


def pressed(dark: Plane, pen: Pen) -> Plane:
    """How heavy a line's heaviest character is: inputs of the classifier `pressed`, in a fixed order.

    Widest stroke of a character against the page's pen and the line's own; fullest square of ink and how
    it compares with the line's others; darkest ink and the usual; length; share of the line that is inked.

    Args:
        dark: as for `suspicion`.
    """
    inked = dark > FAINT
    if not inked.any():
        return np.zeros(8)
    ink = dark[inked]
    usual, page = float(np.quantile(ink, 0.8)), max(pen.darkness, LEAST_DARKNESS)
    core = (dark >= STRONG * usual).astype(np.uint8)
    size = height_of(dark, pen)
    side = max(8, int(WINDOW * size))
    distance = depth_in(core)
    middle = ((distance == cv2.dilate(distance, np.ones((3, 3), np.uint8))) & (core > 0)).astype(np.float32)
    count = _sums(middle, side)
    enough = count >= max(6.0, 0.25 * float(count.max()))
    width = float(np.where(enough, _sums(distance * middle, side) / np.maximum(count, 1), 0).max())
    mass = _sums(np.minimum(dark.astype(np.float32) / page, 1.6), side) / side**2
    columns = mass.max(axis=0)
    others = columns[columns > 0.05]
    own_width = float(np.median(distance[middle > 0])) if middle.any() else 1.0
    return np.array(
        [
            width / max(pen.half_width, 0.5),
            width / max(own_width, 0.5),
            float(mass.max()),
            float(mass.max()) / max(float(np.median(others)), 0.05) if others.size else 1.0,
            float(np.quantile(ink, 0.98)) / page,
            usual / page,
            float(np.log(max(dark.shape[1] / size, 0.3))),
            float(inked.mean()),
        ]
    )


def _sums(values: Plane, side: int) -> Plane:
    return cv2.boxFilter(values, -1, (side, side), normalize=False, borderType=cv2.BORDER_CONSTANT)


def _place(logits: Plane, scale: float, size: tuple[int, ...]) -> tuple[int, int, int, int]:
    """The connected cells around the most suspect one that are hardly less so, in pixels of the line."""
    row, column = np.unravel_index(int(np.argmax(logits)), logits.shape)
    near = (logits > float(logits[row, column]) - 1.5).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(near, connectivity=4)
    x, y, width, height = (int(value) for value in stats[labels[row, column], :4])
    edges = (np.array([x, y, x + width, y + height]) * CELL - CELL // 2) / scale
    limits = [size[1] - 1, size[0] - 1, size[1], size[0]]
    left, top, right, bottom = np.clip(np.rint(edges), 0, limits).astype(int).tolist()
    return left, top, max(right - left, 1), max(bottom - top, 1)
