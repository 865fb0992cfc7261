"""Whether the print in a picture is this form's, glyph by glyph."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from scanservice.detect.inkmap import ink_map, light
from scanservice.detect.library import PRINT_DOTS_PER_MM, KnownPage, Print
from scanservice.evidence import PrintMatch
from scanservice.geometry import Box, FloatArray, Image, PageMap

SEARCH_MM = 1.0
MARGIN_MM = 0.25
BLURS_MM = (0.05, 0.12, 0.2, 0.3, 0.42)
"""Candidates for the picture's blur (standard deviation); the blank is blurred alike before comparing."""
GOOD = 0.75
BAD = 0.6
"""A glyph that correlates better than the first is the blank's, worse than the second is another one or
none: of 20,000 glyphs of genuine pages at 110 dpi and more, free of ink, all lie above 0.8, other
glyphs below 0.65 (benchmarks.identity)."""
OVERLAID_RECALL = 0.8
OVERLAID_EXTRA = 0.25
"""Where this share of its ink is there, and this much beside it, somebody wrote over a glyph."""
GOOD_SHARE = 0.9
JUDGED_SHARE = 0.5
FOREIGN_GLYPHS = 3
"""A single glyph may be torn, scratched or painted over; this many that are other ones may not."""
FOREIGN_SHARE = 0.04


@dataclass(frozen=True, eq=False)
class Comparison:
    """Each glyph of the blank beside the picture.

    Attributes:
        scores: N, normalised cross-correlation at the best place within `SEARCH_MM`, -1 to 1.
        offsets: N x 2, mm, from the glyph's place by the map to where it was found.
        sharpness: N, how sharply the correlation peaks, 1/mm^2: what an offset is worth.
        recalls: N, share of its strokes' ink that is there, whatever else is.
        extra: N, ink beside its strokes, as a share of full black.
        visible: N, whether it lies in the picture, on something brighter than black.
        blur: of the picture, mm.
    """

    scores: FloatArray
    offsets: FloatArray
    sharpness: FloatArray
    recalls: FloatArray
    extra: FloatArray
    visible: NDArray[np.bool_]
    blur: float


def compare(known: Print, page_map: PageMap, image: Image, scale: float) -> Comparison:
    """Every glyph of a print with a picture (BGR) of it under a map."""
    dots = PRINT_DOTS_PER_MM
    page = Box(0, 0, *page_map.size)
    grey = light(image, known.channel)
    flat = page_map.rectify(grey, page, dots, scale=scale, border=0)
    seen = ink_map(flat, dots)
    corners, sides = _windows(known.glyphs.boxes, dots)
    blur = _blur(known, seen, corners, sides)
    blank = cv2.GaussianBlur(known.ink, (0, 0), max(blur * dots, 0.3))
    pixels = round(SEARCH_MM * dots)
    pad = pixels + 1
    padded = cv2.copyMakeBorder(seen, pad, pad, pad, pad, cv2.BORDER_CONSTANT, value=(0,))
    wide = cv2.copyMakeBorder(blank, pad, pad, pad, pad, cv2.BORDER_CONSTANT, value=(0,))
    rows = [
        _one(wide, padded, int(x) + pad, int(y) + pad, int(w), int(h), pixels)
        for (x, y), (w, h) in zip(corners, sides, strict=True)
    ]
    table = np.array(rows, float).reshape(-1, 6)
    return Comparison(
        scores=table[:, 0],
        offsets=table[:, 1:3] / dots,
        sharpness=table[:, 3] * dots * dots,
        recalls=table[:, 4],
        extra=table[:, 5],
        visible=_visible(flat, corners, sides),
        blur=blur,
    )


def _windows(boxes: FloatArray, dots: float) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    first = np.floor((boxes[:, :2] - MARGIN_MM) * dots).astype(np.intp)
    last = np.ceil((boxes[:, 2:] + MARGIN_MM) * dots).astype(np.intp)
    return first, np.maximum(last - first, 3)


def _one(
    blank: Image, seen: Image, x: int, y: int, w: int, h: int, pixels: int
) -> tuple[float, float, float, float, float, float]:
    window = blank[y : y + h, x : x + w]
    area = seen[y - pixels : y + h + pixels, x - pixels : x + w + pixels]
    surface = cv2.matchTemplate(area, window, cv2.TM_CCOEFF_NORMED)
    _, score, _, (column, row) = cv2.minMaxLoc(surface)
    dx = dy = sharp = 0.0
    if 0 < row < surface.shape[0] - 1 and 0 < column < surface.shape[1] - 1:
        left, right = float(surface[row, column - 1]), float(surface[row, column + 1])
        up, down = float(surface[row - 1, column]), float(surface[row + 1, column])
        bend_x, bend_y = max(2 * score - left - right, 1e-3), max(2 * score - up - down, 1e-3)
        dx, dy = (right - left) / (2 * bend_x), (down - up) / (2 * bend_y)
        sharp = min(bend_x, bend_y)
    place = area[row : row + h, column : column + w].astype(np.float32)
    strokes = window > max(0.6 * float(window.max()), 1)
    # What the blank's ink would look like, scaled to the ink seen on the strokes at large.
    ideal = window.astype(np.float32)
    level = float(np.median(place[strokes])) / max(float(np.median(ideal[strokes])), 1.0)
    recall = float(np.minimum(place[strokes] / np.maximum(ideal[strokes], 1), 1).mean()) if level > 0 else 0.0
    extra = float(np.maximum(place - ideal, 0)[window < 40].sum() / max(float(ideal.sum()), 1.0))
    return score, column - pixels + dx, row - pixels + dy, sharp, recall, extra


