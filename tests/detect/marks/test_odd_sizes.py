"""Pages of any size are measured: cells of millimetres seldom divide them."""

import numpy as np
import pytest

from scanservice.detect.handwriting import usual_stray
from scanservice.detect.sharpness import _energies


@pytest.mark.parametrize("size", [(96, 96), (97, 95), (17, 40), (111, 113), (16, 17), (15, 15)])
def test_energies_of_any_plane_are_those_of_its_cells(size: tuple[int, int]) -> None:
    plane = np.random.default_rng(1).integers(0, 200, size).astype(np.uint8)
    energies = _energies(plane)
    assert energies.shape[2] == 2
    assert np.isfinite(energies).all()


def row(heights: list[int]) -> np.ndarray:
    mask = np.zeros((60, 30 * len(heights)), bool)
    for index, height in enumerate(heights):
        mask[50 - height : 50, 30 * index + 5 : 30 * index + 20] = True
    return mask


def test_an_ideograph_between_digits_is_no_sign_of_a_hand() -> None:
    assert usual_stray(row([30] * 8)) == 0
    assert usual_stray(row([40, *[30] * 8, 40])) < 0.02
    assert usual_stray(row([30, 36, 27, 33, 38, 29, 35, 26])) > 0.1
