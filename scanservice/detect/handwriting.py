"""Print or hand: how regular the strokes of some ink are."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from scanservice.detect.canvas import DOTS_PER_MM, Plane
from scanservice.detect.logistic import logistic, probability

STRONG = 0.55
"""Share of the usual darkness from which a pixel is the core of a stroke; gaps between strokes are paler."""
EXACT_DEGREES = 2.5
"""Registration turns a region by less than this; print stands upright within it."""
BLUE, BLUE_STEP = 0.055, 0.005
"""Blueness from which ink is a pen's: printed black shows up to 0.035 in whatever light, blue pens 0.06 to
0.4."""
JOINED = 1.5
"""Added to the score of ink in one piece: that no feet stray is no sign of print where there are no feet.
Of 408 joined signatures 5 lay below 0.7 and of 176 joined prints none above 0.4."""
MOST, MOST_SIGMA = 0.7, 0.557
"""Share of a row's characters by which it is judged, and the standard deviation of that middle share of a
normal distribution, as a share of the whole one's."""
SURE_DIRECTION = 0.7
"""Coherence of the structure tensor, 0 to 1, from which a stroke has a direction."""


@dataclass(frozen=True, slots=True)
class StrokeLook:
    """What tells print from writing, and writing from a stray line.

    Attributes:
        area: mm2 of ink; width, height: of its extent, mm.
        spread: standard deviation across the direction in which it is longest, mm.
        turns: entropy of its edges' directions, 0 (one direction) to 1 (all alike).
        axes: share of its edges that run within 6 degrees of level or upright; print has most.
        ragged: how much the feet of its characters stray from a straight line, share of their height.
        uneven: how much its characters' heights differ, as a share of their median.
        pieces: how many connected parts of at least a full stop's size.
        lean, level: how far upright and level strokes are from the page's own axes, mean, degrees.
        lean_spread, level_spread: standard deviation of the same.
        plumb, true: share of the upright and of the level strokes within `EXACT_DEGREES` of the axes.
        swell: how much the strokes' width varies, as a share of it.
        joined: width of the widest connected part, in heights of the whole.
        parted: connected parts to a square of the line's height.
        blue: how much bluer than paper its core is, as a share of its darkness; black print has next to none.
    """

    area: float
    width: float
    height: float
    spread: float
    turns: float
    axes: float
    ragged: float
    uneven: float
    pieces: int
    lean: float = 0.0
    lean_spread: float = 0.0
    level: float = 0.0
    level_spread: float = 0.0
    plumb: float = 0.0
    true: float = 0.0
    swell: float = 0.0
    joined: float = 0.0
    parted: float = 0.0
    blue: float = 0.0

    def vector(self) -> Plane:
        """Inputs of the classifier that tells a hand from print, in a fixed order."""
        plain = [self.axes, self.turns, self.ragged, self.uneven, self.spread]
        strokes = [self.lean, self.lean_spread, self.level, self.level_spread, self.plumb, self.true]
        return np.array([*plain, *strokes, self.swell, min(self.joined, 3.0), min(self.parted, 2.5)])


def by_hand(look: StrokeLook) -> float:
    """Probability that some ink was written and not printed; 0.5 at the calibrated threshold.

    Print stands upright to a fraction of a degree on a registered page, in strokes of few directions; a
    hand leans, strays and joins its characters. The weights come from black ink alone
    (`python -m benchmarks.marks.calibrate hand`); what is clearly blue is no print.
    """
    joined = JOINED if look.ragged == 0.0 and look.uneven == 0.0 else 0.0
    score = logistic("hand").score(look.vector()) + joined
    return max(probability(score), probability((look.blue - BLUE) / BLUE_STEP))


