"""The rules over many invented cases, on every accepted form: as if every reading were right."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from fixtures.maker.cases import invent
from fixtures.maker.defects_case import CASE_DEFECTS
from fixtures.maker.kit import Kit
from fixtures.maker.specimen import Specimen
from scanservice.case import parse_case
from scanservice.evidence import InkMeasure
from scanservice.template import Template, load_templates
from scanservice.verify import decide, evaluate
from scanservice.verify.comparators import same
from tests.verify.builders import Scene, scene_of

LIBRARY = load_templates(Path(__file__).parents[3] / "templates")
ACCEPTED = [template for template in LIBRARY if template.accepts]
ACCOMPANIED = {"employer-changed-counts-as-termination": {"in-province-employer"}}
"""Findings that belong to a defect beside its own."""


def read_rightly(specimen: Specimen, template: Template) -> Scene:
    """The scan of a specimen, every reading right."""
    known = parse_case(specimen.case)
    spoilt = scene_of(known, template)
    paper = parse_case(specimen.on_paper) if specimen.on_paper else known
    for _, region in template.regions():
        if region.kind == "seal" and region.owner == "school" and specimen.filling.seals.get("school"):
            spoilt = spoilt.seal(region.id, 0.99)
        if region.kind != "text" or region.value is None:
            continue
        expected, written = known.value(region.value), paper.value(region.value)
        if expected is None and written is not None:
            spoilt = spoilt.evidence(region.id, ink=InkMeasure(30.0, None, blank=0.01))
        elif expected is not None and written is not None and written != expected:
            compared = same(region.compare or "text", expected, written, region=region)
            judged = replace(
                spoilt.judged[region.id], agreement=compared.agreement, why=compared.why, read=written
            )
            spoilt = replace(spoilt, judged={**spoilt.judged, region.id: judged})
    return spoilt


@pytest.mark.parametrize("template", ACCEPTED, ids=lambda template: template.id)
def test_good_cases_pass(template: Template) -> None:
    for seed in range(150):
        facts = scene_of(parse_case(invent([seed, 7], template=template)), template).facts()
        findings = evaluate(facts)
        assert not findings, (seed, findings)
        assert decide(findings, facts) == "pass"


@pytest.mark.parametrize(("name", "make"), [(name, make) for name, _, make in CASE_DEFECTS])
def test_what_is_wrong_is_named_and_nothing_else(name: str, make: object) -> None:
    for seed in range(12):
        specimen = make(Kit(LIBRARY, seed))  # type: ignore[operator]
        facts = read_rightly(specimen, ACCEPTED[0]).facts()
        findings = evaluate(facts)
        codes = {finding.code for finding in findings}
        assert set(specimen.codes) <= codes <= set(specimen.codes) | ACCOMPANIED.get(name, set()), seed
        assert decide(findings, facts) == specimen.verdict, seed
