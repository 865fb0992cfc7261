"""Papers that are the form, and papers that are not, known to the library or not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.registration.corpus import CONDITIONS, DRAWN_DPI, options
from fixtures.maker import foreign
from fixtures.maker.cases import invent
from fixtures.maker.fill import FillOptions, fill
from fixtures.maker.fonts import hands
from fixtures.maker.photograph import photograph
from fixtures.maker.retyped import retyped
from forms.national import sheets
from forms.national.edition import Edition
from forms.ouc_2019 import EDITION
from forms.publish import Form, publish
from scanservice.evidence import Scan, ScanPage
from scanservice.geometry import Image
from scanservice.template import Template, load_template

SCHOOLS = ("山东大学", "青岛大学", "中国农业大学", "河海大学", "上海海洋大学", "大连海事大学")
"""Names put on the same national form; what their forms really look like is of no account."""


@dataclass(frozen=True)
class Paper:
    """A kind of paper.

    Attributes:
        name: as the table calls it.
        genuine: whether it is the accepted form.
        draw: pictures of one upload, from a seed and a condition.
    """

    name: str
    genuine: bool
    draw: Callable[[int, str], list[Image]]


def scan_of(images: list[Image]) -> Scan:
    pages = [ScanPage(i, 0, image, image.shape[1], image.shape[0]) for i, image in enumerate(images)]
    return Scan(tuple(pages), ("0" * 64,) * len(pages))


def papers(templates: tuple[Template, ...], folder: Path) -> Iterator[Paper]:
    """All kinds; `folder` holds forms drawn for the purpose."""
    form = next(template for template in templates if template.accepts)
    yield Paper("the form", True, lambda seed, condition: _filled(form, seed, condition))
    for decoy in (template for template in templates if not template.accepts):
        yield Paper(f"known: {decoy.id}", False, lambda s, c, of=decoy: _filled(of, s, c))
    for name, change in VARIANTS.items():

        def draw(seed: int, condition: str, change: Change = change, name: str = name) -> list[Image]:
            place = folder / f"{name}-{seed}".replace(" ", "-")
            return _filled(_published(change(EDITION, seed), place), seed, condition)

        yield Paper(f"unknown: {name}", False, draw)
    yield Paper(
        "typed again",
        False,
        lambda seed, condition: _filled(retyped(form, folder / f"retyped-{seed}", seed), seed, condition),
    )
    for name, make in (
        ("offer notice", foreign.offer_notice),
        ("transcript", foreign.transcript),
        ("blank paper", foreign.blank_paper),
    ):
        yield Paper(name, False, lambda s, c, of=make: [_photographed(of(s), 300, s, c)])
    yield Paper("wall", False, lambda seed, _: [foreign.wall(seed)])
    yield Paper("screenshot", False, lambda seed, _: [foreign.screenshot(seed)])


Change = Callable[[Edition, int], Edition]


def _other_school(edition: Edition, seed: int) -> Edition:
    """Another school's copy, to the last word but its name."""
    return _renamed(edition, edition.school, SCHOOLS[seed % len(SCHOOLS)])


def _other_year(edition: Edition, seed: int) -> Edition:
    """Another year's edition: nothing but the year differs, often one digit."""
    return _renamed(edition, "2019", ("2018", "2020", "2017", "2016")[seed % 4])


def _other_note(edition: Edition, seed: int) -> Edition:
    """An edition in which one note alone is worded otherwise."""
    return replace(edition, notes=(edition.notes[0].replace("黑色墨水", "蓝黑墨水"), *edition.notes[1:]))


VARIANTS: dict[str, Change] = {
    "another school": _other_school,
    "another year": _other_year,
    "another note": _other_note,
}


def _renamed(edition: Edition, old: str, new: str) -> Edition:
    return replace(
        edition,
        school=edition.school.replace(old, new),
        office=edition.office.replace(old, new),
        year=edition.year.replace(old, new),
        edition=edition.edition.replace(old, new),
    )


def _published(edition: Edition, folder: Path) -> Template:
    publish(Form("drawn", "drawn", edition.school, sheets(edition)), folder)
    return load_template(folder)


def _filled(template: Template, seed: int, condition: str) -> list[Image]:
    """The required pages, filled in and photographed."""
    names = sorted(hands())
    pages = fill(
        template,
        invent(seed, template=template),
        hand=names[seed % len(names)],
        seed=seed,
        options=FillOptions(dpi=DRAWN_DPI),
    ).pages
    return [_photographed(page.image, DRAWN_DPI, seed, condition) for page in pages]


def _photographed(image: Image, dpi: float, seed: int, condition: str) -> Image:
    return photograph(image, dpi, options=options(condition, seed), seed=seed).image


def condition_of(seed: int) -> str:
    """The conditions in turn."""
    return CONDITIONS[int(np.random.default_rng([seed, 7]).integers(len(CONDITIONS)))]
