"""Single lines of writing as the crops of a photographed form would hold them, with their texts.

Texts come from invented cases, and from names of random common characters, so that look-alikes are met
that no list foresaw. Everything is drawn from a seed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

import cv2
import numpy as np

from fixtures.maker import cases, ink
from fixtures.maker.fonts import HELD_OUT, Hand, hands
from scanservice.evidence import LineCrop
from scanservice.geometry import Box, Image
from scanservice.template import Comparator

Condition = Literal["neat", "hurried"]
PAPER = 236
FINE = 12.0
"""Dots per mm at which is written, before the picture is taken."""
FIELDS: tuple[tuple[Comparator, str, str], ...] = (
    ("name", "student", "name"),
    ("id_number", "student", "id_number"),
    ("text", "student", "major"),
    ("phone", "student", "phone"),
    ("address", "student", "home_address"),
    ("organisation", "entry", "employer_name"),
    ("credit_code", "entry", "employer_code"),
    ("phone", "entry", "employer_phone"),
    ("postcode", "entry", "employer_postcode"),
    ("address", "entry", "employer_address"),
    ("organisation", "entry", "archive_receiver"),
)


@dataclass(frozen=True, eq=False)
class Line:
    """One written line: what stands there, in what kind of field, by whom, and its crop."""

    text: str
    compare: str
    hand: str
    condition: Condition
    crop: LineCrop


@cache
def common_characters() -> str:
    """The 3,755 characters of GB 2312's first level."""
    rows = range(0xB0, 0xD8)
    found = [bytes((row, cell)).decode("gb2312", "ignore") for row in rows for cell in range(0xA1, 0xFF)]
    return "".join(found)


def calibration_hands() -> list[str]:
    return [name for name in hands() if name not in HELD_OUT]


def lines(seed: int, count: int, names: list[str], condition: Condition) -> Iterator[Line]:
    """`count` lines, the hands and the kinds of fields taking turns."""
    for index in range(count):
        rng = np.random.default_rng([seed, index, 7])
        hand = hands()[names[index % len(names)]]
        compare, text = _text(seed, index, rng)
        if not all(_drawn(hand, character) for character in text):
            continue
        yield Line(text, compare, hand.name, condition, photographed(text, hand, condition, rng))


def _drawn(hand: Hand, character: str) -> bool:
    try:
        hand.glyph(character)
    except KeyError:
        return False
    return True


def _text(seed: int, index: int, rng: np.random.Generator) -> tuple[str, str]:
    turn = (index // 5) % (len(FIELDS) + 3)
    if turn >= len(FIELDS):
        letters = common_characters()
        return "name", "".join(
            letters[int(rng.integers(len(letters)))] for _ in range(int(rng.integers(2, 5)))
        )
    compare, part, key = FIELDS[turn]
    return compare, str(cases.invent([seed, index])[part][key])


def photographed(text: str, hand: Hand, condition: Condition, rng: np.random.Generator) -> LineCrop:
    """A line written and photographed."""
    writer = ink.writer(condition, rng)
    size = rng.uniform(4.2, 6.0) * FINE
    return crop_of(ink.write_line(text, hand, writer, size, rng).coverage, writer, condition, rng)


def crop_of(
    coverage: np.ndarray, writer: ink.Writer, condition: Condition, rng: np.random.Generator
) -> LineCrop:
    """Ink photographed: 200 to 300 dpi and sharp when neat, 110 to 220 and worse when hurried."""
    neat = condition == "neat"
    cover = _trim(coverage, rng)
    sheet = np.full((*cover.shape, 3), rng.uniform(PAPER - 14, PAPER + 12), np.float32)
    sheet += np.asarray(rng.normal(0, 3, 3), np.float32)
    sheet += (np.asarray(writer.colour, np.float32) - sheet) * cover[..., None]
    dots = rng.uniform(8, 12) if neat else rng.uniform(4.4, 8.5)
    small = _warped(sheet, dots / FINE, 0.6 if neat else 1.6, rng)
    blur = rng.uniform(0.2, 0.6) if neat else rng.uniform(0.4, 1.05)
    small = cv2.GaussianBlur(small, (0, 0), blur)
    light = 1 + (0.03 if neat else 0.12) * ink.smooth_field(small.shape[:2], 60, rng)
    small = small * light[..., None] + rng.normal(
        0, rng.uniform(1, 3) if neat else rng.uniform(2, 7), small.shape
    )
    quality = int(rng.integers(80, 96)) if neat else int(rng.integers(45, 85))
    image = np.clip(small, 0, 255).astype(np.uint8)
    image = cv2.imdecode(
        cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_COLOR
    )
    assert image is not None
    picture: Image = np.asarray(image, dtype=np.uint8)
    height, width = picture.shape[:2]
    return LineCrop(picture, picture, Box(0, 0, width / dots, height / dots), dots)


def _trim(cover: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The writing with an uneven margin of 1 to 4 mm."""
    ys, xs = np.nonzero(cover > 0.1)
    top, bottom, left, right = (int(rng.uniform(8, 44)) for _ in range(4))
    padded = np.pad(cover, 48)
    return padded[ys.min() + 48 - top : ys.max() + 49 + bottom, xs.min() + 48 - left : xs.max() + 49 + right]


def _warped(sheet: np.ndarray, scale: float, degrees: float, rng: np.random.Generator) -> np.ndarray:
    height, width = sheet.shape[:2]
    angle = np.radians(rng.normal(0, degrees / 2))
    shear = rng.normal(0, 0.04)
    size = (max(16, round(width * scale)), max(12, round(height * scale)))
    centre = np.array([width / 2, height / 2])
    linear = scale * np.array([[np.cos(angle), np.sin(angle) + shear], [-np.sin(angle), np.cos(angle)]])
    offset = np.array(size) / 2 - linear @ centre
    matrix = np.hstack([linear, offset[:, None]])
    blurred = cv2.GaussianBlur(sheet, (0, 0), max(0.1, 0.35 / scale))
    return cv2.warpAffine(blurred, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
