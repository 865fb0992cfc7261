"""The best free reading of a field: what the ink says when nothing is expected of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scanservice.evidence import RegionReading
from scanservice.verify import ctc
from scanservice.verify.calibration import calibration, kind
from scanservice.verify.fields import Field
from scanservice.verify.grammar import possible
from scanservice.verify.posterior import Lattice
from scanservice.verify.rivals import alike

TRUNCATED = 4.0
"""Margin asked beyond the threshold where the free reading only lacks characters, or only has some more:
a crop that cuts a line short, or stray ink beside it, looks like that."""


@dataclass(frozen=True, slots=True)
class FreeReading:
    """What stands there, if it is not what was expected.

    Attributes:
        text: for people; None where nothing was read.
        codes: its classes.
        confidence: mean probability of its characters over all preparations, the worst of them.
        possible: it could stand in such a field.
        shared: every look reads the same.
    """

    text: str | None
    codes: tuple[int, ...]
    confidence: float
    possible: bool
    shared: bool


def free_reading(asked: Field, reading: RegionReading, found: Sequence[Lattice]) -> FreeReading:
    """The reading of the preparation that is surest of its own, within the field's grammar if it can be."""
    shown = " ".join(line.free for line in reading.lines if line.free) or None
    if not found:
        return FreeReading(shown, (), 0.0, False, False)
    surest = max(found, key=lambda lattice: lattice.confidence)
    codes = surest.greedy()
    text = asked.alphabet.decode(codes)
    fits = possible(asked.region, text)
    if fits is False:
        for columns in ctc.beam(surest.weights, len(surest.classes) - 2):
            other = surest.codes(columns)
            if possible(asked.region, asked.alphabet.decode(other)):
                # A repair: for people to see, never evidence.
                shown = asked.alphabet.decode(other)
                break
    confidence = min(lattice.confidence for lattice in found)
    shared = all(lattice.greedy() == codes for lattice in found)
    return FreeReading(shown, codes, confidence, fits is not False, shared)


def difference(text: str, expected: str) -> tuple[float, str]:
    """How a reading differs from the nearest expected text, both folded, and what that asks."""
    if _within(text, expected) or _within(expected, text):
        return TRUNCATED, "more-or-less"
    if len(text) == len(expected):
        pairs = [(a, b) for a, b in zip(text, expected, strict=True) if a != b]
        if pairs and all(alike(a, b) for a, b in pairs):
            return max(calibration().alike[kind(a)] for a, _ in pairs), "look-alike"
    return 0.0, "other-text"


def _within(short: str, long: str) -> bool:
    """Whether one text is another with characters left out."""
    rest = iter(long)
    return len(short) < len(long) and all(character in rest for character in short)
