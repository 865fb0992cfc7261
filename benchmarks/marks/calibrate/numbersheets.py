"""Sheets full of printed numbers, some on fluid or a patch: what forms teach in hundreds of pages.

Photographed in every way and straightened; in every ink and face, some in a frame.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np

from benchmarks.marks.calibrate.uploads import Taken
from benchmarks.marks.corpus import page_map
from fixtures.maker.fonts import PRINT_FILES, printed
from fixtures.maker.ink import Colour, Layer
from fixtures.maker.options import PRESETS
from fixtures.maker.photograph import photograph, preset
from fixtures.maker.serials import SERIAL_INKS, SerialStyle, Variant, machine_print, undercoat
from fixtures.maker.sheet import Sheet, print_at
from fixtures.maker.strokes import fluid
from scanservice.detect.canvas import Canvas, Plane, make_canvas
from scanservice.detect.numberpaper import number_planes
from scanservice.evidence import PageFit, Residual, ScanPage
from scanservice.geometry import MM_PER_INCH, Box

SIZE = (210.0, 297.0)
EDGE, NUMBER = (8.0, 14.0), (44.0, 8.0)
"""Left and upper edge of a sheet, and size of a number's place, mm."""
LABELS = ("No", "编号", "协议", "协议编号", "", "第")
LETTERS = "ABCDEFGHJKLMNPRSTUWXYZ"
COVERED: tuple[Variant, ...] = ("overpainted", "overpainted", "pasted")
WIDE = 0.5
"""Of what covers numbers is of any size and tone; the rest as forms are drawn with."""
WHITE_EVERY = 5
"""Every fifth sheet is scanned so bright that all paper is white: only ink, and its compression, is seen."""
FRAMED = 0.35
"""Of the numbers stand in a frame."""
STRAY_MM = 0.15
"""Of the extent of a number's ink as it is measured."""


@dataclass(frozen=True, eq=False)
class NumberPaper:
    """A number as the network sees it: its input, the columns that are asked, and how it stands."""

    planes: Plane
    asked: slice
    variant: str


def sheet_numbers(size: int, first: int) -> Iterator[NumberPaper]:
    """The numbers of so many sheets."""
    for seed in range(first, first + size):
        rng = np.random.default_rng([seed, 41])
        canvas, numbers = _sheet(seed, rng)
        for box, variant in numbers:
            stray = rng.normal(0, STRAY_MM, 4)
            seen = Box(box.left + stray[0], box.top + stray[1], box.right + stray[2], box.bottom + stray[3])
            yield NumberPaper(*number_planes(canvas, seen), variant)


def form_numbers(found: Iterator[Taken]) -> Iterator[NumberPaper]:
    """The numbers of pages of forms."""
    for page in found:
        for variant, extent in page.numbers:
            yield NumberPaper(*number_planes(page.sheet.canvas, extent, page.sheet.layers), variant)


def _sheet(seed: int, rng: np.random.Generator) -> tuple[Canvas, list[tuple[Box, Variant]]]:
    dpi = float(rng.choice([200, 220, 250]))
    k = dpi / MM_PER_INCH
    sheet = Sheet(np.full((round(SIZE[1] * k), round(SIZE[0] * k), 3), 255, np.uint8), k)
    share = float(rng.choice([0, 0.5, 0.5, 0.5]))
    numbers, y = [], EDGE[1]
    while y < SIZE[1] - EDGE[1]:
        x = float(rng.uniform(EDGE[0], 2 * EDGE[0])) + EDGE[1]
        while x + NUMBER[0] < SIZE[0] - EDGE[0]:
            place = Box(x, y - NUMBER[1] / 2, x + NUMBER[0], y + NUMBER[1] / 2)
            numbers.append(_number(sheet, place, share, rng))
            x += float(rng.uniform(62, 70))
        y += float(rng.uniform(10, 16))
    return _taken(sheet, dpi, seed), numbers


