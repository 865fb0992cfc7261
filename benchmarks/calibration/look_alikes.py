"""Derives `scanservice/verify/data/alike.txt`: which characters look alike, from the shapes of four faces.

Run as `python -m benchmarks.calibration.look_alikes`. Characters of GB 2312 and the digits and capitals
are drawn in a kai, a ming, a gothic and a pen face; two look alike where the correlation of their blurred
shapes, averaged over the faces, is high for both. None of the faces that are held out is used.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from fixtures.maker.fonts import EM, Face, hands, printed

OUTPUT = Path(__file__).parents[2] / "scanservice" / "verify" / "data" / "alike.txt"
SIDE = 28
BLUR = 1.1
CLOSE = 0.80
"""Correlation from which two are alike: pairs known from confusions of readers (己已, 未末, 日曰, 海悔)
have .80 and more; 1 in 700 pairs of one radical has."""
MOST = 12
DIGITS = "0123456789"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def characters() -> str:
    """GB 2312's 6,763 characters, then digits and capitals."""
    rows = range(0xB0, 0xF8)
    found = [bytes((row, cell)).decode("gb2312", "ignore") for row in rows for cell in range(0xA1, 0xFF)]
    return "".join(found) + DIGITS + LETTERS


def shapes(face: Face, text: str) -> np.ndarray:
    """N x SIDE^2: blurred, brought to one size, zero mean, unit length; zeros where the face lacks one."""
    rows = np.zeros((len(text), SIDE * SIDE), np.float32)
    for index, character in enumerate(text):
        if not face.holds(character):
            continue
        glyph = face.glyph(character)
        height, width = glyph.mask.shape
        canvas = np.zeros((EM, EM), np.uint8)
        scale = min((EM - 8) / max(height, width), 1.6)
        drawn = cv2.resize(glyph.mask, (max(1, int(width * scale)), max(1, int(height * scale))))
        top, left = (EM - drawn.shape[0]) // 2, (EM - drawn.shape[1]) // 2
        canvas[top : top + drawn.shape[0], left : left + drawn.shape[1]] = drawn
        small = cv2.resize(canvas, (SIDE, SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
        row = cv2.GaussianBlur(small, (0, 0), BLUR).ravel()
        row -= row.mean()
        rows[index] = row / max(float(np.linalg.norm(row)), 1e-6)
    return rows


def neighbours(text: str) -> dict[str, str]:
    """Look-alikes of each character, nearest first."""
    faces = [printed("kai"), printed("ming"), printed("hei"), hands()["ar-pl-ukai"].face]
    total = np.zeros((len(text), len(text)), np.float32)
    for face in faces:
        rows = shapes(face, text)
        total += rows @ rows.T
    total /= len(faces)
    np.fill_diagonal(total, 0)
    found = {}
    for index, character in enumerate(text):
        order = np.argsort(-total[index])[:MOST]
        near = [text[other] for other in order if total[index, other] >= CLOSE]
        if near:
            found[character] = "".join(near)
    return found


def main() -> None:
    found = neighbours(characters())
    lines = [f"{character} {near}" for character, near in found.items()]
    OUTPUT.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(found)} characters with {sum(map(len, found.values()))} look-alikes")


if __name__ == "__main__":
    main()
