"""A line's crop made ready for a recogniser, in several ways that fail differently."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from scanservice.evidence import LineCrop
from scanservice.geometry import Image

MARGIN = 0.10
"""Paper left around the ink, as a share of its height: what the model saw in training."""
FAINT = 0.35
"""Share of the contrast between paper and darkest ink from which a pixel counts as ink."""
FAINTER = 0.12
"""The same, for strokes that go on from ink and fade: the arm of a 4 whose upright alone is `FAINT`."""
SKIRT = 2
"""Pixels by which blur alone makes ink wider at `FAINTER`; of 1,740 lines 3 in 100 grow by more."""
STRETCH = 1.25
"""How far `wide` draws a line apart."""
SPECK = 0.0006
"""Area of a spot, as a share of the squared height of the crop, below which it is no writing."""


@dataclass(frozen=True, slots=True)
class Preparation:
    """A way to make a line ready; `name` ends up in the posterior's source."""

    name: str
    make: Callable[[LineCrop], Image]


def ink_mask(grey: np.ndarray) -> Image | None:
    """1 where a grey crop (H x W) is dark enough for ink, else 0; None where nothing is much darker than
    the paper."""
    paper, dark = np.percentile(grey, (80, 0.5))
    if paper - dark < 20:
        return None
    return (grey < paper - FAINT * (paper - dark)).astype(np.uint8)


def ink_box(image: Image) -> tuple[int, int, int, int] | None:
    """Left, top, right and bottom (exclusive) of the writing in a crop, in pixels; None without any."""
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    mask = ink_mask(grey)
    if mask is None:
        return None
    count, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    spots = stats[1:count]
    large = spots[spots[:, cv2.CC_STAT_AREA] >= max(3.0, SPECK * grey.shape[0] ** 2)]
    if not len(large):
        return None
    left, top = large[:, cv2.CC_STAT_LEFT].min(), large[:, cv2.CC_STAT_TOP].min()
    right = (large[:, cv2.CC_STAT_LEFT] + large[:, cv2.CC_STAT_WIDTH]).max()
    bottom = (large[:, cv2.CC_STAT_TOP] + large[:, cv2.CC_STAT_HEIGHT]).max()
    outer = _faded(grey, mask)
    return (
        int(left if left - outer[0] <= SKIRT else outer[0]),
        int(top if top - outer[1] <= SKIRT else outer[1]),
        int(right if outer[2] - right <= SKIRT else outer[2]),
        int(bottom if outer[3] - bottom <= SKIRT else outer[3]),
    )


def _faded(grey: np.ndarray, mask: Image) -> tuple[int, int, int, int]:
    """Left, top, right and bottom (exclusive) of ink with the faint strokes that go on from it."""
    paper, dark = np.percentile(grey, (80, 0.5))
    faint = (grey < paper - FAINTER * (paper - dark)).astype(np.uint8)
    labels = np.asarray(cv2.connectedComponents(faint, connectivity=8)[1], np.intp)
    begun = np.zeros(int(labels.max()) + 1, np.uint8)
    begun[labels[mask > 0]] = 1
    left, top, width, height = cv2.boundingRect(begun[labels])
    return left, top, left + width, top + height


def trimmed(image: Image, box: tuple[int, int, int, int] | None, margin: float = MARGIN) -> Image:
    """The writing with a margin around it, filled with paper where the crop ends too soon."""
    if box is None:
        return image
    left, top, right, bottom = box
    pad = max(2, round(margin * (bottom - top)))
    height, width = image.shape[:2]
    inner = image[max(top - pad, 0) : min(bottom + pad, height), max(left - pad, 0) : min(right + pad, width)]
    short = (
        max(pad - top, 0),
        max(bottom + pad - height, 0),
        max(pad - left, 0),
        max(right + pad - width, 0),
    )
    if not any(short):
        return inner
    paper = [float(value) for value in np.percentile(image.reshape(-1, 3), 80, axis=0)]
    grown = cv2.copyMakeBorder(inner, *short, borderType=cv2.BORDER_CONSTANT, value=paper)
    return np.asarray(grown, dtype=np.uint8)


def _ink(crop: LineCrop) -> Image:
    return trimmed(crop.image, ink_box(crop.image))


def _loose(crop: LineCrop) -> Image:
    """Smaller writing in more paper."""
    return trimmed(crop.image, ink_box(crop.image), 0.28)


