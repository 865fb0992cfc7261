"""What saves time must not change what is found, nor keep a scan alive."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest

from scanservice.verify.recogniser import KEPT, SMALLEST, sparse
from scanservice.verify.remembered import Remembered


class Owner:
    """Something that is compared by identity."""


@pytest.mark.parametrize("sharpness", [0.5, 3.0, 12.0])
def test_likeliest_symbols_are_those_of_a_full_search(sharpness: float) -> None:
    rng = np.random.default_rng(5)
    raw = np.exp(rng.normal(size=(12, 3000)) * sharpness)
    probabilities = (raw / raw.sum(axis=1, keepdims=True)).astype(np.float32)
    found = sparse(probabilities, "test")
    full = np.argsort(-probabilities, axis=1)[:, :KEPT]
    told_apart = np.take_along_axis(probabilities, full, axis=1) > np.exp(SMALLEST)
    assert told_apart.any(axis=1).all()
    assert (found.symbols[told_apart] == full[told_apart]).all()
    assert (found.log_probs[~told_apart] == np.float16(SMALLEST)).all()


def test_a_step_of_one_certain_symbol_still_has_its_full_number() -> None:
    probabilities = np.zeros((2, 500), dtype=np.float32)
    probabilities[:, 7] = 1.0
    found = sparse(probabilities, "test")
    assert found.symbols.shape == (2, KEPT)
    assert (found.symbols[:, 0] == 7).all()
    assert len(set(found.symbols[0].tolist())) == KEPT


def test_a_result_is_made_once_for_an_owner_and_key() -> None:
    known: Remembered[Owner, list[int]] = Remembered()
    first, second = Owner(), Owner()
    assert known.get(first, "a", lambda: [1]) is known.get(first, "a", lambda: [2])
    assert known.get(first, "b", lambda: [3]) == [3]
    assert known.get(second, "a", lambda: [4]) == [4]


def test_a_result_goes_with_its_owner() -> None:
    known: Remembered[Owner, Owner] = Remembered()
    owner = Owner()
    result = weakref.ref(known.get(owner, "a", Owner))
    assert result() is not None
    del owner
    gc.collect()
    assert result() is None
