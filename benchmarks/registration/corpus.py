"""Pictures of filled-in pages with their truth, from seeds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from fixtures.maker.cases import invent
from fixtures.maker.fill import FillOptions, fill
from fixtures.maker.fonts import hands
from fixtures.maker.options import PRESETS, PhotoOptions, preset
from fixtures.maker.photograph import Photo, photograph
from scanservice.evidence import Scan, ScanPage
from scanservice.template import Template

DRAWN_DPI = 250.0
CONDITIONS = (*PRESETS, "curled_4mm", "far_112dpi", "turned")


@dataclass(frozen=True, eq=False)
class Sample:
    """One picture of one page; `condition` is a preset of the maker or one of `CONDITIONS`."""

    condition: str
    seed: int
    template: Template
    page: str
    photo: Photo

    def scan(self) -> Scan:
        image = self.photo.image
        page = ScanPage(0, 0, image, image.shape[1], image.shape[0])
        return Scan((page,), ("0" * 64,))


def options(condition: str, seed: int) -> PhotoOptions:
    """How a picture is taken under a condition."""
    if condition == "curled_4mm":
        return replace(preset("phone_curled", seed), curl_mm=4.0)
    if condition == "far_112dpi":
        return replace(preset("phone_good", seed), dpi=112.0)
    if condition == "turned":
        return replace(preset("phone_good", seed), turn=(90, 180, 270)[seed % 3], skew=4.0 * (seed % 5) - 8)
    return preset(condition, seed)  # type: ignore[arg-type]


def sample(template: Template, page: str, condition: str, seed: int) -> Sample:
    names = sorted(hands())
    filled = fill(
        template,
        invent(seed, template=template),
        hand=names[seed % len(names)],
        seed=seed,
        options=FillOptions(pages=[page], dpi=DRAWN_DPI),
    )
    photo = photograph(filled.pages[0].image, DRAWN_DPI, options=options(condition, seed), seed=seed)
    return Sample(condition, seed, template, page, photo)


def samples(template: Template, condition: str, count: int, first_seed: int) -> Iterator[Sample]:
    """`count` pictures under a condition, the form's pages in turn."""
    pages = [page.name for page in template.pages]
    for number in range(count):
        seed = first_seed + number
        yield sample(template, pages[number % len(pages)], condition, seed)