def _wide(crop: LineCrop) -> Image:
    """Drawn apart: separates characters that run into one another."""
    tight = _ink(crop)
    height, width = tight.shape[:2]
    size = (max(8, round(width * STRETCH)), height)
    return np.asarray(cv2.resize(tight, size, interpolation=cv2.INTER_LINEAR), dtype=np.uint8)


def _plain(crop: LineCrop) -> Image:
    """With the form's print, where taking it away has hurt the writing."""
    return trimmed(crop.plain, ink_box(crop.image))


def _even(crop: LineCrop) -> Image:
    """Grey, with the paper's shading divided out and the ink's contrast stretched."""
    grey = cv2.cvtColor(_ink(crop), cv2.COLOR_BGR2GRAY).astype(np.float32)
    size = max(3, grey.shape[0] | 1)
    ground = cv2.GaussianBlur(cv2.dilate(grey, np.ones((5, 5), np.uint8), iterations=3), (size, size), 0)
    level = grey / np.maximum(ground, 1.0)
    dark = float(np.percentile(level, 1))
    stretched = np.clip((level - dark) / max(1.0 - dark, 0.05), 0, 1) * 235 + 20
    return np.repeat(stretched.astype(np.uint8)[:, :, None], 3, axis=2)


FIRST = Preparation("ink", _ink)
LOOSE, EVEN = Preparation("loose", _loose), Preparation("even", _even)
FURTHER = (Preparation("plain", _plain), LOOSE, Preparation("wide", _wide))
"""Asked one after another while a doubt is left, once its parts did not take it away."""
FOR_SERIALS = (FIRST, LOOSE, EVEN)
"""All of which a printed number is judged by."""
APART = 0.5
"""Paper added between characters, as a share of the height. Of three numbers with letters that Tesseract
misread in every crop (TM as T, WI as W1I), it read all three with this, and one with half of it."""
BETWEEN = 0.6
"""Paper between two cells that are set side by side, as a share of the height."""


def side_by_side(cells: Sequence[Image], height: int) -> tuple[Image, list[float]]:
    """Cells as one line.

    Args:
        cells: at least one.
        height: pixels to which each is brought.

    Returns:
        The line, and the place in it of each border between two cells, in pixels.
    """
    scaled = [_of_height(cell, height) for cell in cells]
    paper = np.percentile(np.concatenate([cell.reshape(-1, 3) for cell in scaled]), 80, axis=0)
    gap = np.full((height, round(BETWEEN * height), 3), paper, dtype=np.uint8)
    parts, borders, width = [scaled[0]], [], scaled[0].shape[1]
    for cell in scaled[1:]:
        borders.append(width + gap.shape[1] / 2)
        parts += [gap, cell]
        width += gap.shape[1] + cell.shape[1]
    return np.concatenate(parts, axis=1), borders


def apart(line: Image, gap: float = APART) -> Image:
    """A line with its characters set further apart, as far as gaps part them.

    Args:
        gap: paper added at each gap, as a share of the line's height.
    """
    gaps = column_gaps(line)
    paper = np.percentile(line.reshape(-1, 3), 80, axis=0)
    space = np.full((line.shape[0], max(2, round(gap * line.shape[0])), 3), paper, dtype=np.uint8)
    borders = [0, *((end + start) // 2 for end, start in gaps), line.shape[1]]
    parts = [line[:, borders[0] : borders[1]]]
    for left, right in itertools.pairwise(borders[1:]):
        parts += [space, line[:, left:right]]
    return np.concatenate(parts, axis=1)


def column_gaps(line: Image) -> list[tuple[int, int]]:
    """First and behind-last column of each gap between characters; margins are none."""
    mask = ink_mask(cv2.cvtColor(line, cv2.COLOR_BGR2GRAY))
    if mask is None:
        return []
    edges = np.flatnonzero(np.diff(mask.any(axis=0).astype(np.int8)))
    inked = bool(mask[:, 0].any())
    # Edges alternate between the end of ink and its beginning; a gap is what lies between such two.
    ends = edges[0 if inked else 1 :: 2] + 1
    starts = edges[1 if inked else 2 :: 2] + 1
    return list(zip(ends.tolist(), starts.tolist(), strict=False))


def _of_height(image: Image, height: int) -> Image:
    width = max(8, round(image.shape[1] * height / image.shape[0]))
    way = cv2.INTER_AREA if width < image.shape[1] else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(image, (width, height), interpolation=way), dtype=np.uint8)
