"""Evidence and case to judgements: whether each region says what it should."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from scanservice.case import Case
from scanservice.evidence import Evidence, Judgement, RegionEvidence
from scanservice.template import Region, Template
from scanservice.verify.corrections import corrected
from scanservice.verify.judge_seal import judge_seal
from scanservice.verify.judge_serial import judge_serial
from scanservice.verify.judge_text import judge_text

BLANK = 0.95
"""Probability of no ink from which a region is called blank."""
RESIDUAL_MM = 2.0
"""A region that may lie this far off its place may hold its neighbour's writing: rows of forms are 7 to
10 mm high. What is read there is then no evidence of a difference."""


def judge(evidence: Evidence, case: Case, template: Template) -> Mapping[str, Judgement]:
    """Judgements of all text, serial and seal regions of a template, by region.

    A pure function: the same evidence, case and models give the same judgements. A region of a page that
    was not found is `not_evaluated`; one where a stage failed, `unsure`.
    """
    judged = {
        region.id: _judged(region, evidence, case, template)
        for _, region in template.regions()
        if region.kind in ("text", "serial", "seal")
    }
    chances = corrected(evidence, case, template, judged)
    return {region: replace(judgement, corrected=chances.get(region)) for region, judgement in judged.items()}


def _judged(region: Region, evidence: Evidence, case: Case, template: Template) -> Judgement:
    seen = evidence.regions.get(region.id)
    reading = evidence.readings.get(region.id)
    if region.kind == "seal":
        return judge_seal(region, seen, reading, case, template)
    expected = _expected(region, case)
    if seen is None:
        return Judgement(region.id, "not_evaluated", expected, None, 0.0, "not-found")
    blank = _blank(seen)
    if blank >= BLANK:
        if expected is None:
            return Judgement(region.id, "not_evaluated", None, None, 0.0, "no-expected-value")
        return Judgement(region.id, "blank", expected, None, round(blank, 4), "blank")
    if reading is None or not reading.lines:
        failed = any(failure.region in (None, region.id) for failure in evidence.failures)
        why = "failed" if failed else "not-read"
        agreement = "unsure" if expected is not None else "not_evaluated"
        return Judgement(region.id, agreement, expected, None, 0.0, why)
    if region.kind == "serial":
        return judge_serial(region, reading, case)
    return judge_text(region, reading, case, trusted=_trusted(seen))


def _expected(region: Region, case: Case) -> str | None:
    """What should stand in a text or serial region, as people know it."""
    if region.kind == "serial":
        return case.value("entry.serial")
    value = case.value(region.value) if region.value else None
    return None if value is None else (region.choices or {}).get(value, value)


def _blank(seen: RegionEvidence) -> float:
    if seen.serial is not None:
        return seen.serial.blank
    return 0.0 if seen.ink is None else seen.ink.blank


def _trusted(seen: RegionEvidence) -> bool:
    """Whether a difference that is read there is a difference on the paper."""
    return seen.residual <= RESIDUAL_MM and not seen.quality.troubles
