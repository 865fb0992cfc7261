"""Classifiers and networks, scored on what was left out of their fit, kept with where they come from."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize

from scanservice.detect.network import Network
from scanservice.verify.perceptron import Perceptron, mean
from scanservice.verify.rules.altered import SUSPECTED_FROM

PENALTY, HIDDEN_PENALTY = 0.3, 3.0
"""On the squares of weights: of a regression, and of a perceptron."""
FOLDS = 5
LISTED = re.compile(r"\[([^\[\]{}]*)\]")
"""Numbers in a row, which JSON would write below one another."""
LEAST_STEP = 0.5
TAIL = 0.02
FOLDER = Path(__file__).resolve().parents[3] / "scanservice" / "detect"
SCRATCH = FOLDER.parents[1] / "build"
"""Where networks lie that are not kept."""


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


def perceptron(vectors: Any, positive: Any, *, units: int = 16, fits: int = 4) -> Perceptron:
    """The mean of some perceptrons with a quadratic penalty, each begun at random (L-BFGS).

    Args:
        vectors: N x K inputs; positive: N, bool.
        units: hidden ones of each.
    """
    middle, spread = vectors.mean(axis=0), vectors.std(axis=0) + 1e-9
    scaled = (vectors - middle) / spread
    found = [_one_perceptron(scaled, positive, units, np.random.default_rng(seed)) for seed in range(fits)]
    return mean(
        [
            Perceptron(
                one.direct / spread,
                one.constant - float(middle / spread @ one.direct),
                one.hidden / spread[:, None],
                one.shifts - middle / spread @ one.hidden,
                one.outer,
            )
            for one in found
        ]
    )


def _one_perceptron(scaled: Any, positive: Any, units: int, rng: np.random.Generator) -> Perceptron:
    count = scaled.shape[1]
    shapes = [(count, units), (units,), (units,), (count,), (1,)]
    borders = np.cumsum([np.prod(shape) for shape in shapes])[:-1]
    sign = np.where(positive, -1.0, 1.0)

    def parts(values: Any) -> list[Any]:
        return [part.reshape(shape) for part, shape in zip(np.split(values, borders), shapes, strict=True)]

    def loss(values: Any) -> tuple[float, Any]:
        hidden, shifts, outer, direct, constant = parts(values)
        active = np.tanh(scaled @ hidden + shifts)
        scores = sign * (active @ outer + scaled @ direct + constant)
        slope = sign / (1 + np.exp(-scores))
        back = np.outer(slope, outer) * (1 - active**2)
        slopes = [
            scaled.T @ back + 2 * HIDDEN_PENALTY * hidden,
            back.sum(axis=0),
            active.T @ slope + 2 * HIDDEN_PENALTY * outer,
            scaled.T @ slope + 2 * HIDDEN_PENALTY * direct,
            slope.sum(keepdims=True),
        ]
        size = (hidden**2).sum() + (outer**2).sum() + (direct**2).sum()
        total = float(np.logaddexp(0, scores).sum() + HIDDEN_PENALTY * size)
        return total, np.concatenate([part.ravel() for part in slopes])

    begin = [rng.normal(0, count**-0.5, (count, units)), np.zeros(units), rng.normal(0, 0.3, units)]
    begin += [np.zeros(count), np.array([-3.0])]
    begun = np.concatenate([part.ravel() for part in begin])
    told = minimize(loss, begun, jac=True, method="L-BFGS-B", options={"maxiter": 400, "maxfun": 800}).x
    hidden, shifts, outer, direct, constant = parts(told)
    return Perceptron(direct, float(constant[0]), hidden, shifts, outer)


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
    text = LISTED.sub(lambda found: f"[{' '.join(found[1].split())}]", json.dumps(content, indent=2)) + "\n"
    print(text)
    if write:
        (folder / f"{name}.json").write_text(text, encoding="utf-8")


def rounded(weights: Any) -> list[float]:
    return [round(float(weight), 6) for weight in weights]


def exceeded_by(share: float, clean: Any) -> float:
    """The score that so small a share of what is clean exceeds.

    Of some thousand scores, a thousandth are two or three: below `TAIL` the score is told by an exponential
    through all scores of the tail, unless more than that were seen.
    """
    seen = float(np.sort(clean)[::-1][int(share * len(clean))])
    edge = float(np.quantile(clean, 1 - TAIL))
    if share >= TAIL:
        return seen
    beyond = float((clean[clean > edge] - edge).mean()) if (clean > edge).any() else 0.0
    return max(seen, edge + beyond * float(np.log(TAIL / share)))


def keep_network(
    name: str,
    store: Callable[[Path], None],
    scored_by: Callable[[Network], dict[str, Any]],
    shares: tuple[float, float],
    content: dict[str, Any],
    *,
    write: bool,
) -> None:
    """Stores a network, sets its threshold by what was kept from its training, and prints how it does.

    Args:
        store: writes the network's file. scored_by: scores by kind, of what is `clean` and of others.
        shares: of what is clean, that may score more than the threshold, and that may be suspected: where
            the readers confirm the text, a suspicion troubles nobody.
        content: what else is kept beside it: where it comes from.
    """
    path = (FOLDER if write else SCRATCH) / f"{name}.onnx"
    store(path)
    told = scored_by(Network(path.read_bytes()))
    clean = told.pop("clean")
    told = {kind: scores for kind, scores in told.items() if len(scores)}
    threshold, doubtful = (exceeded_by(share, clean) for share in shares)
    steepness = -np.log(SUSPECTED_FROM / (1 - SUSPECTED_FROM)) / max(threshold - doubtful, LEAST_STEP)
    content |= {
        "clean": len(clean),
        "found": {kind: round(float((scores > threshold).mean()), 3) for kind, scores in told.items()},
        "suspected": {kind: round(float((scores > doubtful).mean()), 3) for kind, scores in told.items()},
        "threshold": round(threshold, 4),
        "steepness": round(float(steepness), 4),
    }
    kept(name, content, write=write)
