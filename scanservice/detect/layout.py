"""Which form an upload shows, and where its pages lie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache, partial
from typing import Literal

import numpy as np

from scanservice.detect.blank import render
from scanservice.detect.legible import holds_sharp_text
from scanservice.detect.library import Library
from scanservice.detect.picture import SIDES, Picture
from scanservice.detect.residuals import residuals
from scanservice.detect.screen import OWN_DOTS_PER_MM, screen_likeness
from scanservice.detect.sighting import Sighting, as_page, sightings
from scanservice.evidence import Layout, PageFit, Relation, Scan, Standing
from scanservice.geometry import Image
from scanservice.template import Template

WORST_FIRST: tuple[Standing, ...] = ("foreign", "refused", "unsure", "accepted")
BLANK_FEATURES = 40
"""A picture with fewer features than this shows no writing."""
TEXT_SIDE = 1400
"""Pixels, at least, of the longer side of the picture in which text is looked for, where it has as many."""


def find(scan: Scan, library: Library) -> Layout:
    """The form that the upload shows.

    Never fails: what cannot be found is `None`, `missing`, `unknown` or `unsure`.
    """
    pictures = [Picture(index, page) for index, page in enumerate(scan.pages)]
    seen = [_sighted(picture, library) for picture in pictures]
    chosen = _choose([sighting for part in seen for sighting in part], library)
    if chosen is None:
        relations: tuple[Relation, ...] = tuple(_other_or_mirrored(picture, library) for picture in pictures)
        # Other text, and all of it sharp, is positively another document.
        other = "extra" in relations and not {"unknown", "mirrored"} & set(relations)
        return Layout(None, "foreign" if other else "unsure", (), relations, ())
    seen = [[_as_template(sighting, library, chosen) for sighting in part] for part in seen]
    best: dict[str, Sighting] = {}
    for sighting in (one for part in seen for one in part if one.page.template == chosen):
        known = best.get(sighting.page.name)
        if known is None or sighting.worth > known.worth:
            best[sighting.page.name] = sighting
    pages = library.pages_of(chosen)
    fits = tuple(_fit(best[page.name], library) for page in pages if page.name in best)
    return Layout(
        template=chosen,
        standing=_worst(fits),
        fits=fits,
        relations=tuple(_relation(picture, part, best) for picture, part in zip(pictures, seen, strict=True)),
        missing=tuple(page.name for page in pages if page.required and page.name not in best),
        screen=_screen(scan, fits, library.template(chosen)),
        rivals=round(float(np.clip(min(one.margin for one in best.values()), 0, 1)), 3) if best else 0.0,
    )


def _sighted(picture: Picture, library: Library) -> list[Sighting]:
    """The known pages in a picture, which keeps nothing large: an upload has up to 40."""
    found = list(sightings(picture, library))
    picture.let_go()
    return found


def _worst(fits: Sequence[PageFit]) -> Standing:
    for standing in WORST_FIRST:
        if any(fit.standing == standing for fit in fits):
            return standing
    return "unsure"


def _screen(scan: Scan, fits: Sequence[PageFit], form: Template) -> float | None:
    """Of the page that looks most like a photographed screen."""

    @cache
    def blank(page: str) -> Image:
        return render(str(form.blank), form.page(page).page, OWN_DOTS_PER_MM)

    told = [screen_likeness(scan.pages[fit.scan_page], fit.map, partial(blank, fit.page)) for fit in fits]
    return round(max(likeness), 3) if (likeness := [one for one in told if one is not None]) else None


def _choose(everything: Sequence[Sighting], library: Library) -> str | None:
    """The template whose pages' print stands best in the pictures.

    A page that two forms share to the last glyph speaks for both; then the accepted one is taken.
    """
    totals: dict[str, float] = {}
    for sighting in everything:
        twins = [
            other
            for other in library.kin_of(sighting.index)
            if not len(library.kin[sighting.index, other]) and not len(library.kin[other, sighting.index])
        ]
        for index in (sighting.index, *twins):
            template = library.pages[index].template
            totals[template] = totals.get(template, 0.0) + max(sighting.worth, 0.01)
    if not totals:
        return None
    return max(totals, key=lambda one: (round(totals[one], 6), library.template(one).accepts))


def _as_template(sighting: Sighting, library: Library, chosen: str) -> Sighting:
    """A page of another form taken for the chosen form's, where that one is its kin."""
    if sighting.page.template == chosen:
        return sighting
    for index in library.kin_of(sighting.index):
        if library.pages[index].template == chosen:
            return as_page(sighting, library, index)
    return sighting


def _fit(sighting: Sighting, library: Library) -> PageFit:
    examination = sighting.examination
    template = library.template(sighting.page.template)
    standing: Standing = "unsure"
    if examination.foreign:
        standing = "foreign"
    elif examination.clean and sighting.margin >= 0:
        standing = "accepted" if template.accepts else "refused"
    regions = template.page(sighting.page.name).regions
    overall, local = residuals(examination, sighting.refined, regions)
    return PageFit(
        scan_page=sighting.picture.index,
        template=template.id,
        page=sighting.page.name,
        map=sighting.map,
        turn=_turn(sighting),
        residual=overall,
        residual_at=local,
        standing=standing,
        prints=examination.matches,
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


def _other_or_mirrored(picture: Picture, library: Library) -> Relation:
    """What a page is of an upload in which no form was found: flipped, it may show one."""
    relation = _other(picture)
    if relation == "blank":
        return relation
    # Whether is the question, not where: a reduced picture tells, in a quarter of the memory or less.
    reduced, scale = picture.view(None, max(picture.source.image.shape[:2]) // SIDES[-1])
    flipped = replace(picture.source, image=np.ascontiguousarray(reduced[:, ::-1]), scale=scale)
    picture.let_go()
    mirrored = _sighted(Picture(picture.index, flipped), library)
    return "mirrored" if any(sighting.examination.clean for sighting in mirrored) else relation


def _other(picture: Picture) -> Relation:
    if len(picture.seen(0).features) < BLANK_FEATURES:
        return "blank"
    grey, _ = picture.view("red", max(picture.source.image.shape[:2]) // TEXT_SIDE)
    return "extra" if holds_sharp_text(grey) else "unknown"
