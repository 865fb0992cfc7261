"""Which form an upload shows, and where its pages lie."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from scanservice.detect.library import Library
from scanservice.detect.residuals import residual_at, residuals
from scanservice.detect.sighting import Picture, Sighting, sightings
from scanservice.evidence import Layout, PageFit, Relation, Scan, Standing

WORST_FIRST: tuple[Standing, ...] = ("foreign", "refused", "unsure", "accepted")
BLANK_FEATURES = 40
"""A picture with fewer features than this shows no writing."""


def find(scan: Scan, library: Library) -> Layout:
    """The form that the upload shows.

    Never fails: what cannot be found is `None`, `missing`, `unknown` or `unsure`.
    """
    pictures = [Picture(index, page) for index, page in enumerate(scan.pages)]
    seen = [list(sightings(picture, library)) for picture in pictures]
    everything = [sighting for part in seen for sighting in part]
    chosen = _choose(everything, library)
    if chosen is None:
        return Layout(None, "unsure", (), tuple(_other(picture) for picture in pictures), ())
    best: dict[str, Sighting] = {}
    for sighting in everything:
        if sighting.page.template == chosen:
            known = best.get(sighting.page.name)
            if known is None or sighting.worth > known.worth:
                best[sighting.page.name] = sighting
    accepts = library.template(chosen).accepts
    pages = library.pages_of(chosen)
    fits = tuple(_fit(best[page.name], library, accepts) for page in pages if page.name in best)
    standing = min((fit.standing for fit in fits), key=WORST_FIRST.index, default="unsure")
    relations = tuple(_relation(picture, seen[picture.index], best) for picture in pictures)
    missing = tuple(page.name for page in pages if page.required and page.name not in best)
    return Layout(chosen, standing, fits, relations, missing)


def _choose(everything: Sequence[Sighting], library: Library) -> str | None:
    """The template whose pages' print stands best in the pictures, page by page."""
    totals: dict[str, float] = {}
    for template in library.templates:
        pages: dict[str, float] = {}
        for sighting in everything:
            if sighting.page.template == template.id:
                pages[sighting.page.name] = max(pages.get(sighting.page.name, 0.0), sighting.worth)
        if pages:
            totals[template.id] = sum(pages.values())
    return max(totals, key=lambda template_id: totals[template_id]) if totals else None


def _fit(sighting: Sighting, library: Library, accepts: bool) -> PageFit:
    examination = sighting.examination
    regions = library.template(sighting.page.template).page(sighting.page.name).regions
    standing: Standing = "unsure"
    if examination.foreign:
        standing = "foreign"
    elif examination.clean:
        standing = "accepted" if accepts else "refused"
    overall, local = residuals(examination, sighting.map)
    return PageFit(
        scan_page=sighting.scan_page,
        template=sighting.page.template,
        page=sighting.page.name,
        map=sighting.map,
        turn=_turn(sighting),
        residual=overall,
        residual_at={region.id: residual_at(region.box, local) for region in regions},
        standing=standing,
        prints=examination.prints,
    )


def _turn(sighting: Sighting) -> Literal[0, 90, 180, 270]:
    """Degrees clockwise to turn the upload by: against the direction in which the page's top edge runs."""
    width, height = sighting.map.size
    (x0, y0), (x1, y1) = sighting.map.to_picture([(0, height / 2), (width, height / 2)])
    quarter = round(np.degrees(np.arctan2(y1 - y0, x1 - x0)) / 90) % 4
    turns: tuple[Literal[0, 90, 180, 270], ...] = (0, 270, 180, 90)
    return turns[quarter]


def _relation(picture: Picture, seen: Sequence[Sighting], best: dict[str, Sighting]) -> Relation:
    if any(best.get(sighting.page.name) is sighting for sighting in seen):
        return "form"
    if any(
        sighting.page.name in best and best[sighting.page.name].page is sighting.page for sighting in seen
    ):
        return "duplicate"
    return _other(picture)


def _other(picture: Picture) -> Relation:
    count = len(picture.seen(0).features)
    return "blank" if count < BLANK_FEATURES else "extra"
