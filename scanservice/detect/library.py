"""The known forms, prepared once for finding them in pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from scanservice.detect.blank import blank_image
from scanservice.detect.features import Features, find_features
from scanservice.detect.inkmap import Channel, ink_map, light
from scanservice.detect.kinship import find_kin
from scanservice.detect.prints import Glyphs, find_glyphs
from scanservice.geometry import Image
from scanservice.template import Template

FEATURE_DOTS_PER_MM = 1.75
"""Scale at which the blanks' features are found: that of a page that fills the reduced picture."""
FEATURE_LIMIT = 1300
RANKING_LIMIT = 250
"""Features of a page that vote on which page it is; the strongest, spread over the page."""
WORK_DOTS_PER_MM = 4.0
"""Scale of the last refinement, where print is placed to a tenth of a dot."""
LEVELS = ((2.0, 14.0, 11.0), (WORK_DOTS_PER_MM, 10.0, 9.0))
"""Dots per mm, side of the windows and their spacing in mm, of each pass of the refinement."""
MIN_WINDOW_INK = 0.006
"""Share of a window that must be inked for it to be looked for: a quarter of a thin line across it."""
PRINT_DOTS_PER_MM = 6.0
"""Scale at which glyphs are compared: a stroke of small print is a dot and a half wide."""
SEEN_ALREADY = 0.3
"""A glyph is of coloured ink where less than this share of it shows in the page's own light."""
RED_PRINT_SHARE = 0.5
"""A page is seen in green light where red light loses more than this share of its print."""


@dataclass(frozen=True, eq=False)
class Level:
    """A blank page at one scale, and its windows worth looking for.

    Attributes:
        ink: 0 paper to 255 black, uint8.
        side: of the windows, pixels.
        corners: N x 2, top left corners of the windows, pixels.
    """

    dots_per_mm: float
    ink: Image
    side: int
    corners: NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Print:
    """The glyphs of a blank page that show in one light; its ink there at `PRINT_DOTS_PER_MM`."""

    channel: Channel
    ink: Image
    glyphs: Glyphs


@dataclass(frozen=True, eq=False)
class KnownPage:
    """A page of a known form.

    Attributes:
        template, name: id of the template and name of its page.
        size: mm.
        channel: the light its print is seen in.
        features: of its blank; points in mm, the strongest first.
        ranking: indices of the features that vote for it.
        levels: its blank at the scales of the refinement, coarse to fine.
        prints: its glyphs: those in the page's own light, then those of coloured ink.
    """

    template: str
    name: str
    required: bool
    size: tuple[float, float]
    channel: Channel
    features: Features
    ranking: np.ndarray
    levels: tuple[Level, ...]
    prints: tuple[Print, ...]


@dataclass(frozen=True, eq=False)
class Library:
    """Every page of every known form; made by `build_library`, shared by all checks of a process.

    Attributes:
        kin: see `kinship.find_kin`; pages by their index in `pages`, glyphs of a page's first print.
    """

    templates: tuple[Template, ...]
    pages: tuple[KnownPage, ...]
    kin: Mapping[tuple[int, int], NDArray[np.intp]]

    def template(self, template_id: str) -> Template:
        return next(template for template in self.templates if template.id == template_id)

    def index(self, page: KnownPage) -> int:
        return next(index for index, known in enumerate(self.pages) if known is page)

    def kin_of(self, index: int) -> tuple[int, ...]:
        """Indices of the pages that share most of a page's print."""
        return tuple(b for a, b in self.kin if a == index)

    def families(self) -> tuple[tuple[int, ...], ...]:
        """Indices of all pages, each with its kin."""
        left = dict.fromkeys(range(len(self.pages)))
        found = []
        while left:
            first = next(iter(left))
            found.append(tuple(index for index in (first, *self.kin_of(first)) if index in left))
            for index in found[-1]:
                del left[index]
        return tuple(found)

    def pages_of(self, template_id: str) -> tuple[KnownPage, ...]:
        return tuple(page for page in self.pages if page.template == template_id)


