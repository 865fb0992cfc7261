"""Paint below writing, on sheets of lines: fluid as forms are drawn with, and tape."""

from __future__ import annotations

import cv2
import numpy as np

from fixtures.maker.fonts import Hand
from fixtures.maker.ink import Layer, Writer
from fixtures.maker.sheet import Sheet, write_in
from fixtures.maker.texts import altered_in
from scanservice.geometry import Box

FLUID = 0.7
"""Share of what is painted over that is fluid; the rest is tape."""


def painted(
    sheet: Sheet, text: str, box: Box, hand: Hand, who: Writer, size: float, rng: np.random.Generator
) -> Box:
    """Writes a text into a box on fluid or on tape, as a whole or a character of it; the box of the paint."""
    if rng.random() < FLUID:
        return altered_in(sheet, text, box, "fluid", hand, who, size, rng)[1]
    copy = Sheet(np.full_like(sheet.image, 255), sheet.k)
    lines = write_in(copy, text, box, hand, who, size, np.random.default_rng(0)).lines
    line = lines[int(rng.integers(len(lines)))].box
    width = line.width if rng.random() < 0.5 else float(rng.uniform(4, max(line.width, 5)))
    left = line.left + float(rng.uniform(0, max(line.width - width, 0.1)))
    patch = Box(left, line.top, left + width, line.bottom).grown(float(rng.uniform(0.2, 0.8)))
    taped(sheet, patch, rng)
    write_in(sheet, text, box, hand, who, size, rng)
    return patch


def taped(sheet: Sheet, box: Box, rng: np.random.Generator) -> None:
    """Correction tape, or a slip of other paper: straight edges, a shadow along two of them."""
    k, pad = sheet.k, 4
    height, width = round(box.height * k), round(box.width * k)
    cover = np.zeros((height + 2 * pad, width + 2 * pad), np.float32)
    cover[pad:-pad, pad:-pad] = 1
    cover = np.asarray(cv2.GaussianBlur(cover, (0, 0), 0.5), np.float32)
    left, top = round(box.left * k) - pad, round(box.top * k) - pad
    off = [int(step) for step in rng.choice([-1, 0, 1], 2)]
    soft = cv2.GaussianBlur(cover, (0, 0), float(rng.uniform(0.08, 0.2)) * k)
    shade = np.asarray(np.clip(soft - cover, 0, 1) * rng.uniform(0.1, 0.6), np.float32)
    sheet.put(Layer(shade, left + off[0], top + off[1], (120, 118, 116)))
    tone = int(rng.integers(238, 256))
    colour = tuple(int(np.clip(tone + rng.integers(-4, 5), 0, 255)) for _ in range(3))
    sheet.put(Layer(cover * np.float32(rng.uniform(0.93, 1)), left, top, colour), opaque=True)  # type: ignore[arg-type]
