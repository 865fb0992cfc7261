"""Lines of forms with corrections, as the network sees them, and more of them made from clean ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import cv2
import numpy as np

from benchmarks.marks import corpus
from fixtures.maker.fill import FillOptions
from fixtures.maker.fonts import HELD_OUT, hands
from fixtures.maker.options import PRESETS
from fixtures.maker.truth import Alteration
from scanservice.detect.canvas import Plane
from scanservice.detect.fieldink import field_ink
from scanservice.detect.sheet import take_apart
from scanservice.detect.strokenet import LINE_HEIGHT, Pen, line_planes, scale_of

FORMS = ("ouc-2019", "ouc-2019", "upc-2019", "ouc-2019", "ouc-2018")
FIRST_SEED = 3000
ALTERED_SHARE = 0.45
"""Of the fields, in three uploads of four."""
KINDS: tuple[Alteration, ...] = ("strike", "overwrite")
INKED = 0.35
"""Darkness, of the pen's usual, from which a pixel of a prepared line is ink."""
NARROWEST, WIDEST = 0.2, 1.4
"""Widths of what may be a character, in heights of the line."""
Kind = Literal["strike", "overwrite"]
Place = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class Line:
    """A line of writing.

    Attributes:
        dark, pen: as `alteration.suspicion` takes them. planes: H x W x 2, as the network does.
        kind: how it was corrected; None: not. place: left, top, right, bottom of that in `planes`.
        page: which page it stands on; upload: of which upload.
    """

    dark: Plane
    pen: Pen
    planes: Plane
    kind: Kind | None
    place: Place | None
    page: str
    upload: int


