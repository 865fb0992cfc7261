"""Small pictures whose four corners tell how they lie, in every format that intake reads."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pillow_heif
from PIL import Image, ImageDraw

pillow_heif.register_heif_opener()

WIDTH, HEIGHT = 320, 240
COLOURS = {"red": (220, 20, 20), "green": (20, 200, 20), "blue": (20, 20, 220), "yellow": (230, 220, 20)}
UPRIGHT = ("red", "green", "blue", "yellow")
"""Top left, top right, bottom right, bottom left."""


def picture(width: int = WIDTH, height: int = HEIGHT) -> Image.Image:
    """White, with a coloured quarter-length square in every corner and a soft texture between."""
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    texture = (235 + 15 * np.sin(x / 9) * np.cos(y / 7)).astype(np.uint8)
    image = Image.fromarray(np.dstack([texture] * 3), "RGB")
    draw, edge = ImageDraw.Draw(image), min(width, height) // 4
    for (left, top), colour in zip(
        [(0, 0), (width - edge, 0), (width - edge, height - edge), (0, height - edge)], UPRIGHT, strict=True
    ):
        draw.rectangle((left, top, left + edge - 1, top + edge - 1), fill=COLOURS[colour])
    return image


def stored_as(image: Image.Image, orientation: int) -> Image.Image:
    """The picture as a camera stores it that then writes this Exif orientation."""
    inverse = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    return image.transpose(inverse[orientation]) if orientation in inverse else image


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def jpeg(image: Image.Image | None = None, **options: Any) -> bytes:
    return encoded(image or picture(), "JPEG", **{"quality": 92, **options})


def exif(orientation: Any) -> bytes:
    tags = Image.Exif()
    tags[274] = orientation
    return tags.tobytes()


def corners(image: np.ndarray) -> tuple[str, ...]:
    """The nearest of `COLOURS` in the middle of each corner square of a BGR image, as in `UPRIGHT`."""
    height, width = image.shape[:2]
    inset = min(width, height) // 8
    places = [
        (inset, inset),
        (width - inset, inset),
        (width - inset, height - inset),
        (inset, height - inset),
    ]

    def nearest(x: int, y: int) -> str:
        b, g, r = (int(v) for v in image[y, x])
        return min(
            COLOURS, key=lambda name: sum(abs(a - c) for a, c in zip((r, g, b), COLOURS[name], strict=True))
        )

    return tuple(nearest(x, y) for x, y in places)
