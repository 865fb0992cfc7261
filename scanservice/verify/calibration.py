"""From margins to probabilities: what the calibration measured, and the thresholds that it set."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal

Group = Literal["digits", "words"]
DIGITS = frozenset({"id_number", "credit_code", "phone", "postcode", "date", "serial"})


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
    """Curves by group of fields: `agree` on the least margin of the expected text over its rivals,
    `differ` on the margin of another reading over it; and what a pair of look-alikes asks beyond.
    """

    agree: Mapping[str, Curve]
    differ: Mapping[str, Curve]
    alike: float


def group(compare: str) -> Group:
    return "digits" if compare in DIGITS else "words"


@cache
def calibration() -> Calibration:
    """The measured curves; `calibration.json` says from what."""
    text = resources.files("scanservice.verify").joinpath("calibration.json").read_text(encoding="utf-8")
    stored = json.loads(text)
    return Calibration(
        agree={name: Curve(**curve) for name, curve in stored["agree"].items()},
        differ={name: Curve(**curve) for name, curve in stored["differ"].items()},
        alike=float(stored["alike"]),
    )
