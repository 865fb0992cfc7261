"""The goals of registration and identity on a small corpus; the benchmarks measure the same at length."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.identity.measure import run
from benchmarks.identity.papers import papers
from benchmarks.registration.corpus import samples
from benchmarks.registration.measure import Tally, run_ours
from scanservice.detect import Library
from scanservice.template import Template

SEED = 91_000
NEVER = ("unknown: another school", "unknown: another year", "unknown: another note", "typed again")


@pytest.mark.parametrize("condition", ["flatbed", "phone_poor", "curled_4mm", "far_112dpi", "turned"])
def test_regions_are_where_the_program_says(form: Template, library: Library, condition: str) -> None:
    tally = Tally()
    run_ours(samples(form, condition, 2, SEED), library, tally)
    assert tally.lost == 0
    assert tally.share(0.5) <= 0.15
    assert tally.share(0.95) <= 0.5
    assert tally.share(1.0) <= 1.5
    assert tally.unknown == 0


@pytest.mark.parametrize("name", ["the form", *NEVER, "offer notice", "wall"])
def test_what_is_taken_for_the_form(templates: tuple[Template, ...], tmp_path: Path, name: str) -> None:
    paper = next(paper for paper in papers(templates, tmp_path) if paper.name == name)
    tally = run(paper, templates, 2, SEED + 1)
    assert tally.right, dict(tally.counts)
    if paper.genuine:
        assert tally.counts["accepted"] == tally.uploads


def test_known_decoys_are_refused(templates: tuple[Template, ...], tmp_path: Path) -> None:
    for paper in papers(templates, tmp_path):
        if paper.name.startswith("known"):
            assert run(paper, templates, 1, SEED).counts == {"refused": 1}, paper.name