def stroke_look(mask: Plane, darkness: Plane, blueness: Plane | None = None) -> StrokeLook:
    """Measures ink.

    Args:
        mask: H x W, bool: the ink, at `DOTS_PER_MM`; not empty.
        darkness: H x W, uint8: of the same place, for the directions of edges.
        blueness: H x W, uint8: as `Canvas.blueness`; None: its colour is not looked at.
    """
    x, y, width, height = cv2.boundingRect(mask.astype(np.uint8))
    part = np.ascontiguousarray(mask[y : y + height, x : x + width]).astype(np.uint8)
    dark = cv2.bitwise_and(np.ascontiguousarray(darkness[y : y + height, x : x + width]), part * 255)
    turns, axes = _directions(dark)
    ragged, uneven, pieces = _characters(part)
    lean, lean_spread, plumb, level, level_spread, true = _leaning(dark)
    core = dark >= STRONG * float(np.quantile(dark[part > 0], 0.8))
    blue = 0.0
    if blueness is not None:
        tint = blueness[y : y + height, x : x + width][core]
        blue = float(tint.mean()) / max(float(dark[core].mean()), 1.0)
    return StrokeLook(
        area=float(np.count_nonzero(part)) / DOTS_PER_MM**2,
        width=width / DOTS_PER_MM,
        height=height / DOTS_PER_MM,
        spread=_spread_mm(part),
        turns=turns,
        axes=axes,
        ragged=ragged,
        uneven=uneven,
        pieces=pieces,
        lean=lean,
        lean_spread=lean_spread,
        level=level,
        level_spread=level_spread,
        plumb=plumb,
        true=true,
        swell=_swell(core.astype(np.uint8)),
        joined=_widest(part) / height,
        parted=pieces * height / width,
        blue=blue,
    )


def _spread_mm(mask: Plane) -> float:
    rows, columns = np.nonzero(mask)
    if rows.size < 10:
        return 0.0
    covariance = np.cov(np.stack([columns, rows]))
    return float(np.sqrt(max(np.linalg.eigvalsh(covariance)[0], 0.0)) / DOTS_PER_MM)


def _directions(dark: Plane) -> tuple[float, float]:
    """Entropy (0 to 1) of edge directions, and the share along the axes, weighted by strength."""
    values = cv2.GaussianBlur(dark.astype(np.float32), (0, 0), 1.0)
    dx, dy = cv2.Sobel(values, cv2.CV_32F, 1, 0), cv2.Sobel(values, cv2.CV_32F, 0, 1)
    size = cv2.magnitude(dx, dy)
    strong = size > 0.3 * float(size.max())
    if not strong.any():
        return 0.0, 0.0
    angle = np.degrees(np.mod(np.arctan2(dy[strong], dx[strong]), np.pi))
    share, _ = np.histogram(np.mod(angle + 6, 180), bins=15, range=(0, 180), weights=size[strong])
    share = share / max(float(share.sum()), 1e-9)
    positive = share[share > 0]
    off_axis = np.minimum(np.mod(angle, 90), 90 - np.mod(angle, 90))
    axes = float(size[strong][off_axis < 6].sum() / size[strong].sum())
    return float(-(positive * np.log(positive)).sum() / np.log(15)), axes


def _leaning(dark: Plane) -> tuple[float, float, float, float, float, float]:
    """For upright, then for level strokes: mean lean, its spread (degrees), and the share near the axis.

    Directions are those of the structure tensor over half a stroke's surroundings, where it is sure.
    """
    values = cv2.GaussianBlur(dark.astype(np.float32), (0, 0), 1.0)
    dx, dy = cv2.Sobel(values, cv2.CV_32F, 1, 0), cv2.Sobel(values, cv2.CV_32F, 0, 1)
    size = cv2.magnitude(dx, dy)
    xx, yy, xy = (cv2.GaussianBlur(plane, (0, 0), 2.0) for plane in (dx * dx, dy * dy, dx * dy))
    angle = 0.5 * np.degrees(np.arctan2(2 * xy, xx - yy))
    sure = np.hypot(xx - yy, 2 * xy) > SURE_DIRECTION * (xx + yy)
    weight = np.where(sure & (size > 0.3 * float(size.max())), size, 0)
    across = np.where(angle > 0, angle - 90, angle + 90)
    found: list[float] = []
    for lean in (angle, across):
        near = (np.abs(lean) < 30) & (weight > 0)
        mass = weight[near]
        if mass.size < 8:
            found += [0.0, 15.0, 0.2]
            continue
        mean = float(np.average(lean[near], weights=mass))
        spread = float(np.sqrt(np.average((lean[near] - mean) ** 2, weights=mass)))
        exact = float(mass[np.abs(lean[near]) < EXACT_DEGREES].sum() / mass.sum())
        found += [abs(mean), spread, exact]
    return found[0], found[1], found[2], found[3], found[4], found[5]


