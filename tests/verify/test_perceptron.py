"""A perceptron tells what depends on two inputs together, and is kept in JSON as it is."""

from __future__ import annotations

import json

import numpy as np
import pytest

from benchmarks.marks.calibrate.fitting import perceptron
from scanservice.verify.perceptron import Perceptron, mean

NAMES = ("first", "second")


def fitted() -> tuple[Perceptron, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    rows = rng.normal(5, 2, (4000, 2))
    positive = (rows[:, 0] > 5) ^ (rows[:, 1] > 5)
    return perceptron(rows, positive, units=6, fits=2), rows, positive


def test_it_tells_what_no_linear_score_can() -> None:
    judge, rows, positive = fitted()
    assert ((judge.scores(rows) > 0) == positive).mean() > 0.9


def test_what_json_keeps_scores_alike() -> None:
    judge, rows, _ = fitted()
    again = Perceptron.of(json.loads(json.dumps(judge.kept(NAMES))), NAMES)
    assert np.allclose(again.scores(rows), judge.scores(rows), atol=0.01)
    assert again.hidden.shape == (2, 12)


def test_an_input_without_weights_is_named() -> None:
    judge, _, _ = fitted()
    with pytest.raises(KeyError, match="third"):
        Perceptron.of(judge.kept(NAMES), (*NAMES, "third"))


def test_the_mean_scores_the_mean() -> None:
    rng = np.random.default_rng(4)
    several = [
        Perceptron(rng.normal(size=2), float(rng.normal()), rng.normal(size=(2, 3)), *rng.normal(size=(2, 3)))
        for _ in range(3)
    ]
    rows = rng.normal(size=(5, 2))
    together = np.mean([one.scores(rows) for one in several], axis=0)
    assert np.allclose(mean(several).scores(rows), together)