def lines(size: int, names: Sequence[str] | None = None, first: int = FIRST_SEED) -> Iterator[Line]:
    """Lines by hands that are not held out, or by those named."""
    forms = {name: corpus.template(name) for name in FORMS}
    known = names or [name for name in hands() if name not in HELD_OUT]
    for seed in range(first, first + size):
        rng = np.random.default_rng([seed, 77])
        form = forms[FORMS[seed % len(FORMS)]]
        texts = [region.id for _, region in form.regions() if region.kind == "text"]
        altered: dict[str, Alteration] = {
            n: KINDS[int(rng.integers(2))] for n in texts if seed % 4 and rng.random() < ALTERED_SHARE
        }
        made = corpus.sample(
            form,
            seed,
            hand=known[seed % len(known)],
            photo=PRESETS[(seed // 6 + seed) % len(PRESETS)],
            options=FillOptions(
                dpi=220,
                alterations=altered,
                overflow=0.3 if seed % 3 == 0 else 0.0,
                seals={"college": bool(seed % 2)},
            ),
        )
        yield from _of_upload(made, seed)


def _of_upload(made: corpus.Sample, upload: int) -> Iterator[Line]:
    for fit, page in zip(made.layout.fits, made.filled.truth, strict=True):
        sheet = take_apart(made.scan.pages[fit.scan_page], fit, made.template)
        if sheet is None:
            continue
        for known in page.regions:
            region = made.template.region(known.region)
            if region.kind != "text" or known.text is None:
                continue
            field = field_ink(sheet.canvas, sheet.layers, region, sheet.others(region))
            darks = [
                (sheet.layers.writing[ink.rows, ink.columns] * mask, mask)
                for ink, masks in zip(field.inks, field.lines, strict=True)
                for mask in masks
                if mask.any()
            ]
            for (dark, mask), box in zip(darks, field.boxes(sheet.canvas), strict=True):
                x, y, width, height = cv2.boundingRect(mask.astype(np.uint8))
                part = np.ascontiguousarray(dark[y : y + height, x : x + width])
                line = Line(
                    part, sheet.pen, line_planes(part, sheet.pen), None, None, f"{upload}/{fit.page}", upload
                )
                altered = known.altered_box
                if altered is None or known.alteration not in KINDS:
                    yield line
                elif altered.clipped(box).area > 0.3 * altered.area:
                    scale, edge = 8.0 * scale_of(part, sheet.pen), 4.0
                    corners = (
                        altered.left - box.left,
                        altered.top - box.top,
                        altered.right - box.left,
                        altered.bottom - box.top,
                    )
                    a, b, c, d = (value * scale + edge for value in corners)
                    yield replace(line, kind=known.alteration, place=(a, b, c, d))


def characters(planes: Plane) -> list[tuple[int, int]]:
    """Columns of what stands apart in a line and may be a character."""
    inked = np.concatenate(([0], (planes[:, :, 0] > INKED).any(axis=0).astype(int), [0]))
    edges = np.flatnonzero(np.diff(inked))
    pairs = zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
    return [(a, b) for a, b in pairs if NARROWEST <= (b - a) / LINE_HEIGHT <= WIDEST]


def _rows(planes: Plane, columns: tuple[int, int]) -> tuple[int, int]:
    rows = np.flatnonzero((planes[:, columns[0] : columns[1], 0] > INKED).any(axis=1))
    return int(rows[0]), int(rows[-1]) + 1


def overwritten(line: Line, pages: Mapping[str, Sequence[Line]], rng: np.random.Generator) -> Line:
    """A clean line with another character of its page put over one of its own; itself where none fits."""
    own, others = characters(line.planes), pages[line.page]
    if not own:
        return line
    place = own[int(rng.integers(len(own)))]
    top, bottom = _rows(line.planes, place)
    for _ in range(6):
        other = others[int(rng.integers(len(others)))]
        alike = [c for c in characters(other.planes) if abs((c[1] - c[0]) - (place[1] - place[0])) <= 6]
        if other is line or not alike:
            continue
        columns = alike[int(rng.integers(len(alike)))]
        rows = _rows(other.planes, columns)
        glyph = other.planes[rows[0] : rows[1], columns[0] : columns[1], 0] * rng.uniform(0.95, 1.15)
        if not 0.45 <= glyph.shape[0] / (bottom - top) <= 1.6:
            continue
        y = max((top + bottom - glyph.shape[0]) // 2 + int(rng.integers(-2, 3)), 0)
        x = max(sum(place) // 2 - glyph.shape[1] // 2 + int(rng.integers(-2, 3)), 0)
        planes = line.planes.copy()
        part = planes[y : y + glyph.shape[0], x : x + glyph.shape[1], 0]
        part[:] = _over(part, glyph[: part.shape[0], : part.shape[1]])
        return replace(
            line, planes=planes, kind="overwrite", place=(x, y, x + part.shape[1], y + part.shape[0])
        )
    return line


def struck(line: Line, rng: np.random.Generator) -> Line:
    """A clean line with some of its characters struck out by its own pen; itself where it has none."""
    own = characters(line.planes)
    if not own:
        return line
    first = int(rng.integers(len(own)))
    last = min(len(own) - 1, first + int(rng.choice([0, 0, 0, 1, 2, 4])))
    left, right = own[first][0], min(own[last][1], own[first][0] + 90)
    top, bottom = _rows(line.planes, (left, right))
    half_width = float(line.planes[0, 0, 1]) / 0.3
    canvas = np.zeros(line.planes.shape[:2], np.uint8)
    for path in _paths(left, right, top, max(bottom, top + 10), rng):
        points = np.round(path * 16).astype(np.int32)
        width = max(1, round(2 * half_width * rng.uniform(0.8, 1.35)))
        cv2.polylines(canvas, [points], False, (255,), width, cv2.LINE_AA, 4)
    soft = cv2.GaussianBlur(canvas, (0, 0), rng.uniform(0.5, 1.3)).astype(np.float32) / 255
    rows, columns = np.nonzero(soft > 0.3)
    ink = line.planes[:, :, 0]
    if not rows.size or not (ink > 0.3).any():
        return line
    planes = line.planes.copy()
    planes[:, :, 0] = _over(ink, soft * float(np.quantile(ink[ink > 0.3], 0.9)) * rng.uniform(0.85, 1.15))
    place = (int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1)
    return replace(line, planes=planes, kind="strike", place=place)


def _over(below: Plane, above: Plane) -> Plane:
    """Ink over ink: a little darker than either, and never black twice."""
    return np.maximum(np.maximum(below, above), below + above - below * above / 1.8)


def _paths(left: int, right: int, top: int, bottom: int, rng: np.random.Generator) -> list[Any]:
    """One line, two, a scribble, a cross, or loops, through a box."""
    kind, height, over = int(rng.integers(5)), bottom - top, rng.uniform(-1, 6)
    xs = np.linspace(left - over, right + over, 5)

    def level(begin: float, end: float) -> Any:
        return np.column_stack(
            [xs, top + height * np.linspace(begin, end, 5) + rng.normal(0, 0.05 * height, 5)]
        )

    if kind == 0:
        middle, slope = rng.uniform(0.35, 0.65), rng.normal(0, 0.12)
        return [level(middle - slope, middle + slope)]
    if kind == 1:
        return [level(0.36, 0.36), level(0.64, 0.64)]
    if kind == 2:
        count = max(4, int((right - left) / rng.uniform(3, 6)))
        swing = np.where(np.arange(count) % 2, 1, -1) * height * rng.uniform(0.25, 0.45)
        ys = (top + bottom) / 2 + swing + rng.normal(0, 1, count)
        return [np.column_stack([np.linspace(left - 1, right + 1, count), ys])]
    if kind == 3:
        return [level(0.1, 0.9), level(0.9, 0.1)]
    turn = np.linspace(0, rng.uniform(2, 4) * 2 * np.pi, 42)
    ys = (top + bottom) / 2 + 0.35 * height * np.sin(turn)
    return [np.column_stack([np.linspace(left, right, 42) + 3 * np.cos(turn), ys])]
