"""What the tuned reader says of corrections by the pen."""

from __future__ import annotations

import numpy as np
import pytest

from scanservice.verify.marked import marks
from scanservice.verify.recogniser import PLAIN, TUNED
from scanservice.verify.tuned import MARK
from tests.verify.reading.inked import posterior


@pytest.mark.parametrize("source", [f"{PLAIN}/ink", f"{TUNED}/wide", f"{TUNED}/ink-in-parts"])
def test_other_looks_say_nothing_of_corrections(source: str) -> None:
    look = posterior("王小明", {1: {MARK: 0.9}}, source=source)
    assert not marks(look).any()


@pytest.mark.parametrize("name", ["ink", "ink-together"])
def test_each_step_has_its_probability(name: str) -> None:
    look = posterior("王小明", {2: {MARK: 0.4}, 0: {MARK: 0.01}}, source=f"{TUNED}/{name}")
    assert marks(look) == pytest.approx(np.array([0, 0.01, 0, 0, 0, 0.4, 0]), abs=0.002)
