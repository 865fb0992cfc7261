"""Each glyph of a blank beside a picture of the page."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from scanservice.detect.inkmap import Channel
from scanservice.detect.library import PRINT_DOTS_PER_MM, Print
from scanservice.detect.picture import Picture
from scanservice.geometry import FloatArray, Image, PageMap

SEARCH_MM = 0.7
MARGIN_MM = 0.25
BLURS_MM = (0.05, 0.12, 0.2, 0.3, 0.42)
"""Candidates for the picture's blur (standard deviation); the blank is blurred alike before comparing."""
GOOD_BELOW, BAD_BELOW = 0.17, 0.21
"""A glyph is the blank's where it correlates no worse than the page's usual glyph less the first, and
another one or none where worse than that less the second: free of ink, the worst of a genuine page's 150
to 700 glyphs lies up to 0.16 below the middle one, whatever camera and paper do to all of them."""
GOOD_RANGE, BAD_RANGE = (0.68, 0.8), (0.6, 0.75)
"""What that is held to, however sharp or poor the picture."""
BLUR_SAMPLE = 24


@dataclass(frozen=True, eq=False)
class Comparison:
    """Glyphs of a blank as found in a picture.

    Attributes:
        scores: N, normalised cross-correlation at the best place within `SEARCH_MM`, -1 to 1.
        offsets: N x 2, mm, from the glyph's place by the map to where it was found.
        recalls: N, share of its strokes' ink that is there, whatever else is; 1 for a good one.
        extra: N, ink beside its strokes, as a share of their own; 0 for a good one.
        inside: N, whether it lies in the picture.
    """

    scores: FloatArray
    offsets: FloatArray
    recalls: FloatArray
    extra: FloatArray
    inside: NDArray[np.bool_]

    def limits(self) -> tuple[float, float]:
        """Scores from which on a glyph is the blank's, and below which it is another one or none."""
        usual = float(np.median(self.scores[self.inside])) if self.inside.any() else 0.0
        return (
            float(np.clip(usual - GOOD_BELOW, *GOOD_RANGE)),
            float(np.clip(usual - BAD_BELOW, *BAD_RANGE)),
        )

    def chosen(self, index: NDArray[np.intp]) -> Comparison:
        """That of some of the glyphs."""
        return Comparison(
            self.scores[index],
            self.offsets[index],
            self.recalls[index],
            self.extra[index],
            self.inside[index],
        )


@dataclass(frozen=True, eq=False)
class View:
    """A picture of a page in one light, rectified under a map.

    Attributes:
        seen: its ink at `PRINT_DOTS_PER_MM`, with `PAD` pixels of paper around the page.
        blur: of the picture, mm.
    """

    picture: Picture
    page_map: PageMap
    channel: Channel
    seen: Image
    blur: float


PAD = round(SEARCH_MM * PRINT_DOTS_PER_MM) + round(MARGIN_MM * PRINT_DOTS_PER_MM) + 2


def look(picture: Picture, page_map: PageMap, known: Print) -> View:
    """A picture in the light of a print, its blur judged by that print's glyphs."""
    dots = PRINT_DOTS_PER_MM
    seen = picture.ink(page_map, known.channel, dots)
    return View(picture, page_map, known.channel, _padded(seen), _blur(known, seen))


def _padded(ink: Image) -> Image:
    return np.asarray(cv2.copyMakeBorder(ink, PAD, PAD, PAD, PAD, cv2.BORDER_CONSTANT, value=(0,)), np.uint8)


@lru_cache(maxsize=64)
def blurred_blank(known: Print, blur: float) -> Image:
    """The blank blurred by so many mm, with the border of a view; kept, 2 MB each, for the usual blurs."""
    soft = cv2.GaussianBlur(known.ink, (0, 0), max(blur * PRINT_DOTS_PER_MM, 0.3))
    return _padded(np.asarray(soft, np.uint8))


def compare(known: Print, view: View, index: NDArray[np.intp] | None = None) -> Comparison:
    """The glyphs of a print, or only those of `index`, with a view of the page."""
    boxes = known.glyphs.boxes if index is None else known.glyphs.boxes[index]
    corners, sides = _windows(boxes)
    blank = blurred_blank(known, view.blur)
    rows = [
        _one(blank, view.seen, int(x), int(y), int(w), int(h))
        for (x, y), (w, h) in zip(corners, sides, strict=True)
    ]
    table = np.array(rows, float).reshape(-1, 5)
    return Comparison(
        scores=table[:, 0],
        offsets=table[:, 1:3] / PRINT_DOTS_PER_MM,
        recalls=table[:, 3],
        extra=table[:, 4],
        inside=_inside(boxes, view),
    )