def build_library(templates: Sequence[Template]) -> Library:
    """Features, print and rivals of every page of `templates`, accepted forms and decoys alike.

    Takes about half a second a page; the result can be pickled.
    """
    pages = [
        _known_page(template, page.name, page.required, size)
        for template in templates
        for page, size in zip(template.pages, template.page_sizes, strict=True)
    ]
    first = [page.prints[0] for page in pages]
    kin = find_kin(
        [known.ink for known in first],
        [known.glyphs.boxes for known in first],
        [page.size for page in pages],
        PRINT_DOTS_PER_MM,
    )
    return Library(tuple(templates), tuple(pages), kin)


def _known_page(template: Template, name: str, required: bool, size: tuple[float, float]) -> KnownPage:
    image = blank_image(template, name, WORK_DOTS_PER_MM)
    channel = _channel(image)
    grey = light(image, channel)
    ratio = FEATURE_DOTS_PER_MM / WORK_DOTS_PER_MM
    small = cv2.resize(grey, None, fx=ratio, fy=ratio, interpolation=cv2.INTER_AREA)
    found = find_features(np.asarray(small, np.uint8), FEATURE_LIMIT)
    scale = np.array([size[0] / small.shape[1], size[1] / small.shape[0]], np.float32)
    features = Features((found.points + 0.5) * scale, found.descriptors)
    return KnownPage(
        template=template.id,
        name=name,
        required=required,
        size=size,
        channel=channel,
        features=features,
        ranking=_spread(features, size),
        levels=tuple(_level(grey, size, *numbers) for numbers in LEVELS),
        prints=_prints(template, name, channel),
    )


def _level(
    grey: Image, size: tuple[float, float], dots_per_mm: float, side_mm: float, spacing: float
) -> Level:
    shape = (max(1, round(size[0] * dots_per_mm)), max(1, round(size[1] * dots_per_mm)))
    ink = ink_map(np.asarray(cv2.resize(grey, shape, interpolation=cv2.INTER_AREA), np.uint8), dots_per_mm)
    side = round(side_mm * dots_per_mm)
    xs, ys = (
        np.unique(
            np.linspace(0, length - side, max(2, round(length / dots_per_mm / spacing))).astype(np.intp)
        )
        for length in shape
    )
    corners = np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2)
    sums = cv2.integral(ink)
    x, y = corners[:, 0], corners[:, 1]
    inked = sums[y + side, x + side] - sums[y, x + side] - sums[y + side, x] + sums[y, x]
    return Level(dots_per_mm, ink, side, corners[inked > MIN_WINDOW_INK * 255 * side * side])


def _prints(template: Template, name: str, channel: Channel) -> tuple[Print, ...]:
    image = blank_image(template, name, PRINT_DOTS_PER_MM)
    page = template.page(name)
    own = ink_map(light(image, channel), PRINT_DOTS_PER_MM)
    prints = [Print(channel, own, find_glyphs(own, PRINT_DOTS_PER_MM, page))]
    if channel == "red":
        other = ink_map(light(image, "green"), PRINT_DOTS_PER_MM)
        faint = np.where(own < SEEN_ALREADY * other, other, 0).astype(np.uint8)
        coloured = find_glyphs(faint, PRINT_DOTS_PER_MM, page)
        if len(coloured):
            prints.append(Print("green", other, coloured))
    return tuple(prints)


def _channel(image: Image) -> Channel:
    red, green = (255.0 - light(image, channel).mean() for channel in ("red", "green"))
    return "green" if red < (1 - RED_PRINT_SHARE) * green else "red"


def _spread(features: Features, size: tuple[float, float]) -> np.ndarray:
    """Indices of the strongest features, taken in turn from the cells of a grid over the page."""
    rows, columns = 8, 6
    cell = (np.clip(features.points[:, 1] / size[1], 0, 0.999) * rows).astype(int) * columns + (
        np.clip(features.points[:, 0] / size[0], 0, 0.999) * columns
    ).astype(int)
    rank = np.zeros(len(features), int)
    counts: dict[int, int] = {}
    for index, place in enumerate(cell):
        rank[index] = counts.get(int(place), 0)
        counts[int(place)] = rank[index] + 1
    return np.sort(np.argsort(rank, kind="stable")[:RANKING_LIMIT])
