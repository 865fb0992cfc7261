"""Derives `scanservice/verify/data/stroke_lengths.txt`: how much ink a character takes, from two faces.

Run as `python -m benchmarks.calibration.stroke_lengths`. The strokes of the characters of GB 2312, of digits,
letters and signs are as long as their ink has area for the strokes' usual width; of a gothic and of a pen
face the geometric mean is kept. None of the faces that are held out is used.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import cv2
import numpy as np

from fixtures.maker.fonts import EM, Face, hands, printed

OUTPUT = Path(__file__).parents[2] / "scanservice" / "verify" / "data" / "stroke_lengths.txt"
LEAST = 0.1
"""Of a dot; lengths are rounded to this, too."""


def characters() -> str:
    """GB 2312's signs and its 6,763 characters, and ASCII."""
    rows = [0xA1, 0xA3, *range(0xB0, 0xF8)]
    found = [bytes((row, cell)).decode("gb2312", "ignore") for row in rows for cell in range(0xA1, 0xFF)]
    return "".join(map(chr, range(33, 127))) + "".join(found).replace("　", "")


def length(face: Face, character: str) -> float:
    """Of a character's strokes, in ems; 0 where the face lacks it."""
    if not face.holds(character):
        return 0.0
    core = (face.glyph(character).mask > 127).astype(np.uint8)
    distance = cv2.distanceTransform(core, cv2.DIST_L2, 3)
    middle = (distance == cv2.dilate(distance, np.ones((3, 3), np.uint8))) & (core > 0)
    return float(core.sum() / (2 * np.median(distance[middle])) / EM) if middle.any() else 0.0


def main() -> None:
    faces = [printed("hei"), hands()["lxgw-wenkai"].face]
    rows: dict[float, str] = defaultdict(str)
    for character in characters():
        known = [value for face in faces if (value := length(face, character)) > 0]
        if known:
            mean = float(np.exp(np.mean(np.log(known))))
            rows[max(round(mean, 1), LEAST)] += character
    lines = [f"{size:.1f} {rows[size]}" for size in sorted(rows)]
    OUTPUT.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
