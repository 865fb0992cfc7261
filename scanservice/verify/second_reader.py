"""The second, independent reader: Tesseract, a process a line, asked where it can change the answer."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
import pytesseract
from PIL import Image as Picture

from scanservice.geometry import Image

HEIGHT = 44
"""Pixels to which a line is brought; Tesseract's models were trained near 36 pixels a line, and its
reading of printed digits was best at 40 to 48 here."""
TIMEOUT_S = 10


@dataclass(frozen=True, slots=True)
class SecondReading:
    """What Tesseract read: `text` without spaces; `failed` names why there is none."""

    text: str
    failed: str | None = None


@cache
def second_reader_name() -> str:
    """Name and version, for the verdict.

    Raises:
        RuntimeError: Tesseract is not installed.
    """
    try:
        return f"tesseract {pytesseract.get_tesseract_version()}"
    except pytesseract.TesseractNotFoundError:
        raise RuntimeError(
            "tesseract is not installed: apt-get install tesseract-ocr tesseract-ocr-chi-sim"
        ) from None


def second_reading(line: Image, *, digits: bool, characters: str = "", height: int = HEIGHT) -> SecondReading:
    """One line read by Tesseract.

    Args:
        line: H x W x 3, uint8, BGR.
        digits: the line is a printed number: read with the English model.
        characters: the only ones that may stand there; empty for any.
        height: pixels to which the line is brought.
    """
    os.environ.setdefault("OMP_THREAD_LIMIT", "1")
    config = "--psm 7 -c tessedit_do_invert=0"
    if characters:
        config += f" -c tessedit_char_whitelist={characters}"
    try:
        text = pytesseract.image_to_string(
            Picture.fromarray(_prepared(line, height)),
            lang="eng" if digits else "chi_sim",
            config=config,
            timeout=TIMEOUT_S,
        )
    except (pytesseract.TesseractError, RuntimeError, OSError) as error:
        return SecondReading("", type(error).__name__)
    return SecondReading("".join(text.split()))


def _prepared(line: Image, height: int) -> Image:
    """Grey, brought to a height, with a white margin all around."""
    grey = cv2.cvtColor(line, cv2.COLOR_BGR2GRAY)
    scale = height / max(grey.shape[0], 1)
    size = (max(8, round(grey.shape[1] * scale)), height)
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    sized = cv2.resize(grey, size, interpolation=method)
    dark, paper = np.percentile(sized, (1, 85))
    level = np.clip((sized - dark) / max(paper - dark, 1.0), 0, 1) * 255
    framed = cv2.copyMakeBorder(
        level.astype(np.uint8), 16, 16, 20, 20, borderType=cv2.BORDER_CONSTANT, value=(255,)
    )
    return np.asarray(framed, dtype=np.uint8)
