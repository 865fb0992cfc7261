"""Thresholds and curves from trials: least refusals at the named share of accepted near misses."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

SHARE_WRONG = 0.03
"""Of the lines that reach an office, about this many say something else than was entered; the curves are
weighted to it, so that a confidence means what it says there."""
BINS = (0.0, 0.01, 0.05, 0.2, 0.5, 0.8, 0.9, 0.95, 0.97, 0.98, 0.99, 0.995, 0.998, 1.01)
"""Edges of the reliability diagram: finer where a pass is decided."""
RIDGE = 0.02
"""Weight of the squared parameters: without it a corpus that a margin separates fully has no finite fit."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A line judged against a text.

    Attributes:
        right: the text is the line's own.
        margin, kind: of `scanservice.verify.fitting.Fit`, of the fit that comes nearest to agreeing.
        against: what every look denies the text, less what the kind of difference asks.
        believable: the free reading could stand there and is legible.
    """

    right: bool
    margin: float
    kind: str
    against: float
    believable: bool


def threshold(trials: Sequence[Trial], kind: str, allowed: float, grid: Sequence[float]) -> float:
    """The least threshold of the grid at which at most the allowed share of wrong texts is accepted."""
    wrong = np.array([trial.margin for trial in trials if not trial.right and trial.kind == kind])
    for value in sorted(grid):
        if not len(wrong) or (wrong >= value).mean() <= allowed:
            return float(value)
    return float(max(grid))


def differ_threshold(trials: Sequence[Trial], allowed: float, grid: Sequence[float]) -> float:
    """The least at which at most the allowed share of right lines is called different."""
    right = [trial for trial in trials if trial.right]
    for value in sorted(grid):
        called = sum(trial.believable and trial.against >= value for trial in right)
        if called <= allowed * len(right):
            return float(value)
    return float(max(grid))


def logistic(values: np.ndarray, hits: np.ndarray) -> tuple[float, float]:
    """Slope and intercept of P(hit | value), the hits and the others weighted to their true shares.

    `hits` are the right lines for agreement; the weights make the others `SHARE_WRONG` of all.
    """
    weights = np.where(hits, (1 - SHARE_WRONG) / max(hits.sum(), 1), SHARE_WRONG / max((~hits).sum(), 1))
    signs = np.where(hits, 1.0, -1.0)

    def loss(parameters: np.ndarray) -> float:
        score = signs * (parameters[0] * values + parameters[1])
        return float((weights * np.logaddexp(0, -score)).sum() + RIDGE * 0.01 * (parameters**2).sum())

    found = minimize(loss, np.array([1.0, 0.0]), method="BFGS").x
    return float(found[0]), float(found[1])


def reliability(predicted: np.ndarray, hits: np.ndarray) -> list[tuple[float, float, int]]:
    """Mean prediction, share of hits (weighted to `SHARE_WRONG`) and count, by `BINS` of the prediction."""
    weights = np.where(hits, (1 - SHARE_WRONG) / max(hits.sum(), 1), SHARE_WRONG / max((~hits).sum(), 1))
    rows = []
    for low, high in itertools.pairwise(BINS):
        inside = (predicted >= low) & (predicted < high)
        if inside.any():
            w = weights[inside]
            rows.append(
                (
                    float((predicted[inside] * w).sum() / w.sum()),
                    float((hits[inside] * w).sum() / w.sum()),
                    int(inside.sum()),
                )
            )
    return rows