def _number(sheet: Sheet, place: Box, share: float, rng: np.random.Generator) -> tuple[Box, Variant]:
    inks = SERIAL_INKS[str(rng.choice(["red", "red", "red", "black", "blue"]))]
    colour: Colour = inks[int(rng.integers(len(inks)))]
    text = _text(rng)
    faces = [name for name in PRINT_FILES if all(printed(name).holds(letter) for letter in text)]
    usual = "numbering" in faces and rng.random() < 0.7
    face = "numbering" if usual else faces[int(rng.integers(len(faces)))]
    if rng.random() < FRAMED:
        away, k = float(rng.uniform(0.3, 6)), sheet.k
        frame = place.grown(away, away * 0.4)
        corners = [(round(x * k), round(y * k)) for x, y in frame.corners()[[0, 2]]]
        cv2.rectangle(sheet.image, corners[0], corners[1], (60, 60, 60), max(1, round(0.2 * k)))
    label = LABELS[int(rng.integers(len(LABELS)))]
    if label:
        left = place.left - 3 * len(label) - float(rng.uniform(0.5, 3))
        print_at(sheet, label, left, place.center[1] - 1.8, printed("song"), 3.2)
    variant = COVERED[int(rng.integers(len(COVERED)))] if rng.random() < share else "printed"
    if variant != "printed" and rng.random() < WIDE:
        _cover(sheet, text, place, colour, SerialStyle(variant, face=face), rng)
    elif variant != "printed":
        undercoat(sheet, text, place, colour, SerialStyle(variant, face=face), rng)
    return machine_print(sheet, text, place, face, colour, rng).box, variant


def _cover(
    sheet: Sheet, text: str, place: Box, colour: Colour, style: SerialStyle, rng: np.random.Generator
) -> None:
    """Another number below fluid or a patch of any size, tone and shadow."""
    other = "".join(str((int(c) + 3) % 10) if c.isdigit() else c for c in text)
    below = machine_print(sheet, other, place, style.face, colour, rng).box
    if style.variant == "overpainted":
        fluid(sheet, below.grown(float(rng.uniform(0.2, 2.5)), float(rng.uniform(0.2, 2))), rng)
        return
    (left, right), (above, under) = rng.uniform(0.5, 6, 2), rng.uniform(0.4, 3.5, 2)
    patch = Box(below.left - left, below.top - above, below.right + right, below.bottom + under)
    k = sheet.k
    x, y = round(patch.left * k), round(patch.top * k)
    cover = np.ones((round(patch.height * k), round(patch.width * k)), np.float32)
    away = max(1, round(float(rng.uniform(0.05, 0.3)) * k))
    dx, dy = (away * int(way) for way in rng.choice([-1, 1], 2))
    sheet.put(Layer(cover * np.float32(rng.uniform(0.1, 0.45)), x + dx, y + dy, (110, 110, 112)))
    blue, green, red = np.clip(rng.uniform(236, 255) + rng.normal(0, 3, 3), 0, 255).astype(int).tolist()
    sheet.put(Layer(cover, x, y, (blue, green, red)), opaque=True)


def _text(rng: np.random.Generator) -> str:
    """A number of any school's kind."""
    digits = "".join(str(digit) for digit in rng.integers(0, 10, int(rng.integers(6, 11))))
    letters = "".join(str(letter) for letter in rng.choice(list(LETTERS), 2))
    kinds = (
        f"NO.{digits}",
        f"{letters}{digits[:7]}",
        f"第{digits[:8]}号",
        f"{digits[:4]}-{digits[4:]}",
        digits,
    )
    return kinds[int(rng.integers(len(kinds)))]


def _taken(sheet: Sheet, dpi: float, seed: int) -> Canvas:
    """The sheet photographed and straightened."""
    look = preset(PRESETS[seed % len(PRESETS)], [seed, 0])
    if seed % WHITE_EVERY == 0:
        look = replace(preset("flatbed", [seed, 0]), paper_tone=False)
    photo = photograph(sheet.image, dpi, options=look, seed=[seed, 0], paint=sheet.paint)
    page = page_map(photo, np.random.default_rng([seed, 11]), 0.08)
    fit = PageFit(0, "", "", page, 0, Residual(0.1, 0.3, 0.5), {}, "accepted")
    height, width = photo.image.shape[:2]
    return make_canvas(ScanPage(0, 0, photo.image, width, height), fit, Box(0, 0, *SIZE))
