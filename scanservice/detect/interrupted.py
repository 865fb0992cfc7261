"""Rules of the form that stop beside a field: fluid, tape or a patch covers what is printed as well.

On paper that software has made white, paint leaves no other trace.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import cv2
import numpy as np

from scanservice.detect.canvas import DOTS_PER_MM, PAPER, Canvas, Plane
from scanservice.detect.printlayer import PrintLayer
from scanservice.geometry import Box

LEAST_RULE_MM, MOST_THICK_MM = 5.0, 1.2
PRINTED = 0.35
"""Share of `PAPER` from which the blank is taken for inked."""
GONE = 0.3
"""Share of the page's usual rule below which nothing of one is left."""
STRAY_MM = 0.4
"""By which a rule may lie higher or lower than its place."""
GAP_MM = 1.0
"""What is missing of a rule is at least so long. Of 2,661 fields of 96 good scans of the school's form and of
invented ones none had a gap of more than 0.25 mm beside it."""
BARE = 0.85
"""Share of paper's light, in every colour, that a gap has at least: things that lie on a rule have less."""
MOST_GONE = 0.05
"""Where more of the page's rules is gone, the picture has lost it."""
BESIDE_MM, ACROSS_MM = 1.0, 1.5
"""How far a gap may lie from a field's box, along and across its rules."""


def interruptions(
    canvas: Canvas, layer: PrintLayer, hidden: Plane, fields: Mapping[str, Box]
) -> Mapping[str, Box]:
    """The longest gap, mm, of a level rule beside each field that has one, by the field's name.

    Args:
        hidden: bool, at any scale of the canvas: where there is something else than paper.
        fields: their boxes.
    """
    rules = list(_rules(canvas, layer))
    if not rules:
        return {}
    everything = np.concatenate([inked for _, _, inked in rules])
    gone = GONE * float(np.median(everything))
    if (everything < gone).mean() > MOST_GONE:
        return {}
    size = (canvas.darkness.shape[1], canvas.darkness.shape[0])
    covered = cv2.resize(hidden.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST)
    gaps = [
        canvas.box_of(slice(top, top + 1), slice(left + first, left + last))
        for left, top, inked in rules
        for first, last in _runs(inked < gone)
        if not covered[top, left + first : left + last].any()
        and canvas.flat[top, left + first : left + last].mean(axis=0).min() >= BARE * PAPER
    ]
    found: dict[str, Box] = {}
    for name, box in fields.items():
        reach = Box(box.left - BESIDE_MM, box.top - ACROSS_MM, box.right + BESIDE_MM, box.bottom + ACROSS_MM)
        near = [gap.clipped(reach) for gap in gaps if gap.clipped(reach).width >= GAP_MM]
        if near:
            found[name] = max(near, key=lambda gap: gap.width)
    return found


def _rules(canvas: Canvas, layer: PrintLayer) -> Iterator[tuple[int, int, Plane]]:
    """Left and top of each thin level rule of the blank, pixels, and the ink there, column by column."""
    printed = cv2.threshold(layer.darkness, PRINTED * PAPER, 1, cv2.THRESH_BINARY)[1]
    long = np.ones((1, round(LEAST_RULE_MM * DOTS_PER_MM)), np.uint8)
    rules = cv2.morphologyEx(printed, cv2.MORPH_OPEN, long)
    high = np.ones((round(MOST_THICK_MM * DOTS_PER_MM), 1), np.uint8)
    rules = cv2.subtract(rules, cv2.morphologyEx(rules, cv2.MORPH_OPEN, high))
    stray = np.ones((2 * round(STRAY_MM * DOTS_PER_MM) + 1, 1), np.uint8)
    seen = cv2.dilate(canvas.darkness, stray)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(rules, connectivity=8)
    for number in range(1, count):
        x, y, width, height = (int(value) for value in stats[number, :4])
        own = labels[y : y + height, x : x + width] == number
        yield x, y + height // 2, np.where(own, seen[y : y + height, x : x + width], 0).max(axis=0)


def _runs(flags: Plane) -> Iterator[tuple[int, int]]:
    """First and behind-last column of each run that is long enough to be a gap."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
    for first, last in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if last - first >= GAP_MM * DOTS_PER_MM:
            yield first, last
