"""Correction fluid that nobody could see: what of it is in the picture at all.

A form is drawn and photographed once more with the same seeds, but without the fluid and without what lies
below it. What the two pictures differ in is all that there is to see.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from unittest import mock

import cv2
import numpy as np

from benchmarks.marks.corpus import Sample, mixed
from fixtures.maker import texts
from fixtures.maker.ink import Layer, cover
from fixtures.maker.sheet import Placed, Sheet
from fixtures.maker.truth import Alteration
from scanservice.detect.canvas import DOTS_PER_MM, Plane, make_canvas
from scanservice.geometry import Box

CELL_MM = 0.5
"""Over squares of this side pictures are compared: a patch is several mm wide, its rim 0.3 mm."""
AROUND_MM = 0.4
LEAST = 3.0
"""Grey values: about a hundredth of white, the least contrast that an eye tells."""
MOST_SQUARES = 0.95
"""So many of the squares must not differ: compression changes single ones for no reason."""


@dataclass(eq=False)
class _Noted(Sheet):
    """A sheet on which nothing is drawn, only noted."""

    layers: list[tuple[Layer, bool]] = field(default_factory=list)

    def put(self, layer: Layer, *, opaque: bool = False) -> Box:
        self.layers.append((layer, opaque))
        return self.box_of(layer)


@contextmanager
def _unpainted() -> Iterator[None]:
    """Has the maker leave out fluid and what it hides; all other strokes stay, drawn from the same seeds."""
    drawn = texts.altered_in

    def without(sheet: Sheet, text: str, box: Box, how: Alteration, *rest: Any) -> tuple[Placed, Box]:
        if how != "fluid":
            return drawn(sheet, text, box, how, *rest)
        noted = _Noted(sheet.image, sheet.k)
        result = drawn(noted, text, box, how, *rest)
        at = next(index for index, (_, opaque) in enumerate(noted.layers) if opaque)
        hidden = np.zeros(sheet.image.shape[:2], np.uint8)
        cover(hidden, noted.layers[at][0])
        for index, (layer, _) in enumerate(noted.layers):
            if index < at - 1:  # the last before the fluid is its shadow
                x0, y0, x1, y1 = layer.box
                free = 1 - hidden[y0:y1, x0:x1].astype(np.float32) / 255
                sheet.put(replace(layer, coverage=np.asarray(layer.coverage * free, np.float32)))
            elif index > at:
                sheet.put(layer)
        return result

    with mock.patch.object(texts, "altered_in", without):
        yield


def invisible(made: Sample, seed: int) -> frozenset[str]:
    """The painted fields of a sample of `corpus.mixed` in which nothing of the paint is in the picture.

    Nothing is, where hardly a square differs by more than an eye tells, or than the paper's own do.
    """
    painted = {
        known.region: known.altered_box
        for page in made.filled.truth
        for known in page.regions
        if known.alteration == "fluid" and known.altered_box is not None
    }
    if not painted:
        return frozenset()
    with _unpainted():
        twin = mixed(made.template, seed)[0]
    found = []
    for fit, page, other in zip(made.layout.fits, made.scan.pages, twin.scan.pages, strict=True):
        for region in made.template.page(fit.page).regions:
            box = painted.get(region.id)
            if box is None:
                continue
            part = box.grown(AROUND_MM)
            with_paint, without = (_squares(make_canvas(p, fit, part).colour) for p in (page, other))
            away = np.quantile(np.abs(with_paint - without).max(axis=2), MOST_SQUARES)
            if away < max(_noise(without), LEAST):
                found.append(region.id)
    return frozenset(found)


def _squares(colour: Plane) -> Plane:
    side = round(CELL_MM * DOTS_PER_MM)
    size = (max(colour.shape[1] // side, 1), max(colour.shape[0] // side, 1))
    return cv2.resize(colour, size, interpolation=cv2.INTER_AREA).astype(np.float32)


def _noise(squares: Plane) -> float:
    """Deviation of the paper's squares from those beside them, in the quietest channel, grey values.

    Over the brighter half, which no ink is in; the median is not moved by what is.
    """
    light = squares.min(axis=2)
    paper = light[:, 1:] >= np.median(light)
    steps = np.abs(np.diff(squares, axis=1))[paper]
    return float(np.median(steps, axis=0).min() / 0.6745 / np.sqrt(2)) if len(steps) else 0.0
