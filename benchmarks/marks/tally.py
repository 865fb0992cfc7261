"""Counts what was measured against what was drawn."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from typing import Any

import numpy as np

from benchmarks.marks.corpus import Sample
from benchmarks.tables import table
from fixtures.maker.fill import FillOptions
from fixtures.maker.truth import Mark, RegionTruth
from scanservice.detect.measure import Measured, measure
from scanservice.evidence import RegionEvidence
from scanservice.template import Template
from scanservice.verify.rules.altered import ALTERED_FROM, SUSPECTED_FROM

SURE = 0.9
"""Where a probability counts as told; between it and its opposite lies `unsure`."""

NOTES = {
    "correction": "By the ink and the paper alone: what is `corrected` is named whatever is read there; what "
    "is `suspected`, where the readers do not confirm the text. Where the expected text is known, the pen's "
    "are judged beside it (corrections.md). Of fluid there is nothing to see where hardly a square of half a "
    "millimetre differs from the picture that the same seeds give without it.",
    "serial": "Another face is drawn on one of two pages: which of them is the wrong one cannot be told, and "
    "both are for a person.",
}


class Tally:
    """Confusion counts over a corpus of one form."""

    def __init__(self, form: Template) -> None:
        self.form = form
        self.counts: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
        self.seconds: list[float] = []
        self.centres: list[float] = []
        self.diameters: list[float] = []
        self.fields: dict[str, list[float]] = {"empty": [], "written": []}
        self.troubled: Counter[str] = Counter()
        self.regions = 0
        self.uploads = 0
        self.cases_with_false_correction = 0
        self.failures = 0

    def add(
        self, made: Sample, look: str, options: FillOptions, hidden: frozenset[str] = frozenset()
    ) -> None:
        """Measures one sample and counts it; CPU time is taken by one thread.

        Args:
            hidden: regions whose correction does not show in the picture.
        """
        begun = time.process_time()
        found = measure(made.scan, made.layout, {self.form.id: self.form})
        self.seconds.append(time.process_time() - begun)
        self.uploads += 1
        self.failures += len(found.failures)
        known = {region.region: region for page in made.filled.truth for region in page.regions}
        marks: dict[str, list[Mark]] = defaultdict(list)
        for page in made.filled.truth:
            for mark in page.marks:
                marks[mark.region].append(mark)
        false_corrections = 0
        for evidence in found.regions.values():
            self.regions += 1
            if evidence.quality.troubles:
                self.troubled[look] += 1
                continue
            truth = known.get(evidence.region)
            false_corrections += self._text(evidence, truth, look, hidden)
            self._seal(evidence, marks[evidence.region], options)
            self._signature(evidence, marks[evidence.region])
            self._serial(evidence, marks[evidence.region])
        self._lines(found, known)
        self.cases_with_false_correction += bool(false_corrections)

    def _text(
        self, evidence: RegionEvidence, truth: RegionTruth | None, look: str, hidden: frozenset[str]
    ) -> int:
        if evidence.ink is None or truth is None or self.form.region(evidence.region).kind != "text":
            return 0
        written = truth.text is not None
        self.fields["written" if written else "empty"].append(evidence.ink.area_mm2)
        self.counts["field"][
            "written" if written else "empty", _told(1 - evidence.ink.blank, "written", "empty")
        ] += 1
        altered = evidence.ink.altered
        said = "corrected" if altered >= ALTERED_FROM else "suspected" if altered >= SUSPECTED_FROM else "not"
        kind = truth.alteration or "none"
        kind += ", nothing to see" if evidence.region in hidden else ""
        self.counts["correction"][kind, said] += 1
        if kind == "fluid":
            self.counts["fluid"][look, said] += 1
        return int(truth.alteration is None and said == "corrected")

    def _seal(self, evidence: RegionEvidence, marks: list[Mark], options: FillOptions) -> None:
        seal = evidence.seal
        if seal is None:
            return
        truth = "grey copy" if marks and options.grey_copy else marks[0].variant if marks else "none"
        self.counts["seal"][truth, _told(seal.presence, "present", "absent")] += 1
        if marks and seal.center is not None and seal.diameter is not None:
            self.counts["ink"]["grey" if options.grey_copy else "red", seal.ink or "none"] += 1
            self.counts["shape"][marks[0].variant, seal.shape or "none"] += 1
            apart = [
                float(np.hypot(seal.center[0] - m.center[0], seal.center[1] - m.center[1])) for m in marks
            ]
            nearest = marks[int(np.argmin(apart))]
            self.centres.append(min(apart))
            if nearest.variant == "round" and nearest.diameter is not None:
                self.diameters.append(abs(seal.diameter - nearest.diameter))

    def _signature(self, evidence: RegionEvidence, marks: list[Mark]) -> None:
        if evidence.signature is not None:
            truth = marks[0].kind if marks else "none"
            self.counts["signature"][truth, _told(evidence.signature.presence, "signed", "not signed")] += 1

    def _serial(self, evidence: RegionEvidence, marks: list[Mark]) -> None:
        if evidence.serial is not None:
            truth = marks[0].variant if marks else "none"
            said = "altered" if evidence.serial.altered > 0.5 else "as printed"
            self.counts["serial"][truth, "nothing there" if evidence.serial.blank > 0.5 else said] += 1

    def _lines(self, found: Measured, known: dict[str, RegionTruth]) -> None:
        for crops in found.crops:
            truth = known.get(crops.region)
            if truth is not None and truth.text is not None and not crops.cells and truth.kind == "text":
                said = "as many" if len(crops.lines) == len(truth.lines) else "other"
                self.counts["lines"]["one" if len(truth.lines) == 1 else "several", said] += 1

    def parts(self) -> list[str]:
        """The page's parts, Markdown."""
        titles = {
            "field": "Fields: is anything written?",
            "lines": "Lines of a field",
            "seal": "Seals by shape",
            "ink": "Ink of the seals found",
            "shape": "Shape of the seals found",
            "signature": "Signatures",
            "serial": "Numbers",
            "correction": "Corrections in fields",
            "fluid": "Correction fluid, by the way of photographing",
        }
        parts = [f"{self.uploads} uploads of two pages; {self.failures} regions failed. {self._figures()}"]
        for name, title in titles.items():
            words = f"\n\n{NOTES[name]}" if name in NOTES else ""
            parts.append(f"## {title}{words}\n\n{_confusion(self.counts[name])}")
        return parts

    def _figures(self) -> str:
        empty, written = max(self.fields["empty"] or [0.0]), min(self.fields["written"] or [0.0])
        troubled = ", ".join(f"{look} {count}" for look, count in sorted(self.troubled.items())) or "none"
        usual, slow = (1000 * np.quantile(self.seconds, q) for q in (0.5, 0.95))
        centres, sizes = np.array(self.centres or [0.0]), np.array(self.diameters or [0.0])
        return "\n\n".join(
            [
                f"Measuring an upload took {usual:.0f} ms of one thread (median; 95 %: {slow:.0f} ms), on a "
                "machine shared with other work.",
                f"Most ink in an empty field: {empty:.2f} mm2; least in a written one: {written:.2f} mm2.",
                f"Centres of seals are off by {np.median(centres):.2f} mm (at worst {centres.max():.2f}), "
                f"diameters of round ones by {np.median(sizes):.2f} mm (at worst {sizes.max():.2f}).",
                f"Regions troubled (and not counted below) of {self.regions}: {troubled}.",
                f"Uploads with a correction seen where there is none: {self.cases_with_false_correction} "
                f"of {self.uploads}.",
            ]
        )


def _told(probability: float, yes: str, no: str) -> str:
    return yes if probability > SURE else no if probability < 1 - SURE else "unsure"


def _confusion(counts: Counter[tuple[str, str]]) -> str:
    truths, answers = sorted({key[0] for key in counts}), sorted({key[1] for key in counts})
    rows: list[list[Any]] = [[truth, *(counts[truth, answer] for answer in answers)] for truth in truths]
    return table(["drawn", *answers], rows)
