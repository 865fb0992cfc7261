"""What the processes share: pictures as light, places in them, smooth noise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from scanservice.geometry import Image

Process: TypeAlias = Callable[[Image, np.random.Generator], Image]
Light: TypeAlias = NDArray[np.float32]
GAMMA = 2.2


def light_of(picture: Image) -> Light:
    """Light, 0 to 1, of a picture's grey values."""
    return np.asarray((picture.astype(np.float32) / 255) ** GAMMA, np.float32)


def shown(light: Any) -> Image:
    return grey_values(np.clip(light, 0, 1) ** (1 / GAMMA) * 255)


def grey_values(values: Any) -> Image:
    return np.asarray(np.clip(np.rint(values), 0, 255), np.uint8)


def places(picture: Image) -> tuple[Light, Light]:
    """Of each pixel its place across and down, -0.5 to 0.5."""
    height, width = picture.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    return x / width - 0.5, y / height - 0.5


def bumps(picture: Image, size: float, rng: np.random.Generator) -> Light:
    """Smooth normal noise, H x W, whose bumps are `size` pixels wide."""
    height, width = picture.shape[:2]
    coarse = rng.normal(size=(int(height / size) + 2, int(width / size) + 2)).astype(np.float32)
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)
