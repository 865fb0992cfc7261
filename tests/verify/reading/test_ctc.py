"""The CTC sums against the sum over every path, on lattices small enough to walk through."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from scanservice.verify import ctc

STEPS, COLUMNS = 6, 4
TEXTS = [(1,), (1, 2), (1, 1), (2, 3, 2), (3, 3)]


@pytest.fixture(params=[0, 1, 2])
def weights(request: pytest.FixtureRequest) -> np.ndarray:
    drawn = np.random.default_rng(request.param).random((STEPS, COLUMNS))
    return drawn / drawn.max(axis=1, keepdims=True)


def walked(weights: np.ndarray) -> dict[tuple[int, ...], float]:
    """Probability of every text by all paths."""
    found: dict[tuple[int, ...], float] = {}
    for path in itertools.product(range(COLUMNS), repeat=STEPS):
        text = tuple(label for label, _ in itertools.groupby(path) if label)
        found[text] = found.get(text, 0.0) + float(np.prod(weights[np.arange(STEPS), path]))
    return found


def test_scores_are_the_sum_over_all_paths(weights: np.ndarray) -> None:
    every = walked(weights)
    got = ctc.scores(weights, [np.array(text) for text in TEXTS])
    assert np.exp(got) == pytest.approx([every[text] for text in TEXTS])


@pytest.mark.parametrize("text", TEXTS)
def test_edits_score_every_text_one_edit_away(weights: np.ndarray, text: tuple[int, ...]) -> None:
    every = walked(weights)
    found = ctc.edits(weights, np.array(text), COLUMNS)
    assert found.total == pytest.approx(every[text])
    for place, own in enumerate(text):
        assert found.deleted[place] == pytest.approx(every[(*text[:place], *text[place + 1 :])])
        for other in set(range(1, COLUMNS)) - {own}:
            expected = every[(*text[:place], other, *text[place + 1 :])]
            assert found.substituted[place, other] == pytest.approx(expected)
    for place in range(len(text) + 1):
        for other in range(1, COLUMNS):
            expected = every.get((*text[:place], other, *text[place:]), 0.0)
            assert found.inserted[place, other] == pytest.approx(expected)


def test_a_swap_of_equal_neighbours_is_no_rival(weights: np.ndarray) -> None:
    assert ctc.edits(weights, np.array((1, 1)), COLUMNS).swapped.tolist() == [0.0]


def test_the_beam_finds_the_likeliest_text(weights: np.ndarray) -> None:
    every = walked(weights)
    assert ctc.beam(weights, COLUMNS, width=200, pruned=0.0)[0] == max(every, key=lambda text: every[text])


def test_a_text_that_cannot_be_is_hopeless_and_finite() -> None:
    weights = np.full((8, 3), 1e-30)
    weights[:, 0] = 1.0
    assert ctc.scores(weights, [np.array((1, 2, 1))])[0] == ctc.HOPELESS


@pytest.mark.parametrize("text", TEXTS)
def test_characters_stand_where_the_best_path_has_them(weights: np.ndarray, text: tuple[int, ...]) -> None:
    paths = [
        path
        for path in itertools.product(range(COLUMNS), repeat=STEPS)
        if tuple(label for label, _ in itertools.groupby(path) if label) == text
    ]
    best = max(paths, key=lambda path: float(np.prod(weights[np.arange(STEPS), path])))
    runs = [list(run) for label, run in itertools.groupby(range(STEPS), key=lambda t: best[t]) if label]
    expected = [max(run, key=lambda t: weights[t, best[t]]) for run in runs]
    assert ctc.steps(weights, np.array(text)).tolist() == expected


def test_a_text_longer_than_the_lattice_stands_nowhere() -> None:
    assert ctc.steps(np.ones((2, 3)), np.array([1, 2, 1])).tolist() == [-1, -1, -1]
    assert ctc.steps(np.ones((2, 3)), np.array([1, 1])).tolist() == [-1, -1]