def _swell(core: Plane) -> float:
    """Standard deviation of the strokes' half widths along their middle, over the mean."""
    distance = cv2.distanceTransform(core, cv2.DIST_L2, 3)
    ridge = distance[(distance == cv2.dilate(distance, np.ones((3, 3), np.uint8))) & (core > 0)]
    return float(ridge.std() / ridge.mean()) if ridge.size else 0.0


def _widest(mask: Plane) -> float:
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    return float(stats[1:, cv2.CC_STAT_WIDTH].max(initial=0))


def _characters(mask: Plane) -> tuple[float, float, int]:
    """Raggedness of the feet, unevenness of the heights, and the number of parts.

    Parts that stand above one another are one character: a gap in the profile along the line parts them.
    """
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    pieces = int(np.count_nonzero(stats[1:, cv2.CC_STAT_AREA] >= 0.08 * DOTS_PER_MM**2))
    centres, feet, heights = _tall(mask)
    if len(heights) < 2:
        return 0.0, 0.0, pieces
    usual = float(np.median(heights))
    slope = np.polyfit(centres, feet, 1) if len(feet) > 2 else np.array([0.0, feet.mean()])
    ragged = float(np.std(feet - np.polyval(slope, centres)) / usual)
    return ragged, float(np.std(heights) / usual), pieces


def usual_stray(mask: Plane) -> float:
    """How much the feet and heights of most characters of a row stray, as a share of their height.

    Those that stray most are left out: the letters and ideographs between the digits of a printed number are
    of other heights, but few.

    Args:
        mask: H x W, bool: the ink of one row; not empty.
    """
    centres, feet, heights = _tall(mask)
    if len(heights) < 3:
        return 0.0
    usual = float(np.median(heights))
    first, second = np.triu_indices(len(feet), 1)
    slope = float(np.median((feet[second] - feet[first]) / (centres[second] - centres[first])))
    level = feet - slope * centres
    return (_spread_of_most(level) + _spread_of_most(heights)) / usual


def _spread_of_most(values: Plane) -> float:
    """Standard deviation as told by the `MOST` nearest to the median."""
    deviations = np.sort(np.abs(values - np.median(values)))[: int(np.ceil(MOST * len(values)))]
    return float(np.sqrt(np.square(deviations).mean())) / MOST_SIGMA


def _tall(mask: Plane) -> tuple[Plane, Plane, Plane]:
    """Middles, feet and heights (pixels) of a row's characters that are no points, dashes or commas."""
    filled = np.concatenate(([0], mask.any(axis=0).astype(int), [0]))
    edges = np.flatnonzero(np.diff(filled))
    spans = []
    for first, last in zip(edges[::2], edges[1::2], strict=True):
        rows = np.flatnonzero(mask[:, first:last].any(axis=1))
        spans.append(((first + last) / 2, rows[-1] + 1, rows[-1] + 1 - rows[0]))
    centres, feet, heights = np.array(spans, dtype=float).T
    tall = heights > 0.6 * heights.max()
    return centres[tall], feet[tall], heights[tall]
