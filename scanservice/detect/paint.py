"""Correction fluid, tape or a pasted patch under some writing: paper of another tone, within an edge.

Paint has not quite the paper's colour, and its rim casts a thin shadow or catches the light. Both are
faint, so both are gathered along a line of writing: the tone as the difference between the bare paper in
the line and above and below it, the rim as the strongest thin dark line above, below and at the ends. A
classifier weighs every stretch of the line; its weights come from `python -m benchmarks.marks.calibrate
paint` and lie in `paint.json` beside this module.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from scanservice.detect.barepaper import CELL_MM, Strip, around, paper_look, strip_of, usual_rim
from scanservice.detect.canvas import Canvas, Plane
from scanservice.detect.ink import Layers
from scanservice.detect.logistic import logistic
from scanservice.geometry import Box

STRETCHES_MM = (5.0, 9.0)
"""Lengths of the stretches that are looked at, beside the line as a whole: one character, and some."""
MOST = 12.0
"""What counts of any deviation (usual ones) at most: more is a shadow."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a line.

    Attributes:
        box: of it, mm; columns: how many cells it is long.
        high, low: mean strength of the stronger and of the weaker of its upper and lower rim; end: of the
            stronger end, 0 inside a line; grey values.
        tone: mean step of the three tones.
    """

    box: Box
    columns: int
    high: float
    low: float
    end: float
    tone: tuple[float, ...]


def stretches(strip: Strip) -> Iterator[Stretch]:
    """What is looked at: the line as a whole, and parts of it that overlap."""
    columns = len(strip.rims)
    yield _stretch(strip, 0, columns)
    for length in STRETCHES_MM:
        wide = round(length / CELL_MM)
        if wide < 0.8 * columns:
            count = 1 + int(np.ceil(2.5 * (columns - wide) / wide))
            for first in np.linspace(0, columns - wide, count).round().astype(int).tolist():
                yield _stretch(strip, first, first + wide)


def _stretch(strip: Strip, first: int, last: int) -> Stretch:
    above, below = (usual_rim(strip.rims[first:last, side]) for side in (0, 1))
    ends = (strip.ends[0] if first == 0 else 0.0, strip.ends[1] if last == len(strip.rims) else 0.0)
    left = strip.box.left + first * CELL_MM
    box = Box(left, strip.box.top, left + (last - first) * CELL_MM, strip.box.bottom)
    tone = tuple(_columns(strip.tone[first:last]).tolist())
    return Stretch(box, last - first, max(above, below), min(above, below), max(ends), tone)


@dataclass(frozen=True, slots=True)
class Usual:
    """Middle and usual deviation over the stretches of a page: of the upper, the lower rim, the tones."""

    middle: tuple[float, ...]
    spread: tuple[float, ...]


LEAST_SPREAD = (0.15, 0.15, 0.002, 0.002, 0.002)
"""Rims (grey values) and tones (natural logarithms of brightness) differ by this much for no reason."""


def usual(found: Sequence[Stretch]) -> Usual:
    """What a page's lines have in common; of those painted over, it takes many to change it."""
    if not found:
        return Usual((1.0, 1.0, 0.0, 0.0, 0.0), LEAST_SPREAD)
    values = np.array([[part.high, part.low, *part.tone] for part in found])
    middle = np.median(values, axis=0)
    # Three tenths of normal deviates lie within 0.385: a low quantile is not moved by what is painted.
    spread = np.quantile(np.abs(values - middle), 0.3, axis=0) / 0.385 + np.array(LEAST_SPREAD)
    return Usual(tuple(middle.tolist()), tuple(spread.tolist()))


def _columns(values: Plane) -> Plane:
    """Mean of each of a table's columns without what is not known; zeros where nothing is."""
    known = ~np.isnan(values)
    return np.where(known, values, 0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)


def vector(part: Stretch, page: Usual) -> Plane:
    """The classifier's inputs for a stretch of a line, in a fixed order."""
    values = np.array([part.high, part.low, part.end, *part.tone])
    middle, spread = np.array(page.middle), np.array(page.spread)
    against = np.insert(middle, 2, middle[0]), np.insert(spread, 2, spread[0])
    away = (values - against[0]) / against[1]
    away[3:] = np.abs(away[3:])
    high, low, end, light, *colours = np.log1p(np.clip(away, 0, MOST)).tolist()
    colour, length = max(colours), float(np.log(max(part.columns, 1)))
    both = [high * low, high * colour, low * colour, high * light, colour * light, low * end]
    long = [length, length * low, length * colour]
    plain = [part.high, part.low, page.middle[0], page.spread[0], page.spread[3]]
    return np.array([high, low, end, light, *colours, *both, *long, *plain])


def painted_lines(
    canvas: Canvas, layers: Layers, lines: Mapping[str, Sequence[Box]]
) -> Mapping[str, tuple[float, Box | None]]:
    """Probability that some of a field stands on paint, and where, by the field's name.

    Args:
        lines: the lines of each field of a page, mm.
    """
    boxes = [box for found in lines.values() for box in found]
    if not boxes:
        return {}
    paper = paper_look(canvas, layers, around(boxes, canvas))
    looked_at = {
        name: [
            part
            for box in found
            for part in stretches(strip_of(paper, box, [other for other in boxes if other is not box]))
        ]
        for name, found in lines.items()
    }
    page = usual([part for parts in looked_at.values() for part in parts])
    return {name: _most_suspect(parts, page) for name, parts in looked_at.items() if parts}


def _most_suspect(parts: Sequence[Stretch], page: Usual) -> tuple[float, Box]:
    chances = [logistic("paint").chance(vector(part, page)) for part in parts]
    best = int(np.argmax(chances))
    return chances[best], parts[best].box
