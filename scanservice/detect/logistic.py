"""Classifiers fitted by `benchmarks.marks.calibrate` (logistic regressions), stored beside this module."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np

from scanservice.detect.canvas import Plane


@dataclass(frozen=True, eq=False)
class Logistic:
    """A weight for each input, the constant last, and the score at which both answers are as likely."""

    weights: Plane
    threshold: float

    def score(self, vector: Plane) -> float:
        """Logarithm of the odds of what the classifier looks for; 0 at the threshold."""
        return float(vector @ self.weights[:-1] + self.weights[-1]) - self.threshold

    def chance(self, vector: Plane) -> float:
        """Its probability, 0 to 1."""
        return probability(self.score(vector))


def probability(score: float) -> float:
    """Of a logarithm of odds."""
    return float(1 / (1 + np.exp(-np.clip(score, -30, 30))))


@cache
def logistic(name: str) -> Logistic:
    """The classifier stored as `name`.json, whose other keys say where it comes from."""
    text = resources.files("scanservice.detect").joinpath(f"{name}.json").read_text(encoding="utf-8")
    content = json.loads(text)
    return Logistic(np.array(content["weights"]), float(content["threshold"]))
