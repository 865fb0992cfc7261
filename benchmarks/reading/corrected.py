"""Lines in which the pen put something right, labelled with `MARK` where it did."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from benchmarks.agreement.lines import FINE, Condition, crop_of
from benchmarks.reading.hands import MixedHand
from benchmarks.reading.texts import wrong_for
from fixtures.maker import ink, strokes
from scanservice.evidence import LineCrop
from scanservice.verify.tuned import MARK

ONCE, OVER, AGAIN = 0.75, 0.62, 0.85
"""Shares: of the lines that have one correction, not two; of the corrections that are written over, not
struck out; of those struck out after which the right character follows."""
Rng = np.random.Generator
Canvas = ink.Coverage


@dataclass(frozen=True, slots=True)
class _Correction:
    """Of `count` characters from `at` of what was first written: `character` over it, or struck out."""

    at: int
    count: int
    character: str | None


def corrected_line(text: str, hand: MixedHand, condition: Condition, rng: Rng) -> tuple[LineCrop, str]:
    """A line photographed, and its label.

    Raises:
        KeyError: no face of the hand holds a character.
    """
    first, label, corrections = _plan(text, rng)
    for character in first:
        hand.glyph(character)
    who, size = ink.writer(condition, rng), rng.uniform(4.2, 6.0) * FINE
    written = ink.write_line(first, hand, who, size, rng)
    canvas = written.coverage.copy()
    for one in corrections:
        left, top, _ = written.spots[one.at]
        right = written.spots[one.at + one.count - 1][2]
        if one.character is None:
            _strike(canvas, (left, top + 0.1 * size, right, top + 0.95 * size * hand.scale), who, rng)
        else:
            heavy = replace(who, weight=who.weight * rng.uniform(1.0, 1.5), drift=0.0)
            over = ink.write_line(one.character, hand, heavy, size * rng.uniform(0.95, 1.1), rng)
            x, y = rng.normal(0, 0.05, 2) * size
            _put(canvas, over.coverage, left - over.begin + x, top - over.top + y)
    return crop_of(canvas, who, condition, rng), label


def _plan(text: str, rng: Rng) -> tuple[str, str, list[_Correction]]:
    """What is first written, the label, and what is put right."""
    usable = [at for at, character in enumerate(text) if character != " "]
    count = 1 if rng.random() < ONCE or len(text) < 4 else 2
    chosen = set(rng.choice(usable, size=min(count, len(usable)), replace=False).tolist())
    first, label, corrections = "", "", []
    for at, character in enumerate(text):
        if at not in chosen:
            first, label = first + character, label + character
            continue
        label += MARK
        if rng.random() < OVER:
            corrections.append(_Correction(len(first), 1, character))
            first += wrong_for(character, rng)
            continue
        more = text[at + 1 : at + 1 + int(rng.choice(3, p=(0.7, 0.15, 0.15)))].replace(" ", "")
        false = wrong_for(character, rng) + more
        corrections.append(_Correction(len(first), len(false), None))
        first += false
        if rng.random() < AGAIN:
            first, label = first + character, label + character
    return first, label, corrections


def _put(canvas: Canvas, part: Canvas, left: float, top: float) -> None:
    """Lays ink over ink; what is outside the canvas is lost."""
    x, y = round(left), round(top)
    height, width = part.shape
    x0, y0 = max(x, 0), max(y, 0)
    x1, y1 = min(x + width, canvas.shape[1]), min(y + height, canvas.shape[0])
    if x1 > x0 and y1 > y0:
        place = canvas[y0:y1, x0:x1]
        place[:] = 1 - (1 - place) * (1 - part[y0 - y : y1 - y, x0 - x : x1 - x])


def _strike(canvas: Canvas, box: tuple[float, float, float, float], who: ink.Writer, rng: Rng) -> None:
    """One line, two, a scribble, a cross, or round and round until it is black."""
    left, top, right, bottom = box
    width, height = right - left, bottom - top
    kind = int(rng.integers(5))
    ways = {0: ((0.5, 0.5),), 1: ((0.38, 0.38), (0.62, 0.62)), 3: ((0.1, 0.9), (0.9, 0.1))}
    paths = []
    if kind == 2:
        count = max(5, int(width / FINE * 1.4))
        xs = np.linspace(left - 0.3 * FINE, right + 0.3 * FINE, count)
        swing = np.where(np.arange(count) % 2, 0.3, -0.3) * height
        paths.append((xs, (top + bottom) / 2 + swing + rng.normal(0, 0.15 * FINE, count)))
    elif kind == 4:
        count = int(rng.integers(14, 30))
        turns = np.cumsum(rng.uniform(0.6, 1.3, count))
        xs = (left + right) / 2 + np.cos(turns) * width * rng.uniform(0.25, 0.6, count)
        paths.append((xs, (top + bottom) / 2 + np.sin(turns) * height * rng.uniform(0.2, 0.5, count)))
    for begin, end in ways.get(kind, ()):
        xs = np.linspace(left - 0.6 * FINE, right + 0.6 * FINE, 4)
        paths.append((xs, top + height * np.linspace(begin, end, 4) + rng.normal(0, 0.2 * FINE, 4)))
    for xs, ys in paths:
        line = strokes.stroke(np.stack([xs, ys], axis=1), rng.uniform(0.28, 0.5) * FINE, who.colour, rng)
        _put(canvas, line.coverage, line.left, line.top)
