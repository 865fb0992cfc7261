"""Filled-in, photographed forms, found and taken apart by the program: crops beside what was written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fixtures.maker import corpus
from fixtures.maker.options import PRESETS, Preset
from scanservice.case import Case, parse_case
from scanservice.detect import Library, Measured, build_library, find, measure
from scanservice.evidence import Layout, Scan, ScanPage
from scanservice.template import Template, load_templates

TEMPLATES = Path(__file__).parents[2] / "templates"


@dataclass(frozen=True, eq=False)
class Form:
    """One good form: who wrote it, how it was taken, its case, and what was measured."""

    hand: str
    preset: str
    case: Case
    template: Template
    layout: Layout
    measured: Measured


def library() -> tuple[tuple[Template, ...], Library]:
    templates = load_templates(TEMPLATES)
    return templates, build_library(templates)


def forms(
    seed: int,
    count: int,
    *,
    held_out: bool = False,
    presets: Sequence[Preset] = PRESETS,
    hand_names: Sequence[str] | None = None,
) -> Iterator[Form]:
    """Good scans of the accepted form; one that was not found is left out."""
    templates, known = library()
    by_id: Mapping[str, Template] = {template.id: template for template in templates}
    chosen = corpus.plans(
        templates, count, seed, "good", presets=presets, hand_names=hand_names, held_out=held_out
    )
    for plan in chosen:
        drawn = corpus.made(plan, templates)
        pages = tuple(
            ScanPage(index, 0, photo.image, photo.image.shape[1], photo.image.shape[0])
            for index, photo in enumerate(drawn.photos)
        )
        scan = Scan(pages, tuple(str(index) for index in range(len(pages))))
        layout = find(scan, known)
        if layout.template is None:
            continue
        measured = measure(scan, layout, by_id)
        case = parse_case(plan.specimen.case)
        yield Form(plan.hand, plan.preset, case, by_id[layout.template], layout, measured)
