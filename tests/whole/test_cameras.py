"""The benchmark of other cameras: its processes make pictures, and its page counts verdicts."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.cameras.__main__ import Result, page
from benchmarks.cameras.processes import PROCESSES
from scanservice.geometry import Image


@pytest.fixture(scope="module")
def picture() -> Image:
    drawn = np.full((320, 240, 3), 225, np.uint8)
    drawn[60:70, 40:200] = (40, 40, 40)
    drawn[150:200, 100:150] = (60, 60, 200)
    return drawn


@pytest.mark.parametrize("name", PROCESSES)
def test_a_process_makes_the_same_picture_again(name: str, picture: Image) -> None:
    before = picture.copy()
    first, second = (PROCESSES[name](picture, np.random.default_rng(1)) for _ in range(2))
    assert first.dtype == np.uint8 and first.ndim == 3 and first.shape[2] == 3
    assert np.array_equal(first, second)
    assert np.array_equal(picture, before), "the picture that was given is left as it was"


def test_the_page_counts_verdicts_and_reasons() -> None:
    told = "\n".join(
        page(
            [
                Result("grey", "review", ("photocopy",)),
                Result("grey", "return", ("photocopy", "serial-missing")),
            ]
        )
    )
    assert "1 of 2" in told
    assert "| grey    | 2     | 0    | 1      | 0      | 1      | photocopy 2, serial-missing 1" in told