def _windows(boxes: FloatArray) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    first = np.floor((boxes[:, :2] - MARGIN_MM) * PRINT_DOTS_PER_MM).astype(np.intp)
    last = np.ceil((boxes[:, 2:] + MARGIN_MM) * PRINT_DOTS_PER_MM).astype(np.intp)
    return first, np.maximum(last - first, 3)


def _one(
    blank: Image, seen: Image, x: int, y: int, w: int, h: int
) -> tuple[float, float, float, float, float]:
    """Score, offset (pixels), recall and extra ink of one glyph's window."""
    pixels, x, y = round(SEARCH_MM * PRINT_DOTS_PER_MM), x + PAD, y + PAD
    window = blank[y : y + h, x : x + w]
    area = seen[y - pixels : y + h + pixels, x - pixels : x + w + pixels]
    surface = cv2.matchTemplate(area, window, cv2.TM_CCOEFF_NORMED)
    _, score, _, (column, row) = cv2.minMaxLoc(surface)
    dx = dy = 0.0
    if 0 < row < surface.shape[0] - 1 and 0 < column < surface.shape[1] - 1:
        left, right = float(surface[row, column - 1]), float(surface[row, column + 1])
        up, down = float(surface[row - 1, column]), float(surface[row + 1, column])
        dx = (right - left) / (2 * max(2 * score - left - right, 1e-3))
        dy = (down - up) / (2 * max(2 * score - up - down, 1e-3))
    if score >= GOOD_RANGE[1]:
        return score, column - pixels + dx, row - pixels + dy, 1.0, 0.0
    place = area[row : row + h, column : column + w].astype(np.float32)
    ideal = window.astype(np.float32)
    strokes = window > max(0.6 * float(window.max()), 1)
    recall = float(np.minimum(place[strokes] / np.maximum(ideal[strokes], 1), 1).mean())
    extra = float(np.maximum(place - ideal, 0)[window < 40].sum() / max(float(ideal.sum()), 1.0))
    return score, column - pixels + dx, row - pixels + dy, recall, extra


def _inside(boxes: FloatArray, view: View) -> NDArray[np.bool_]:
    corners = boxes[:, [0, 1, 2, 1, 2, 3, 0, 3]].reshape(-1, 2)
    pixels = view.page_map.to_picture(corners).reshape(-1, 4, 2)
    width, height = view.picture.size
    within = (pixels >= 1) & (pixels <= np.array([width - 2, height - 2]))
    return np.asarray(within.reshape(-1, 8).min(axis=1), np.bool_)


def _blur(known: Print, seen: Image) -> float:
    """The blur (mm) under which a sample of the blank's glyphs looks most like the picture."""
    dots = PRINT_DOTS_PER_MM
    corners, sides = _windows(known.glyphs.boxes)
    reach = round(3 * BLURS_MM[-1] * dots)
    fits = (
        (corners >= reach).all(axis=1)
        & (corners[:, 0] + sides[:, 0] + reach <= seen.shape[1])
        & (corners[:, 1] + sides[:, 1] + reach <= seen.shape[0])
    ).nonzero()[0]
    if not len(fits):
        return BLURS_MM[1]
    sample = fits[np.unique(np.linspace(0, len(fits) - 1, BLUR_SAMPLE).astype(np.intp))]
    scores = np.zeros((len(BLURS_MM), len(sample)))
    for column, index in enumerate(sample):
        (x, y), (w, h) = corners[index].tolist(), sides[index].tolist()
        part = known.ink[y - reach : y + h + reach, x - reach : x + w + reach]
        area = seen[y - 2 : y + h + 2, x - 2 : x + w + 2]
        for row, blur in enumerate(BLURS_MM):
            soft = cv2.GaussianBlur(part, (0, 0), max(blur * dots, 0.3))[reach : reach + h, reach : reach + w]
            scores[row, column] = cv2.matchTemplate(area, soft, cv2.TM_CCOEFF_NORMED).max()
    return BLURS_MM[int(np.median(scores, axis=1).argmax())]
