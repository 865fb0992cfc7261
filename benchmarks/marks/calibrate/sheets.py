"""Sheets full of lines, some of them on paint: photographed in every way, straightened, taken apart.

Ruled like a form or plain, with seals across or none, in many hands and mostly in characters drawn at
random: what a form teaches in a hundred uploads, at a fraction of the time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from benchmarks.marks.calibrate.letters import alphabet, text_of
from benchmarks.marks.calibrate.painting import painted
from benchmarks.marks.corpus import page_map
from fixtures.maker import ink, seals
from fixtures.maker.cases import Draw, person
from fixtures.maker.fonts import Hand, printed
from fixtures.maker.ink import Layer, Writer
from fixtures.maker.marks import design_for
from fixtures.maker.options import PRESETS
from fixtures.maker.photograph import photograph, preset
from fixtures.maker.sheet import Sheet, print_in, write_in
from scanservice.detect.barepaper import CELL_MM, around, paper_look
from scanservice.detect.canvas import DOTS_PER_MM, PAPER, Canvas, Plane, make_canvas
from scanservice.detect.fieldink import FieldInk
from scanservice.detect.ink import Layers, separate
from scanservice.detect.lines import split_lines
from scanservice.detect.paint import POOLED, answers_under
from scanservice.detect.printlayer import PrintLayer
from scanservice.detect.regionink import region_ink
from scanservice.evidence import PageFit, Residual, ScanPage
from scanservice.geometry import MM_PER_INCH, Box

DPI = 220.0
SIZE = (210.0, 297.0)
FIRST_SEED = 60000
EDGE = 9.0
PAINTED = 0.22
"""Of the lines of a sheet on which there is paint."""
PRINTED = 0.06
"""Of the sheets: filled in by a printer."""
FACES = ("song", "song", "ming", "hei", "kai")


@dataclass(frozen=True, eq=False)
class Paper:
    """The paper of a page.

    Attributes:
        planes: as `barepaper.PaperLook` has them, float16.
        painted: rows x columns of the network's answers: share that is painted; -1 where nobody asks.
    """

    planes: Plane
    painted: Plane


@dataclass(frozen=True, eq=False)
class _Field:
    box: Box
    altered: Box | None


def sheet_papers(
    size: int, hand_of: Callable[[int, np.random.Generator], Hand], first: int = FIRST_SEED
) -> Iterator[Paper]:
    """The paper of so many sheets, each by one hand, some of its lines on paint."""
    for seed in range(first, first + size):
        canvas, layers, fields = _sheet(seed, hand_of)
        lines = []
        for number, field in enumerate(fields):
            found = region_ink(canvas, layers, field.box, _near(fields, number))
            lines += FieldInk((found,), (tuple(split_lines(found.mask)),)).boxes(canvas)
        yield paper_of(
            canvas, layers, lines, [field.altered for field in fields if field.altered is not None]
        )


def _sheet(
    seed: int, hand_of: Callable[[int, np.random.Generator], Hand]
) -> tuple[Canvas, Layers, list[_Field]]:
    rng = np.random.default_rng([seed, 31])
    k = DPI / MM_PER_INCH
    sheet = Sheet(np.full((round(SIZE[1] * k), round(SIZE[0] * k), 3), 255, np.uint8), k)
    boxes = _boxes(rng)
    ruled = bool(rng.random() < 0.6)
    if ruled:
        _rule(sheet.image, boxes, k)
    fields = _filled(sheet, boxes, hand_of(seed, rng), rng)
    for _ in range(int(rng.choice([0, 0, 1, 3]))):
        _stamped(sheet, rng)
    return *_taken(sheet, boxes if ruled else [], seed), fields


def _boxes(rng: np.random.Generator) -> list[Box]:
    """Fields in rows."""
    found, top = [], EDGE
    while top < SIZE[1] - EDGE - 12:
        height, left = float(rng.uniform(7.2, 11.5)), EDGE
        while left < SIZE[0] - EDGE - 12:
            width = float(np.exp(rng.uniform(np.log(12), np.log(95))))
            right = min(left + width, SIZE[0] - EDGE)
            found.append(Box(left, top, right, top + height))
            left = right
        top += height
    return found


def _rule(image: Plane, boxes: Sequence[Box], k: float) -> None:
    for box in boxes:
        corners = [(round(x * k), round(y * k)) for x, y in ((box.left, box.top), (box.right, box.bottom))]
        cv2.rectangle(image, corners[0], corners[1], (60, 60, 60), max(1, round(0.2 * k)))


def _filled(sheet: Sheet, boxes: Sequence[Box], hand: Hand, rng: np.random.Generator) -> list[_Field]:
    who, usual = _writer(hand, rng), float(rng.uniform(3.3, 5.2))
    printing, letters = bool(rng.random() < PRINTED), alphabet(hand)
    found = []
    for box in boxes:
        inner = box.grown(-0.7)
        text = text_of(inner.width, usual, letters, rng)
        if printing:
            face = printed(FACES[int(rng.integers(len(FACES)))])
            print_in(sheet, text, inner, face, float(rng.uniform(3.2, 4.4)))
            found.append(_Field(box, None))
        elif rng.random() < PAINTED:
            found.append(_Field(box, painted(sheet, text, inner, hand, who, usual, rng)))
        else:
            write_in(sheet, text, inner, hand, who, usual, rng)
            found.append(_Field(box, None))
    return found


def _writer(hand: Hand, rng: np.random.Generator) -> Writer:
    """A writer whose pen may be broader, and whose characters may stand closer, than forms are drawn with."""
    who = ink.writer(hand.style, rng)
    if rng.random() < 0.35:
        who = replace(who, spacing=float(rng.uniform(-0.15, 0.12)))
    if rng.random() < 0.3:
        who = replace(who, weight=float(rng.uniform(0.75, 1.45)))
    return replace(who, pressure=who.pressure * 1.8) if rng.random() < 0.2 else who


def _stamped(sheet: Sheet, rng: np.random.Generator) -> None:
    name = person(Draw(int(rng.integers(1 << 30))))[0] * 4
    layer = seals.imprint(design_for("employer", name, rng), seals.stamped(rng), sheet.k, rng)
    x, y = (round(float(rng.uniform(25, side - 25)) * sheet.k) for side in SIZE)
    sheet.put(Layer(layer.coverage, layer.left + x, layer.top + y, layer.colour))


def _taken(sheet: Sheet, ruled: Sequence[Box], seed: int) -> tuple[Canvas, Layers]:
    """The sheet photographed, straightened and taken apart."""
    look = preset(PRESETS[seed % len(PRESETS)], [seed, 0])
    photo = photograph(sheet.image, DPI, options=look, seed=[seed, 0], paint=sheet.paint)
    fit = PageFit(
        0,
        "",
        "",
        page_map(photo, np.random.default_rng([seed, 11]), 0.08),
        0,
        Residual(0.1, 0.3, 0.5),
        {},
        "accepted",
    )
    height, width = photo.image.shape[:2]
    whole = Box(0, 0, *SIZE)
    canvas = make_canvas(ScanPage(0, 0, photo.image, width, height), fit, whole)
    nothing = np.zeros(canvas.flat.shape[:2], np.uint8)
    rules = nothing.copy()
    if ruled:
        blank = np.full((*nothing.shape, 3), 255, np.uint8)
        _rule(blank, ruled, DOTS_PER_MM)
        rules = np.where(blank[:, :, 2] < 255, PAPER - 60, 0).astype(np.uint8)
    layer = PrintLayer(rules, nothing, np.zeros((1, 1, 2)), np.zeros((1, 1)))
    return canvas, separate(canvas, layer, fit.map.dots_per_mm(whole))


def _near(fields: Sequence[_Field], number: int) -> list[Box]:
    """Boxes of the other fields of three rows or so."""
    around = [*fields[max(number - 14, 0) : number], *fields[number + 1 : number + 15]]
    return [other.box for other in around]


def paper_of(canvas: Canvas, layers: Layers, lines: Sequence[Box], patches: Sequence[Box]) -> Paper:
    """The paper of a page whose lines of writing, and whose paint, lie in these boxes (mm)."""
    look = paper_look(canvas, layers, around(lines, canvas))
    rows, columns = (side // POOLED for side in look.planes.shape[:2])
    fine = np.zeros((rows * POOLED, columns * POOLED), np.float32)
    for patch in patches:
        top, bottom = (max(round((edge - look.box.top) / CELL_MM), 0) for edge in (patch.top, patch.bottom))
        left, right = (max(round((edge - look.box.left) / CELL_MM), 0) for edge in (patch.left, patch.right))
        fine[top:bottom, left:right] = 1
    share = fine.reshape(rows, POOLED, columns, POOLED).mean(axis=(1, 3))
    asked = np.zeros((rows, columns), bool)
    for line in lines:
        asked[answers_under(look, line, share.shape)] = True
    planes = look.planes[: rows * POOLED, : columns * POOLED].astype(np.float16)
    return Paper(planes, np.where(asked, share, -1).astype(np.float32))
