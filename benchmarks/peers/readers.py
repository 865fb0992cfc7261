"""The peers: whole-page readers, and the home-made pipeline that looks fields up beside their labels.

Each gives, for a page picture, text lines with their boxes; one thread each.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytesseract

from scanservice.geometry import Image


@dataclass(frozen=True)
class Line:
    text: str
    left: float
    top: float
    right: float
    bottom: float

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2


Reader = Callable[[Image], list[Line]]


def rapidocr_reader() -> Reader:
    """RapidOCR as its wheel comes: detector, angle classifier and recogniser over the whole page."""
    from rapidocr import RapidOCR

    engine = RapidOCR(
        params={
            "Global.log_level": "critical",
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )

    def read(image: Image) -> list[Line]:
        result: Any = engine(image)
        if result.boxes is None:
            return []
        return [
            Line(text, *np.min(box, axis=0), *np.max(box, axis=0))
            for box, text in zip(result.boxes, result.txts, strict=True)
        ]

    return read


def tesseract_reader() -> Reader:
    """Tesseract with simplified Chinese over the whole page."""

    def read(image: Image) -> list[Line]:
        data = pytesseract.image_to_data(
            image[:, :, ::-1], lang="chi_sim", output_type=pytesseract.Output.DICT
        )
        lines: dict[tuple[int, int, int], list[int]] = {}
        for i, text in enumerate(data["text"]):
            if text.strip():
                key = (data["block_num"][i], data["par_num"][i], data["line_num"][i])
                lines.setdefault(key, []).append(i)
        return [_joined(data, members) for members in lines.values()]

    return read


def _joined(data: dict[str, list[int]], members: Sequence[int]) -> Line:
    return Line(
        text="".join(str(data["text"][i]) for i in members),
        left=min(data["left"][i] for i in members),
        top=min(data["top"][i] for i in members),
        right=max(data["left"][i] + data["width"][i] for i in members),
        bottom=max(data["top"][i] + data["height"][i] for i in members),
    )


def folded(text: str) -> str:
    """Letters and digits alone, half width: what a fair comparison of two readings looks at."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).upper() if c.isalnum())


def found_anywhere(lines: Sequence[Line], expected: str) -> bool:
    """Whether the expected text stands in the page's text."""
    return folded(expected) in folded("".join(line.text for line in lines))


def found_beside_label(lines: Sequence[Line], label: str, expected: str) -> bool:
    """Whether the line with the label, or what stands right of it in its row, holds the expected text."""
    wanted = folded(expected)
    for line in lines:
        if folded(label) not in folded(line.text):
            continue
        height = line.bottom - line.top
        row = [
            other
            for other in lines
            if abs(other.middle - line.middle) < 0.8 * max(height, other.bottom - other.top)
            and other.right > line.left
        ]
        if wanted in folded("".join(o.text for o in sorted(row, key=lambda o: o.left))):
            return True
    return False
