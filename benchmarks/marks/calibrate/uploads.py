"""Pages to learn painted paper from: the school's forms and invented ones, by every hand, taken in every way.

Some of their fields stand on fluid, some of their numbers on fluid or a patch; most pages are clean, since
what must not be taken for paint is much more varied: seals, shadows, print that registration missed.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from benchmarks.cases import invented
from benchmarks.marks import corpus
from benchmarks.marks.calibrate.creases import creased
from benchmarks.marks.calibrate.stains import stained
from fixtures.maker.cases import invent
from fixtures.maker.fill import Filled, FillOptions, fill
from fixtures.maker.fonts import HELD_OUT, hands
from fixtures.maker.options import PRESETS, Preset
from fixtures.maker.pen import pen_hands
from fixtures.maker.photograph import photograph, preset
from fixtures.maker.serials import SerialStyle, Variant
from fixtures.maker.truth import Alteration, PageTruth
from scanservice.detect.canvas import Canvas, flatten, paper_background
from scanservice.detect.fieldink import field_ink
from scanservice.detect.serial import find_number
from scanservice.detect.sheet import Sheet, take_apart
from scanservice.evidence import PageFit, Residual, ScanPage
from scanservice.geometry import Box
from scanservice.template import Template

LOOKS: tuple[Preset, ...] = (*PRESETS, "wechat")
"""Ways of photographing; what is recompressed is drawn twice as often: its blocks look most like the rims of
paint (of 183 good scans by neat hands six had a field called corrected, all among the 43 of this kind)."""
SHOTS = 2
"""Pictures of every form filled in."""
LIBRARIES = 25
LEFT_MM = (0.15, 0.15, 0.15, 0.4, 0.7)
"""What registration leaves, page by page: mostly what is usual, sometimes what curled paper leaves."""
BURNT = 0.15
"""Share of the pages whose white is cut off as software does that makes paper white."""
FLUID_BOX, PATCH_BOX = (0.5, 0.4), (1.2, 0.9)
"""How far fluid and patches reach beyond a number (`fixtures.maker.serials`), mm."""


@dataclass(frozen=True)
class Plan:
    """Which uploads are drawn.

    Attributes:
        names: of the hands; shares: of the fields on fluid, upload by upload; first_library: seed of the
            first of `LIBRARIES` invented forms; dpi: of the pages drawn.
        spoilt: share of the pages that were folded, crumpled, stained or yellowed as `creases` and `stains`
            have it; many are, to be learnt from, and few of those that set a threshold.
    """

    names: Sequence[str]
    shares: Sequence[float]
    first_library: int
    dpi: float
    spoilt: float


def known() -> Plan:
    """To train on: hands that are not held out."""
    names = [name for name in hands() if name not in HELD_OUT]
    return Plan([*names, *pen_hands()], (0, 0, 0.08, 0.2, 0.35), 1000, 220, 1.0)


def unseen() -> Plan:
    """For thresholds: other forms, all hands, those held out twice as often."""
    return Plan([*HELD_OUT, *hands(), *pen_hands()], (0, 0, 0, 0.12), 3000, 250, 0.15)


@dataclass(frozen=True, eq=False)
class Taken:
    """A page taken apart, and what is true of it.

    Attributes:
        name: of the upload, the picture and the page; look: the way of photographing.
        lines: of text regions: region, how it was corrected (None: it was not), box in mm.
        patches: of fluid in fields, mm.
        numbers: how the printed number stands, and the extent of its ink, mm.
    """

    name: tuple[int, int, int]
    look: Preset
    sheet: Sheet
    canvas: Canvas
    lines: Sequence[tuple[str, Alteration | None, Box]]
    patches: Sequence[Box]
    numbers: Sequence[tuple[str, Box]]


def pages(size: int, first: int, plan: Plan) -> Iterator[Taken]:
    """The pages of so many uploads, each photographed `SHOTS` times."""
    for seed in range(first, first + size):
        rng = np.random.default_rng([seed, 79, 7])
        filled, truth = _filled(seed, plan, rng)
        for shot in range(SHOTS):
            look = LOOKS[int(rng.integers(len(LOOKS)))]
            for index in range(len(filled.pages)):
                left = float(rng.choice(LEFT_MM))
                sheet = _taken(filled, (seed, index, shot), look, left, plan.spoilt)
                if sheet is not None:
                    yield _known(sheet, truth[index], (seed, shot, index), look)


@cache
def _school() -> Mapping[str, Template]:
    return {name: corpus.template(name) for name in ("ouc-2019", "upc-2019", "ouc-2018")}


@cache
def _invented(seed: int) -> tuple[Template, ...]:
    """The folder stays: blanks are read from it as long as the process lives."""
    return invented.library(seed, Path(tempfile.mkdtemp(prefix="invented-")))


def _form(plan: Plan, rng: np.random.Generator) -> Template:
    kind = rng.random()
    for share, name in ((0.45, "ouc-2019"), (0.55, "upc-2019"), (0.62, "ouc-2018")):
        if kind < share:
            return _school()[name]
    return _invented(plan.first_library + int(rng.integers(LIBRARIES)))[int(rng.random() < 0.15)]


def _filled(seed: int, plan: Plan, rng: np.random.Generator) -> tuple[Filled, Sequence[PageTruth]]:
    form = _form(plan, rng)
    texts = [region.id for _, region in form.regions() if region.kind == "text"]
    share = float(rng.choice(plan.shares))
    altered: dict[str, Alteration] = {name: "fluid" for name in texts if rng.random() < share}
    kinds: tuple[Alteration, ...] = ("strike", "overwrite")
    for name in texts:
        if name not in altered and rng.random() < 0.02:
            altered[name] = kinds[int(rng.integers(2))]
    owners = sorted({region.owner for _, region in form.regions() if region.kind == "seal" and region.owner})
    options = FillOptions(
        dpi=plan.dpi,
        grey_copy=bool(share == 0 and rng.random() < 0.06),
        printed=bool(share == 0 and rng.random() < 0.08),
        alterations=altered,
        seals={owner: bool(rng.random() < 0.6) for owner in owners},
        omit=frozenset(name for name in texts if rng.random() < 0.05),
        overflow=float(rng.choice([0, 0, 0.3])),
        overlapping=frozenset(owner for owner in owners if rng.random() < 0.1),
    )
    variants: tuple[Variant, ...] = ("printed", "overpainted", "overpainted", "pasted")
    variant: Variant = variants[int(rng.integers(4))] if share else "printed"
    hand = plan.names[int(rng.integers(len(plan.names)))]
    options = replace(options, serial=SerialStyle(variant))
    filled = fill(form, invent([seed, 7], template=form), hand=hand, seed=seed, options=options)
    return filled, filled.truth


def _taken(
    filled: Filled, key: tuple[int, int, int], look: Preset, left: float, spoilt: float
) -> Sheet | None:
    """A page photographed, fitted by the camera's own map off by `left` mm, and taken apart."""
    page, form = filled.pages[key[1]], filled.template
    rng, paper = np.random.default_rng([*key, 41]), page.image
    if rng.random() < spoilt:
        paper = stained(creased(paper, filled.dpi, rng), filled.dpi, rng)
    picture = photograph(paper, filled.dpi, options=preset(look, key), seed=key, paint=page.paint)
    height, width = picture.image.shape[:2]
    fit = PageFit(
        0,
        form.id,
        page.name,
        corpus.page_map(picture, np.random.default_rng([*key, 11]), left),
        0,
        Residual(left, 2 * left, 3 * left),
        {region.id: 2 * left for region in form.page(page.name).regions},
        "accepted",
    )
    return take_apart(ScanPage(0, 0, picture.image, width, height), fit, form)


