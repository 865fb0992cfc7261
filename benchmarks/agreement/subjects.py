"""Subjects of trials: regions of photographed forms, single lines, strings of real digits."""

from __future__ import annotations

from collections.abc import Iterable

from benchmarks.agreement.digits import digit_lines
from benchmarks.agreement.forms import Form, forms
from benchmarks.agreement.lines import Line, calibration_hands, lines
from benchmarks.agreement.trials import Subject, line_case, line_region, read_fully
from scanservice.evidence import RegionCrops


def form_subjects(seed: int, count: int, *, held_out: bool = False) -> list[Subject]:
    """Every filled-in text region of some forms."""
    return [subject for form in forms(seed, count, held_out=held_out) for subject in of_form(form)]


def of_form(form: Form) -> list[Subject]:
    found = []
    for crops in form.measured.crops:
        region = form.template.region(crops.region)
        if region.kind == "text" and region.value and form.case.value(region.value) and crops.lines:
            found.append(Subject(region, read_fully(crops, region), form.case, form.hand, form.preset))
    return found


def line_subjects(seed: int, count: int) -> list[Subject]:
    return _of_lines(lines(seed, count, calibration_hands(), "hurried"))


def digit_subjects(seed: int, count: int) -> list[Subject]:
    return _of_lines(digit_lines(seed, count))


def _of_lines(made: Iterable[Line]) -> list[Subject]:
    found = []
    for line in made:
        region = line_region(line.compare)  # type: ignore[arg-type]
        reading = read_fully(RegionCrops(region.id, (line.crop,)), region)
        found.append(Subject(region, reading, line_case(line.compare, line.text), line.hand, line.condition))  # type: ignore[arg-type]
    return found