def _visible(flat: Image, corners: NDArray[np.intp], sides: NDArray[np.intp]) -> NDArray[np.bool_]:
    height, width = flat.shape
    sums = cv2.integral((flat < 8).astype(np.uint8))
    x0, y0 = np.clip(corners[:, 0], 0, width), np.clip(corners[:, 1], 0, height)
    x1, y1 = np.clip(corners[:, 0] + sides[:, 0], 0, width), np.clip(corners[:, 1] + sides[:, 1], 0, height)
    hidden = sums[y1, x1] - sums[y0, x1] - sums[y1, x0] + sums[y0, x0]
    return hidden < 0.02 * np.maximum((x1 - x0) * (y1 - y0), 1)


def _blur(known: Print, seen: Image, corners: NDArray[np.intp], sides: NDArray[np.intp]) -> float:
    """The blur under which the blank looks most like the picture."""
    dots = PRINT_DOTS_PER_MM
    sample = np.unique(np.linspace(0, len(corners) - 1, min(len(corners), 30)).astype(int))
    best, chosen = -1.0, BLURS_MM[0]
    for blur in BLURS_MM:
        scores = []
        for index in sample:
            (x, y), (w, h) = corners[index], sides[index]
            if x < 2 or y < 2 or y + h + 2 > seen.shape[0] or x + w + 2 > seen.shape[1]:
                continue
            reach = round(4 * BLURS_MM[-1] * dots)
            part = known.ink[max(y - reach, 0) : y + h + reach, max(x - reach, 0) : x + w + reach]
            part = cv2.GaussianBlur(part, (0, 0), max(blur * dots, 0.3))
            top, left = y - max(y - reach, 0), x - max(x - reach, 0)
            window = part[top : top + h, left : left + w]
            area = seen[y - 2 : y + h + 2, x - 2 : x + w + 2]
            scores.append(float(cv2.matchTemplate(area, window, cv2.TM_CCOEFF_NORMED).max()))
        middle = float(np.median(scores)) if scores else -1.0
        if middle > best:
            best, chosen = middle, blur
    return chosen


@dataclass(frozen=True, eq=False)
class Examination:
    """What the print of one page says: the evidence, and what follows from it alone.

    Attributes:
        clean: every judged glyph is the blank's, and all print regions were judged.
        foreign: glyphs are positively other ones.
        likeness: share of the judged glyphs that are the blank's.
        points, offsets, information: N x 2 mm, N x 2 mm, N: where good glyphs were found.
    """

    prints: tuple[PrintMatch, ...]
    clean: bool
    foreign: bool
    likeness: float
    points: FloatArray
    offsets: FloatArray


def examine(page: KnownPage, page_map: PageMap, image: Image, scale: float) -> Examination:
    """The print of a page in a picture (BGR) under a map, glyph by glyph, summed up by region."""
    glyphs = [known.glyphs for known in page.prints]
    found = [compare(known, page_map, image, scale) for known in page.prints]
    scores = np.concatenate([part.scores for part in found])
    good = scores >= GOOD
    overlaid = np.concatenate([(p.recalls > OVERLAID_RECALL) & (p.extra > OVERLAID_EXTRA) for p in found])
    visible = np.concatenate([part.visible for part in found])
    contested = np.concatenate([part.contested for part in glyphs])
    bad = (scores < BAD) & visible & ~overlaid & ~contested
    regions = [
        np.array([part.names[index] if index >= 0 else "" for index in part.regions], object)
        for part in glyphs
    ]
    owner = np.concatenate(regions) if regions else np.zeros(0, object)
    boxes = np.concatenate([part.boxes for part in glyphs])
    matches = _matches(owner, boxes, scores, good, bad, contested)
    named = [match for match in matches if match.region is not None]
    judged = good | bad
    likeness = float(good.sum() / max(judged.sum(), 1))
    foreign = bool(bad.sum() >= max(FOREIGN_GLYPHS, FOREIGN_SHARE * judged.sum())) or any(
        match.judged and match.score < BAD for match in named
    )
    clean = (
        not foreign
        and bool(named)
        and all(match.judged and match.score >= GOOD_SHARE * GOOD for match in named)
        and likeness > 1 - FOREIGN_SHARE
    )
    centers = (boxes[:, :2] + boxes[:, 2:]) / 2
    offsets = np.concatenate([part.offsets for part in found])
    return Examination(matches, clean, foreign, likeness, centers[good], offsets[good])


def _matches(
    owner: NDArray[np.object_],
    boxes: FloatArray,
    scores: FloatArray,
    good: NDArray[np.bool_],
    bad: NDArray[np.bool_],
    contested: NDArray[np.bool_],
) -> tuple[PrintMatch, ...]:
    """One match for each print region, and one for each other glyph that is not the blank's."""
    matches = []
    for name in dict.fromkeys(owner[owner != ""].tolist()):
        of_region = owner == name
        told = of_region & (good | bad)
        box = _around(boxes[of_region])
        judged = told.sum() >= JUDGED_SHARE * of_region.sum()
        score = float(np.clip(np.quantile(scores[told], 0.1), 0, 1)) if judged else 0.0
        matches.append(PrintMatch(name, box, score, bool(judged)))
    for index in np.flatnonzero(bad & (owner == "") & ~contested):
        matches.append(
            PrintMatch(None, _around(boxes[index : index + 1]), float(max(scores[index], 0)), True)
        )
    return tuple(matches)


def _around(boxes: FloatArray) -> Box:
    left, top = boxes[:, :2].min(axis=0).tolist()
    right, bottom = boxes[:, 2:].max(axis=0).tolist()
    return Box(left, top, right, bottom)
