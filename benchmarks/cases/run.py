"""One scan drawn, checked and held against what the notice asks for."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2

from benchmarks.cases import invented
from fixtures.maker.corpus import Plan, made, plans, save_scan
from scanservice.case import parse_case
from scanservice.check import Checker
from scanservice.errors import InputError
from scanservice.intake import ScanFile
from scanservice.locations import default_templates
from scanservice.template import Template, load_templates


@dataclass(frozen=True)
class Result:
    """What a check said of one scan.

    Attributes:
        named: whether the defect's own finding (or one that names it as well) is among the findings.
        reasons: codes with their regions of the findings that kept the scan from passing.
        total_ms: as the verdict has it.
    """

    name: str
    defect: str | None
    hand: str
    preset: str
    expected: str
    verdict: str
    named: bool
    reasons: tuple[str, ...]
    total_ms: float


@dataclass(frozen=True)
class Corpus:
    """Which scans are drawn: each process makes the same plans, since plans hold functions."""

    good: int
    bad: int
    seed: int
    held_out: bool
    forms: int = 0
    """Invented forms to take turns; without any, the school's own."""

    def plans(self, library: Sequence[Template]) -> list[Plan]:
        good = plans(library, self.good, self.seed, "good", held_out=self.held_out)
        return [*good, *plans(library, self.bad, self.seed + 1, "bad", held_out=self.held_out)]

    def libraries(self, folder: Path) -> list[tuple[Template, ...]]:
        """The school's own templates, or invented ones, whose packages are written into a folder."""
        if not self.forms:
            return [load_templates(default_templates())]
        return [
            invented.library(self.seed + n, folder / str(n), odd=n % 2 == 1, rare=n % 4 >= 2)
            for n in range(self.forms)
        ]


def start(corpus: Corpus) -> Callable[[int], Result | None]:
    """What a process of the pool does with the number of a plan; None for one that no package can draw."""
    cv2.setNumThreads(1)
    packages = tempfile.TemporaryDirectory()
    libraries = corpus.libraries(Path(packages.name))
    known = [(templates, Checker(templates), corpus.plans(templates)) for templates in libraries]

    def work(number: int) -> Result | None:
        templates, checker, chosen = known[number % len(known)]
        plan = chosen[number]
        assert Path(packages.name).is_dir(), "the packages' folder lives as long as this function"
        try:
            drawn = made(plan, templates)
        except LookupError:
            return None  # another kind of form is asked for, which these packages do not hold
        with tempfile.TemporaryDirectory() as folder:
            names = save_scan(Path(folder), plan.specimen, drawn, plan.files, truth=False)
            files = [ScanFile(Path(folder) / name, name) for name in names]
            return _checked(checker, plan, files)

    return work


def _checked(checker: Checker, plan: Plan, files: list[ScanFile]) -> Result:
    wanted, instead = set(plan.specimen.codes), set(plan.specimen.instead)
    try:
        verdict = checker.check(files, parse_case(plan.specimen.case)).verdict("en")
    except InputError as error:
        return _result(plan, "error", False, (error.code,), 0.0)
    codes = {finding.code for finding in verdict.findings}
    reasons = tuple(
        f"{finding.code} {finding.region or ''}".strip()
        for finding in verdict.findings
        if finding.severity != "note"
    )
    named = wanted <= codes or bool(instead & codes)
    return _result(plan, verdict.verdict, named, reasons, verdict.timings_ms.total)


def _result(plan: Plan, verdict: str, named: bool, reasons: tuple[str, ...], total_ms: float) -> Result:
    return Result(
        name=plan.name,
        defect=plan.defect,
        hand=plan.hand,
        preset=plan.preset,
        expected=plan.specimen.verdict,
        verdict=verdict,
        named=named,
        reasons=reasons,
        total_ms=total_ms,
    )
