"""The hands that the recogniser is trained on: faces of ideographs, of Latin script, pens, real digits.

The last pictures of each real digit (`benchmarks.agreement.digits`) are not among them, nor are the faces of
`benchmarks.reading.unseen`: they are left for measuring.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from benchmarks.agreement.digits import SIDE, digits
from fixtures.maker.fonts import (
    DEBIAN_FONTS,
    EM,
    PRINT_FILES,
    Face,
    FontsMissingError,
    Glyph,
    Hand,
    face_of,
    hands,
    printed,
)
from fixtures.maker.pen import DIGIT_HEIGHT, PenHand, thinned

FOLDER = Path(__file__).parent / "node_modules"
NEED = (
    "the training's hands are not installed: run `npm ci --prefix benchmarks/reading` and "
    "`apt-get install fonts-seto fonts-kiloji`"
)
OWN = ("long-cang", "ma-shan-zheng", "lxgw-wenkai", "ar-pl-ukai", "zhi-mang-xing", "liu-jian-mao-cao")
CHINESE = ("hlxsjt", "jxzk", "mkwtyt", "dyzgt")
OTHERS = ("klee-one", "yomogi", "zen-kurenaido", "hachi-maru-pop", "yuji-mai", "yuji-boku", "iansui")
DEBIAN: Mapping[str, str] = {"seto": "setofont.ttf", "kiloji": "kiloji_p.ttf"}
SHARES: Mapping[str, int] = {
    "long-cang": 4,
    "ma-shan-zheng": 4,
    "zhi-mang-xing": 5,
    "liu-jian-mao-cao": 4,
    "hlxsjt": 4,
    "jxzk": 3,
    "seto": 2,
    "pen": 7,
}
"""How often a hand is taken; 1 of all others. What is written quickly is what readers err in."""
ANOTHER = 0.5
"""Share of the lines whose digits and letters are by another face than its ideographs."""
REAL = 0.35
"""Share of these whose digits are real."""
WIDEST = 1.3
"""To which a small picture of a digit is enlarged at most."""


@dataclass(frozen=True)
class MixedHand(Hand):
    """Ideographs of one face or pen, digits and letters of another, or real digits."""

    latin: Face | None = None
    real: bool = False
    pen: PenHand | None = None

    def glyph(self, character: str) -> Glyph:
        """The character; some faces hold empty glyphs, which are as good as none.

        Raises:
            KeyError: no face holds it.
        """
        latin = (self.latin,) if character.isascii() and self.latin is not None else ()
        for face in (*latin, self.face, *self.fallbacks):
            if face.holds(character):
                glyph = face.glyph(character)
                if glyph.mask.any() or character.isspace():
                    return glyph
        raise KeyError(f"no face holds U+{ord(character):04X}")

    def variant(self, character: str, rng: np.random.Generator) -> Glyph:
        if self.real and character.isascii() and character.isdigit():
            return real_digit(int(character), rng)
        if self.pen is not None and not character.isascii():
            return self.pen.variant(character, rng)
        return self.glyph(character)


def some_hand(rng: np.random.Generator) -> MixedHand:
    """A hand as somebody might write.

    Raises:
        FontsMissingError: fonts are not installed.
    """
    known = hands()
    spare = (known["lxgw-wenkai"].face, *known["lxgw-wenkai"].fallbacks)
    names = [name for name in _written() for _ in range(SHARES.get(name, 1))] + ["pen"] * SHARES["pen"]
    name = names[int(rng.integers(len(names)))]
    another = name == "pen" or rng.random() < ANOTHER
    latin = list(_latin().values())[int(rng.integers(len(_latin())))] if another else None
    real = bool(another and rng.random() < REAL)
    if name != "pen":
        face, scale = _written()[name]
        return MixedHand(name, "hurried", face, spare, scale=scale, latin=latin, real=real)
    haste, nib = float(rng.uniform(0.1, 0.95)), float(rng.uniform(0.03, 0.06))
    pen = PenHand("pen", "hurried", spare[0], spare[1:], haste=haste, nib=nib)
    return MixedHand("pen", "hurried", spare[0], spare[1:], scale=0.95, latin=latin, real=real, pen=pen)


def some_print(rng: np.random.Generator) -> MixedHand:
    """A face of print: printed numbers and seals are read by the same weights."""
    names = sorted(PRINT_FILES)
    face = printed(names[int(rng.integers(len(names)))])
    return MixedHand("print", "neat", face, (printed("song-bold"), printed("hei")))


def real_digit(digit: int, rng: np.random.Generator) -> Glyph:
    """A digit of the pictures that are for training, by a nib of any width."""
    pictures = digits(digit, training=True)
    picture = pictures[int(rng.integers(len(pictures)))] * np.float32(255)
    side = round(DIGIT_HEIGHT * EM * SIDE / 20)
    large = np.asarray(cv2.resize(picture, (side, side), interpolation=cv2.INTER_CUBIC), np.float32)
    mask = thinned(large, rng.uniform(0.05, 0.095) * EM)
    rows, columns = np.nonzero(mask > 40)
    mask = mask[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    ratio = min(DIGIT_HEIGHT * EM / mask.shape[0], WIDEST)
    size = (max(2, round(mask.shape[1] * ratio)), max(2, round(mask.shape[0] * ratio)))
    mask = np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_AREA), np.uint8)
    height, width = mask.shape
    return Glyph(mask, 2, int(EM * 0.86 - height), float(width + EM * rng.uniform(0.02, 0.16)))


@cache
def _written() -> Mapping[str, tuple[Face, float]]:
    """Faces that hold ideographs, with the scale of each."""
    found = {name: (hands()[name].face, hands()[name].scale) for name in OWN}
    for name in CHINESE:
        found[name] = (_installed(name, FOLDER / "@chinese-fonts" / name / "dist", "*/*.woff2"), 1.0)
    for name in OTHERS:
        found[name] = (_installed(name, FOLDER / "@fontsource" / name / "files", "*-400-normal.woff2"), 1.0)
    for name, file in DEBIAN.items():
        found[name] = (_installed(name, DEBIAN_FONTS / "truetype" / name, file), 1.0)
    return found


@cache
def _latin() -> Mapping[str, Face]:
    names = [path.name for path in sorted((FOLDER / "@fontsource").iterdir()) if path.name not in OTHERS]
    return {
        name: _installed(name, FOLDER / "@fontsource" / name / "files", f"{name}-latin-400-normal.woff2")
        for name in names
    }


def _installed(name: str, folder: Path, pattern: str) -> Face:
    files = sorted(folder.glob(pattern))
    if not files:
        raise FontsMissingError(NEED)
    return face_of(f"training-{name}", tuple((path, 0) for path in files))
