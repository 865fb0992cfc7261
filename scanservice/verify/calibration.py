"""From margins to probabilities: what the calibration measured, and the thresholds that it set."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal

Kind = Literal["digits", "words"]


@dataclass(frozen=True, slots=True)
class Curve:
    """A logistic curve from a margin to a probability, and the margin from which it is acted on.

    Attributes:
        slope, intercept: of the logistic curve.
        threshold: least margin (natural logarithm) for the answer to be given.
        ceiling: the greatest probability that the calibration's sample can vouch for.
    """

    slope: float
    intercept: float
    threshold: float
    ceiling: float

    def probability(self, margin: float) -> float:
        raw = 1.0 / (1.0 + math.exp(-(self.slope * margin + self.intercept)))
        return round(min(raw, self.ceiling), 4)


@dataclass(frozen=True, slots=True)
class Calibration:
    """Curves by kind of character: `agree` on the margin of the expected text's weakest character over its
    rivals, `differ` on the margin of the rivals over it.

    Attributes:
        alike: what a look-alike asks beyond the threshold, by the kind of character.
        repeated: what one character too many asks in a row of equal ones.
        longer, shorter: what a rival of one more (by the kind of character), or of one less, asks.
        listed: what an entry of a closed list is forgiven against rivals that the list does not hold.
        impossible: what a text asks beyond the threshold that could not stand in its field.
    """

    agree: Mapping[str, Curve]
    differ: Mapping[str, Curve]
    alike: Mapping[str, float]
    repeated: float
    longer: Mapping[str, float]
    shorter: float
    listed: float
    impossible: float


def kind(character: str) -> Kind:
    """Digits and Latin letters have few strokes, and many look-alikes among themselves."""
    return "digits" if character.isascii() else "words"


@cache
def calibration() -> Calibration:
    """The measured curves; `calibration.json` says from what."""
    text = resources.files("scanservice.verify").joinpath("calibration.json").read_text(encoding="utf-8")
    stored = json.loads(text)
    return Calibration(
        agree={name: Curve(**curve) for name, curve in stored["agree"].items()},
        differ={name: Curve(**curve) for name, curve in stored["differ"].items()},
        alike=stored["alike"],
        repeated=float(stored["repeated"]),
        longer=stored["longer"],
        shorter=float(stored["shorter"]),
        listed=float(stored["listed"]),
        impossible=float(stored["impossible"]),
    )
