"""A small form of the tests' own, and marks drawn on it: nothing here is known to the program."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pymupdf
import yaml

from scanservice.detect.blank import blank_image
from scanservice.detect.measure import Measured, measure
from scanservice.detect.sheet import Sheet, take_apart
from scanservice.evidence import Layout, PageFit, Residual, Scan, ScanPage
from scanservice.geometry import PageMap
from scanservice.template import POINTS_PER_MM, Template, load_template

DOTS = 10.0
WIDTH, HEIGHT = 160.0, 120.0
RED, BLUE, BLACK = (60, 50, 210), (150, 60, 30), (45, 40, 40)
PEN_MM = 0.45

REGIONS: list[dict[str, Any]] = [
    {
        "id": "number",
        "kind": "serial",
        "box": [110, 6, 150, 14],
        "pattern": r"(?P<serial>\d{8})",
        "ink": "red",
    },
    {"id": "first", "kind": "text", "box": [40, 20.5, 99.5, 29.5]},
    {"id": "second", "kind": "text", "box": [40, 30.5, 99.5, 45.5]},
    {
        "id": "when",
        "kind": "text",
        "box": [110, 20, 150, 30],
        "cells": [[110, 20, 122, 30], [126, 20, 136, 30], [140, 20, 150, 30]],
    },
    {"id": "stamp", "kind": "seal", "box": [10, 60, 70, 110], "owner": "employer"},
    {"id": "other_stamp", "kind": "seal", "box": [75, 60, 110, 110], "owner": "school"},
    {"id": "signed", "kind": "signature", "box": [115, 80, 155, 100], "owner": "student"},
]


def form(folder: Path, pattern: tuple[float, float, float] | None = None) -> Template:
    """A package with a table, labels, and a red line, 160 x 120 mm.

    Args:
        pattern: colour of slanting lines behind everything.
    """
    document = pymupdf.open()
    page = document.new_page(width=WIDTH * POINTS_PER_MM, height=HEIGHT * POINTS_PER_MM)
    k = POINTS_PER_MM
    for x in range(-100, 160, 4) if pattern is not None else ():
        page.draw_line((x * k, 0), ((x + 100) * k, HEIGHT * k), color=pattern, width=1.0)
    for y in (20, 30, 46):
        page.draw_line((10 * k, y * k), (100 * k, y * k), width=0.9)
    for x in (10, 39.5, 100):
        page.draw_line((x * k, 20 * k), (x * k, 46 * k), width=0.9)
    page.draw_line((10 * k, 55 * k), (150 * k, 55 * k), color=(0.9, 0.1, 0.1), width=1.5)
    for x, y, text in (
        (13, 27, "Name of student"),
        (13, 40, "Address"),
        (118, 78, "Signature"),
        (12, 64, "Seal"),
    ):
        page.insert_text((x * k, y * k), text, fontsize=10)
    document.save(folder / "blank.pdf")
    content = {
        "format": 1,
        "id": "a-test-form",
        "title": "A form",
        "pages": [{"page": 1, "name": "only", "regions": REGIONS}],
    }
    (folder / "template.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    return load_template(folder)


@dataclass
class Paper:
    """A filled-in page at `DOTS` dots/mm; drawing takes millimetres."""

    template: Template
    image: Any = field(init=False)

    def __post_init__(self) -> None:
        self.image = blank_image(self.template, "only", DOTS).copy()

    def stroke(self, *points: tuple[float, float], colour: Any = BLUE, width: float = PEN_MM) -> Paper:
        pixels = np.rint(np.array(points) * DOTS * 8).astype(np.int32)
        cv2.polylines(self.image, [pixels], False, colour, max(1, round(width * DOTS)), cv2.LINE_AA, 3)
        return self

    def words(
        self, x: float, y: float, count: int, colour: Any = BLUE, seed: int = 0, size: float = 4.0
    ) -> Paper:
        """Characters of crossing strokes, `y` at their top."""
        rng = np.random.default_rng(seed)
        for index in range(count):
            left = x + index * size * 1.15
            for _ in range(4):
                a, b = rng.uniform(0, size, 2), rng.uniform(0, size, 2)
                self.stroke((left + a[0], y + a[1]), (left + b[0], y + b[1]), colour=colour)
        return self

    def digits(self, text: str, x: float, y: float, colour: Any = RED) -> Paper:
        """Print, `y` at its foot."""
        place = (round(x * DOTS), round(y * DOTS))
        cv2.putText(self.image, text, place, cv2.FONT_HERSHEY_SIMPLEX, 1.3, colour, 4, cv2.LINE_AA)
        return self

    def seal(
        self, x: float, y: float, diameter: float = 40.0, colour: Any = RED, strength: float = 0.85
    ) -> Paper:
        """A ring, a star's disc, and marks for the ring's characters."""
        layer = np.zeros(self.image.shape[:2], np.uint8)
        centre = (round(x * DOTS), round(y * DOTS))
        radius = diameter / 2 * DOTS
        cv2.circle(layer, centre, round(radius - 5), 255, 10, cv2.LINE_AA)
        cv2.circle(layer, centre, round(radius * 0.28), 255, -1, cv2.LINE_AA)
        for degrees in range(-220, 41, 20):
            angle = np.radians(degrees)
            spot = np.array(centre) + radius * 0.74 * np.array([np.cos(angle), np.sin(angle)])
            box = cv2.boxPoints(((float(spot[0]), float(spot[1])), (38, 22), degrees))
            cv2.polylines(layer, [np.rint(box).astype(np.int32)], True, 255, 7, cv2.LINE_AA)
        cover = (layer / 255 * strength)[:, :, None]
        self.image = np.rint(self.image * (1 - cover) + self.image * np.array(colour) / 255 * cover).astype(
            np.uint8
        )
        return self


def photographed(
    image: Any, *, light: float = 0.85, warm: float = 0.06, noise: float = 2.5, blur: float = 0.8
) -> Any:
    """Warm uneven light, blur, noise and JPEG, from one seed."""
    rng = np.random.default_rng(3)
    lit = image * np.linspace(light, light * 0.8, image.shape[1])[None, :, None]
    lit = cv2.GaussianBlur(lit * np.array([1 - warm, 1.0, 1 + warm / 2]), (0, 0), blur)
    grainy = np.clip(lit + rng.normal(0, noise, image.shape), 0, 255).astype(np.uint8)
    return cv2.imdecode(cv2.imencode(".jpg", grainy, [cv2.IMWRITE_JPEG_QUALITY, 80])[1], cv2.IMREAD_COLOR)


def fitted(
    paper: Paper, picture: Any, *, off_mm: float = 0.0, residual: float = 0.3, scale: float = 1.0
) -> tuple[ScanPage, PageFit]:
    """A picture of a paper as a page that was found, its registration off by `off_mm` to the right."""
    homography = np.array([[DOTS * scale, 0, off_mm * DOTS * scale], [0, DOTS * scale, 0], [0, 0, 1.0]])
    page = ScanPage(0, 0, picture, picture.shape[1], picture.shape[0])
    regions = {region["id"]: residual for region in REGIONS}
    fit = PageFit(
        0,
        paper.template.id,
        "only",
        PageMap((WIDTH, HEIGHT), homography),
        0,
        Residual(0.1, 0.3, 0.5),
        regions,
        "accepted",
    )
    return page, fit


def taken(paper: Paper, picture: Any) -> Sheet:
    """A picture of a paper taken apart."""
    sheet = take_apart(*fitted(paper, picture), paper.template)
    assert sheet is not None
    return sheet


def measured(
    paper: Paper, *, image: Any = None, off_mm: float = 0.0, residual: float = 0.3, scale: float = 1.0
) -> Measured:
    """What the program sees of a paper, its registration off by `off_mm` to the right."""
    picture = photographed(paper.image) if image is None else image
    page, fit = fitted(paper, picture, off_mm=off_mm, residual=residual, scale=scale)
    layout = Layout(paper.template.id, "accepted", (fit,), ("form",), ())
    return measure(Scan((page,), ("0" * 64,)), layout, {paper.template.id: paper.template})
