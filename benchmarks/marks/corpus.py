"""Scans with known marks, and layouts as a good registration would give them.

Every sample comes from one seed. The page maps are the camera's own, disturbed by what registration is
allowed to leave: a smooth displacement of about 0.15 mm, so that these figures speak of the marks alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from fixtures.maker.cases import invent
from fixtures.maker.fill import FalseSignature, Filled, FillOptions, fill
from fixtures.maker.fonts import hands
from fixtures.maker.options import PRESETS
from fixtures.maker.pen import pen_hands
from fixtures.maker.photograph import Photo, PhotoOptions, photograph, preset
from fixtures.maker.serials import SerialStyle, Variant
from fixtures.maker.truth import Alteration
from scanservice.evidence import Layout, PageFit, Residual, Scan, ScanPage
from scanservice.geometry import PageMap
from scanservice.template import Template, load_template

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
LEFT_BY_REGISTRATION_MM = 0.15
KNOT_MM = 6.0


@dataclass(frozen=True, eq=False)
class Sample:
    """One upload with its truth."""

    template: Template
    case: Mapping[str, Any]
    filled: Filled
    photos: tuple[Photo, ...]
    scan: Scan
    layout: Layout


def template(name: str) -> Template:
    return load_template(TEMPLATES / name)


def page_map(photo: Photo, rng: np.random.Generator, left_mm: float = LEFT_BY_REGISTRATION_MM) -> PageMap:
    """The photograph's true map on knots `KNOT_MM` apart, off by a smooth field of about `left_mm`."""
    size = photo.truth.size
    columns, rows = (round(length / KNOT_MM) + 1 for length in size)
    xs, ys = np.linspace(0, size[0], columns), np.linspace(0, size[1], rows)
    knots = np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2)
    pixels = photo.truth.to_picture(knots)
    homography, _ = cv2.findHomography(knots, pixels, 0)
    flat = cv2.perspectiveTransform(pixels.reshape(-1, 1, 2), np.linalg.inv(homography)).reshape(-1, 2)
    field = cv2.GaussianBlur(rng.normal(0, 1, (rows, columns, 2)), (0, 0), 4.0)
    field *= left_mm / max(float(np.hypot(field[..., 0], field[..., 1]).mean()), 1e-9)
    displacement = (flat - knots).reshape(rows, columns, 2) + field
    return PageMap(size, np.asarray(homography, np.float64), displacement)


def sample(
    form: Template,
    seed: int,
    *,
    hand: str = "long-cang",
    options: FillOptions | None = None,
    photo: PhotoOptions | str = "phone_good",
    case: Mapping[str, Any] | None = None,
) -> Sample:
    """A form filled in, photographed page by page, and fitted."""
    case = case or invent([seed, 7], template=form)
    filled = fill(form, case, hand=hand, seed=seed, options=options)
    return shot(filled, seed, photo)


def shot(filled: Filled, seed: int, photo: PhotoOptions | str) -> Sample:
    """The pages of a filled form as one upload."""
    form = filled.template
    rng = np.random.default_rng([seed, 11])
    photos, pages, fits = [], [], []
    for index, page in enumerate(filled.pages):
        look = preset(photo, [seed, index]) if isinstance(photo, str) else photo  # type: ignore[arg-type]
        taken = photograph(page.image, filled.dpi, options=look, seed=[seed, index], paint=page.paint)
        photos.append(taken)
        height, width = taken.image.shape[:2]
        pages.append(ScanPage(index, 0, taken.image, width, height))
        residual = {region.id: 0.3 for region in form.page(page.name).regions}
        fits.append(
            PageFit(
                index,
                form.id,
                page.name,
                page_map(taken, rng),
                0,
                Residual(0.15, 0.4, 0.6),
                residual,
                "accepted",
            )
        )
    scan = Scan(tuple(pages), tuple("0" * 64 for _ in pages))
    layout = Layout(form.id, "accepted", tuple(fits), tuple("form" for _ in pages), ())
    return Sample(form, filled.case, filled, tuple(photos), scan, layout)


SERIALS: tuple[Variant, ...] = ("shifted", "pasted", "handwritten", "other_ink", "overpainted", "other_face")


def mixed(form: Template, seed: int) -> tuple[Sample, str, FillOptions]:
    """Every hand and every way of photographing in turn; by fives: as it should be, with things left out,
    corrected and falsely signed, with a tampered number and overlapping seals, printed or copied.

    Returns:
        The sample, the name of the way of photographing, and the options of filling in.
    """
    rng = np.random.default_rng([seed, 77])
    texts = [region.id for _, region in form.regions() if region.kind == "text"]
    marks = {
        region.owner: region.id for _, region in form.regions() if region.kind == "seal" and region.owner
    }
    signatures = [region.id for _, region in form.regions() if region.kind == "signature"]
    options = FillOptions(dpi=250)
    kind = seed % 5
    if kind == 1:
        left_out = {name for name in texts if rng.random() < 0.4}
        left_out |= {marks["employer"]} if "employer" in marks and rng.random() < 0.6 else set()
        left_out |= {name for name in signatures if rng.random() < 0.6}
        options = replace(options, omit=frozenset(left_out), seals={"college": bool(rng.random() < 0.5)})
    elif kind == 2:
        kinds: tuple[Alteration, ...] = ("strike", "fluid", "overwrite")
        altered = {name: kinds[int(rng.integers(3))] for name in texts if rng.random() < 0.4}
        false: tuple[FalseSignature, ...] = ("stray_line", "printed_name")
        instead = {name: false[int(rng.integers(2))] for name in signatures}
        options = replace(options, alterations=altered, false_signatures=instead, seals={"school": True})
    elif kind == 3:
        variant = SERIALS[(seed // 5) % len(SERIALS)]
        shift = (0.0, float(rng.choice([-2.5, 2.5]))) if variant == "shifted" else (0.0, 0.0)
        style = SerialStyle(variant, shift=shift)
        if variant == "other_face":  # on one page: what all pages have in common is their face
            last = [page.name for page in form.pages if page.required][-1]
            options = replace(options, serials={last: style})
        else:
            options = replace(options, serial=style)
        options = replace(options, overlapping=frozenset(["employer"]))
    elif kind == 4:
        printed, copied = bool(rng.random() < 0.5), bool(rng.random() < 0.4)
        options = replace(options, printed=printed, grey_copy=copied, overflow=0.5)
    names = [*hands(), *pen_hands()]
    look = PRESETS[(seed // 3) % len(PRESETS)]
    return (
        sample(form, seed, hand=names[(seed // 2) % len(names)], photo=look, options=options),
        look,
        options,
    )
