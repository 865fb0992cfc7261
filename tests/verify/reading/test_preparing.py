"""Where the writing in a crop is."""

from __future__ import annotations

import numpy as np

from scanservice.verify.preparing import ink_box


def crop() -> np.ndarray:
    """An upright stroke at columns 30 to 33."""
    image = np.full((40, 60, 3), 250, np.uint8)
    image[8:32, 30:34] = 60
    return image


def test_the_box_follows_a_stroke_that_fades() -> None:
    faded = crop()
    faded[24:27, 14:30] = 220
    assert ink_box(crop()) == (30, 8, 34, 32)
    assert ink_box(faded) == (14, 8, 34, 32)


def test_blur_and_what_stands_apart_do_not_widen_it() -> None:
    image = crop()
    image[8:32, 28:30] = 218
    image[24:27, 4:20] = 220
    assert ink_box(image) == (30, 8, 34, 32)