def _known(sheet: Sheet, truth: PageTruth, name: tuple[int, int, int], look: Preset) -> Taken:
    regions = {known.region: known for known in truth.regions}
    variants = {mark.region: mark.variant for mark in truth.marks}
    lines, numbers = [], []
    for region in sheet.description.regions:
        if region.kind == "text":
            found = field_ink(sheet.canvas, sheet.layers, region, sheet.others(region))
            said = regions.get(region.id)
            lines += [
                (region.id, said.alteration if said else None, box) for box in found.boxes(sheet.canvas)
            ]
        elif region.kind == "serial":
            extent = find_number(sheet.canvas, sheet.layers, region.box).ink.extent(sheet.canvas)
            if extent is not None:
                numbers.append((variants.get(region.id) or "none", extent))
    patches = [
        known.altered_box
        for known in truth.regions
        if known.alteration == "fluid" and known.altered_box is not None
    ]
    for variant, extent in numbers:
        if variant in ("overpainted", "pasted"):
            patches.append(extent.grown(*(FLUID_BOX if variant == "overpainted" else PATCH_BOX)))
    return Taken(name, look, sheet, _burnt(sheet.canvas, name), lines, patches, numbers)


def _burnt(canvas: Canvas, name: tuple[int, int, int]) -> Canvas:
    """Of `BURNT` of the pages the same with what is nearly white cut off."""
    rng = np.random.default_rng([*name, 97])
    if rng.random() >= BURNT:
        return canvas
    paper = np.median(canvas.colour[::7, ::7].reshape(-1, 3), axis=0)
    white = np.full(3, rng.uniform(250, 268)) + rng.normal(0, 1, 3)
    values = np.arange(256)[:, None] * white / np.maximum(paper, 1) + 0.5
    colour = cv2.LUT(canvas.colour, np.clip(values, 0, 255).astype(np.uint8)[None])
    background = paper_background(colour)
    return Canvas(canvas.box, colour, background, flatten(colour, background))
