"""Logistic regressions, scored on what was left out of their fit, and kept with their provenance."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize

PENALTY = 0.3
FOLDS = 5
FOLDER = Path(__file__).resolve().parents[3] / "scanservice" / "detect"


def fitted(vectors: Any, positive: Any) -> Any:
    """Weights of a logistic regression with a quadratic penalty; the last one is the constant.

    Args:
        vectors: N x K inputs; positive: N, bool.
    """
    mean, spread = vectors.mean(axis=0), vectors.std(axis=0) + 1e-9
    scaled = np.column_stack([(vectors - mean) / spread, np.ones(len(vectors))])

    def loss(weights: Any) -> float:
        scores = scaled @ weights
        return float(
            np.logaddexp(0, np.where(positive, -scores, scores)).sum() + PENALTY * (weights[:-1] ** 2).sum()
        )

    found = minimize(loss, np.zeros(scaled.shape[1]), method="BFGS").x
    weights = found[:-1] / spread
    return np.append(weights, found[-1] - weights @ mean)


def scored(weights: Any, vectors: Any) -> Any:
    return vectors @ weights[:-1] + weights[-1]


def left_out(vectors: Any, positive: Any, groups: Sequence[object]) -> Any:
    """Each vector's score by weights that were fitted without its group (a page, an upload)."""
    names = sorted(set(map(str, groups)))
    fold = np.array([names.index(str(group)) % FOLDS for group in groups])
    scores = np.zeros(len(vectors))
    for part in range(FOLDS):
        out = fold == part
        scores[out] = scored(fitted(vectors[~out], positive[~out]), vectors[out])
    return scores


def kept(name: str, content: dict[str, Any], *, write: bool, folder: Path = FOLDER) -> None:
    """Prints a result, and keeps it in the folder of the module that reads it."""
    text = json.dumps(content, indent=2) + "\n"
    print(text)
    if write:
        (folder / f"{name}.json").write_text(text, encoding="utf-8")


def rounded(weights: Any) -> list[float]:
    return [round(float(weight), 6) for weight in weights]
