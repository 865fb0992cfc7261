"""Why a glyph that is not there as printed proves nothing: written over, blurred, burnt out, covered."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from scanservice.detect.glyphmatch import PAD, Comparison, View, blurred_blank, ink_found
from scanservice.detect.library import PRINT_DOTS_PER_MM, Print
from scanservice.geometry import FloatArray, Image

OVERLAID_RECALL = 0.8
OVERLAID_EXTRA = 0.25
"""Where this share of its strokes is dark, and this much ink lies beside them, a glyph is written over."""
BLURRED_EDGE = 0.45
"""Edges softer than this share of the page's usual ones, with a smear of ink left, are blurred ones."""
BLURRED_MASS = 0.2
"""Where less ink than this share of the blank's is left, nothing is printed: that is no blur."""
PAPER_DOTS_PER_MM = 1.0
STROKE_REACH_MM = 5
"""Paper's colour is that of the brightest within this distance: strokes and their blur are narrower."""
EDGE_MM = 2 * (STROKE_REACH_MM // 2) + 3
TINT = 0.035
"""Paper's share of red or blue light differs by less than this over a page, seals and shadows included;
skin, wood and cloth differ by more."""
DARK = 0.35
"""A place darker than this share of the page's paper is no paper."""
BURNT = 250
"""Grey values from here on are burnt out, if the page's paper at large is not."""


def excused(
    known: Print, view: View, index: NDArray[np.intp], found: Comparison, usual: NDArray[np.intp]
) -> NDArray[np.bool_]:
    """Which of the glyphs `index` of a print may look otherwise though they are the blank's.

    Args:
        found: their comparison, in the same order.
        usual: glyphs of the same print that are as they should be.
    """
    boxes = known.glyphs.boxes
    result = ~found.inside
    ink = ink_found(known, view, index, found)
    result |= (ink[:, 0] > OVERLAID_RECALL) & (ink[:, 1] > OVERLAID_EXTRA)
    result |= _blurred(known, view, boxes[index], boxes[usual])
    return result | _not_paper(view, boxes[index])


def _window(image: Image, box: FloatArray, dots: float, pad: int = 0) -> Image:
    left, top = np.maximum(np.floor(box[:2] * dots).astype(int) + pad, 0)
    right, bottom = np.ceil(box[2:] * dots).astype(int) + pad
    return image[top : max(bottom, top + 1), left : max(right, left + 1)]


def _edge(ink: Image) -> float:
    """The steepest rise of ink in a window, by its ninetieth percentile: a blur flattens it."""
    if min(ink.shape) < 3:
        return 0.0
    across = cv2.Sobel(ink, cv2.CV_32F, 1, 0)
    down = cv2.Sobel(ink, cv2.CV_32F, 0, 1)
    return float(np.quantile(cv2.magnitude(across, down), 0.9))


def nothing_there(known: Print, view: View, index: NDArray[np.intp]) -> NDArray[np.bool_]:
    """In which places of the glyphs `index` hardly any ink is seen: burnt out, painted over, not printed."""
    boxes, expected = known.glyphs.boxes[index], blurred_blank(known, view.blur)
    return np.array([_mass(view.seen, expected, box) < BLURRED_MASS for box in boxes], bool)


def _mass(seen: Image, expected: Image, box: FloatArray) -> float:
    """Ink in a window, as a share of the blank's."""
    found, blank = (_window(image, box, PRINT_DOTS_PER_MM, PAD) for image in (seen, expected))
    return float(found.mean()) / max(float(blank.mean()), 1.0)


def _blurred(known: Print, view: View, boxes: FloatArray, usual: FloatArray) -> NDArray[np.bool_]:
    if not len(usual):
        return np.zeros(len(boxes), bool)
    sample = usual[np.unique(np.linspace(0, len(usual) - 1, 40).astype(int))]
    dots = PRINT_DOTS_PER_MM
    expected = blurred_blank(known, view.blur)
    edges = [_edge(_window(view.seen, box, dots, PAD)) for box in sample]
    least = BLURRED_EDGE * float(np.median(edges))
    result = np.zeros(len(boxes), bool)
    for number, box in enumerate(boxes):
        mass = _mass(view.seen, expected, box)
        result[number] = mass > BLURRED_MASS and _edge(_window(view.seen, box, dots, PAD)) < least
    return result


def _not_paper(view: View, boxes: FloatArray) -> NDArray[np.bool_]:
    """Where a finger, a thing, glare or the table lies instead of paper."""
    dots = PAPER_DOTS_PER_MM
    colour = view.picture.rectified(view.page_map, None, dots, border=0)
    paper = cv2.dilate(colour, np.ones((STROKE_REACH_MM, STROKE_REACH_MM), np.uint8)).astype(np.float32)
    total = np.maximum(paper.sum(axis=2), 1.0)
    tint = np.stack([paper[..., 0] / total, paper[..., 2] / total], axis=-1)
    usual_tint = np.median(tint.reshape(-1, 2), axis=0)
    usual_total = float(np.median(total))
    odd = (np.abs(tint - usual_tint).max(axis=-1) > TINT) | (total < DARK * usual_total)
    if usual_total < 3 * (BURNT - 5):
        odd |= paper.min(axis=2) >= BURNT
    # The paper beside a finger is taken for what lies under its edge.
    edge = np.ones((EDGE_MM, EDGE_MM), np.uint8)
    covered = np.asarray(cv2.dilate(odd.astype(np.uint8), edge), np.uint8)
    return np.array([bool(_window(covered, box, dots).mean() > 0.3) for box in boxes], bool)
