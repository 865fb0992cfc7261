"""What tells writing from print: names signed, written and printed, photographed in every way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.marks.calibrate.fitting import fitted, kept, left_out, rounded
from benchmarks.marks.corpus import page_map
from fixtures.maker import ink, strokes
from fixtures.maker.cases import Draw, person
from fixtures.maker.fonts import HELD_OUT, hands, printed
from fixtures.maker.options import PRESETS
from fixtures.maker.photograph import photograph, preset
from fixtures.maker.sheet import Sheet, print_at, write_in
from scanservice.detect.canvas import Canvas, make_canvas
from scanservice.detect.handwriting import BLUE, StrokeLook, stroke_look
from scanservice.detect.ink import Layers, separate
from scanservice.detect.printlayer import PrintLayer
from scanservice.evidence import PageFit, Residual, ScanPage
from scanservice.geometry import MM_PER_INCH, Box

DPI = 220.0
SIZE = (210.0, 297.0)
ROWS, COLUMNS = 15, 4
FACES = ("song", "song-bold", "ming", "hei", "hei-bold", "kai")
FIRST_SEED = 200
STEEPNESS = 3.0
"""Score is multiplied by this: what lies 0.7 on either side of the threshold is told with 90 %."""

BELOW_PRINTS = 0.4
"""What is told with 90 % lies 0.7 above the threshold, and so beyond all but a print in two hundred; what
lies between goes to a person. Signatures in black ink that are small and upright score little more."""


@dataclass(frozen=True, eq=False)
class Name:
    """A name on a sheet: its look, what it is (`signed`, `written`, or the print's face), its sheet."""

    look: StrokeLook
    kind: str
    page: int

    @property
    def by_hand(self) -> bool:
        return self.kind in ("signed", "written")


def names(size: int, first: int = FIRST_SEED) -> Iterator[Name]:
    """Names in boxes on sheets of paper, by hands that are not held out."""
    known = [hand for hand in hands().values() if hand.name not in HELD_OUT]
    for seed in range(first, first + size):
        rng = np.random.default_rng([seed, 3])
        k = DPI / MM_PER_INCH
        sheet = Sheet(np.full((round(SIZE[1] * k), round(SIZE[0] * k), 3), 255, np.uint8), k)
        places = [_put(sheet, index, known, rng) for index in range(ROWS * COLUMNS)]
        canvas, layers = _taken(sheet, seed, rng)
        for kind, box in places:
            window = canvas.window(box.grown(0.6).clipped(canvas.box))
            mask = layers.ink[window]
            if mask.any():
                look = stroke_look(mask, layers.writing[window], canvas.blueness[window])
                yield Name(look, kind, seed)


def _put(sheet: Sheet, index: int, known: list[Any], rng: np.random.Generator) -> tuple[str, Box]:
    row, column = divmod(index, COLUMNS)
    box = Box(8 + column * 49, 10 + row * 18.5, 52 + column * 49, 25 + row * 18.5)
    name = person(Draw(int(rng.integers(1 << 30))))[0]
    hand = known[int(rng.integers(len(known)))]
    who, chance = ink.writer(hand.style, rng), rng.random()
    if chance < 0.35:
        return "signed", strokes.sign(sheet, name.replace(" ", ""), box, hand, who, rng)
    if chance < 0.5:
        size = float(rng.uniform(3.5, 6))
        return "written", write_in(sheet, name, box.grown(-2, -3), hand, who, size, rng).lines[0].box
    face, size = FACES[int(rng.integers(len(FACES)))], float(rng.uniform(2.8, 5.2))
    text = name if rng.random() < 0.7 else " ".join(name)
    left = box.left + float(rng.uniform(1, 10))
    return face, print_at(sheet, text, left, box.center[1] - size / 2, printed(face), size).box


def _taken(sheet: Sheet, seed: int, rng: np.random.Generator) -> tuple[Canvas, Layers]:
    """The sheet photographed, straightened and taken apart; nothing is printed on it."""
    look = preset(PRESETS[seed % len(PRESETS)], [seed, 0])
    photo = photograph(sheet.image, DPI, options=look, seed=[seed, 0])
    residual = Residual(0.15, 0.4, 0.6)
    fit = PageFit(0, "", "", page_map(photo, rng), 0, residual, {}, "accepted")
    height, width = photo.image.shape[:2]
    whole = Box(0, 0, *SIZE)
    canvas = make_canvas(ScanPage(0, 0, photo.image, width, height), fit, whole)
    nothing = np.zeros(canvas.flat.shape[:2], np.uint8)
    blank = PrintLayer(nothing, nothing, np.zeros((1, 1, 2)), np.zeros((1, 1)))
    return canvas, separate(canvas, blank, fit.map.dots_per_mm(whole))


def calibrate(size: int, *, write: bool) -> None:
    """Weights of black ink, and the threshold: `BELOW_PRINTS` below what one print in a hundred scores."""
    found = [name for name in names(size) if name.look.blue < BLUE]
    vectors = np.array([name.look.vector() for name in found])
    by_hand, kinds = np.array([name.by_hand for name in found]), np.array([name.kind for name in found])
    scores = left_out(vectors, by_hand, [name.page for name in found])
    threshold = float(np.quantile(scores[~by_hand], 0.99)) - BELOW_PRINTS
    content = {
        "made_by": f"python -m benchmarks.marks.calibrate hand --size {size}",
        "first_seed": FIRST_SEED,
        "names": {kind: int((kinds == kind).sum()) for kind in sorted(set(kinds.tolist()))},
        "told_as_hand_when_left_out": {
            kind: round(float((scores[kinds == kind] > threshold).mean()), 3)
            for kind in sorted(set(kinds.tolist()))
        },
        "threshold": round(STEEPNESS * threshold, 4),
        "weights": rounded(STEEPNESS * fitted(vectors, by_hand)),
    }
    kept("hand", content, write=write)
