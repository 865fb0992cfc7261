"""The outcome of a check: evidence, judgements and findings, from which the verdict is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from scanservice import __version__
from scanservice.case import Case
from scanservice.evidence import Evidence, Judgement, PageFit, RegionEvidence
from scanservice.findings import Finding, Language, catalogue, render
from scanservice.geometry import MM_PER_INCH, Quad
from scanservice.template import Region, Template
from scanservice.verdict import (
    Alignment,
    FindingResult,
    PageResult,
    Presence,
    Quality,
    RegionResult,
    ResidualMm,
    SerialResult,
    TemplateName,
    Timings,
    Verdict,
    VerdictKind,
    Versions,
)
from scanservice.verify import ABSENT_UP_TO, PRESENT_FROM, RULES_VERSION, SerialFacts

CONFIDENCE_DIGITS = 4


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a check came to.

    Attributes:
        template: the form that the upload shows, accepted or not; None where no known form was found.
        kind: the verdict's word.
        timings: milliseconds by stage.
    """

    case: Case
    template: Template | None
    evidence: Evidence
    judgements: Mapping[str, Judgement]
    serial: SerialFacts
    findings: tuple[Finding, ...]
    kind: VerdictKind
    timings: Timings

    def verdict(self, language: Language = "zh-CN") -> Verdict:
        """The verdict as it goes out, with its words in a language."""
        return Verdict(
            verdict=self.kind,
            case=self.case.case,
            template=self.template and TemplateName(id=self.template.id, version=self.template.version),
            pages=tuple(self._pages()),
            serial=self._serial(),
            regions=tuple(self._regions()),
            findings=tuple(self._finding(finding, language) for finding in self.findings),
            input_sha256=self.evidence.input_sha256,
            versions=Versions(
                scanservice=__version__, rules=RULES_VERSION, recogniser=self.evidence.recogniser
            ),
            timings_ms=self.timings,
        )

    def _fits(self) -> dict[int, PageFit]:
        """The form page of each page of the upload; where two lie in one picture, the first."""
        return {fit.scan_page: fit for fit in reversed(self.evidence.layout.fits)}

    def _pages(self) -> Iterator[PageResult]:
        fits = self._fits()
        for index, (scan, page, width, height) in enumerate(self.evidence.page_sizes):
            fit = fits.get(index)
            residual = fit and ResidualMm(
                median=round(fit.residual.median, 3),
                p95=round(fit.residual.p95, 3),
                max=round(fit.residual.max, 3),
            )
            yield PageResult(
                scan=scan,
                page=page,
                template_page=fit.page if fit else None,
                width=width,
                height=height,
                rotation=fit.turn if fit else None,
                alignment=Alignment(residual_mm=residual, model=fit.map.model) if fit and residual else None,
                quality=self._quality(index) if fit else None,
            )

    def _quality(self, index: int) -> Quality | None:
        """Of a page, from its regions: the median of what is local, the sum of what is not."""
        regions = [region for region in self.evidence.regions.values() if region.scan_page == index]
        if not regions:
            return None
        middle = len(regions) // 2
        dots = sorted(region.quality.dots_per_mm for region in regions)[middle]
        sharpness = sorted(region.quality.sharpness for region in regions)[middle]
        glare = sum(region.quality.glare for region in regions) / len(regions)
        cut_off = tuple(region.region for region in regions if "cut_off" in region.quality.troubles)
        return Quality(
            dpi=round(dots * MM_PER_INCH, 1),
            sharpness=round(sharpness, 3),
            glare=round(glare, 4),
            cut_off=cut_off,
        )

    def _serial(self) -> SerialResult:
        return SerialResult(
            read=self.serial.read,
            expected=self.serial.expected,
            agreement=self.serial.agreement,
            confidence=round(self.serial.confidence, CONFIDENCE_DIGITS),
        )

    def _regions(self) -> Iterator[RegionResult]:
        if self.template is None:
            return
        for _, region in self.template.regions():
            seen = self.evidence.regions.get(region.id)
            if seen is not None and region.kind != "free":
                yield self._region(region, seen)

    def _region(self, region: Region, seen: RegionEvidence) -> RegionResult:
        judgement = self.judgements.get(region.id)
        confidence = judgement.confidence if judgement else presence_confidence(seen)
        return RegionResult(
            id=region.id,
            kind=region.kind,
            page=seen.scan_page,
            quad=seen.quad,
            presence=presence(seen),
            agreement=judgement.agreement if judgement else None,
            read=judgement.read if judgement else None,
            expected=judgement.expected if judgement else None,
            confidence=None if confidence is None else round(confidence, CONFIDENCE_DIGITS),
            why=judgement.why if judgement else None,
        )

    def _finding(self, finding: Finding, language: Language) -> FindingResult:
        quad: Quad | None = None
        page = finding.scan_page
        seen = self.evidence.regions.get(finding.region) if finding.region else None
        if seen is not None:
            quad, page = seen.quad, seen.scan_page
        text = render(finding.code, finding.params, language)
        return FindingResult(
            code=finding.code,
            severity=finding.severity,
            region=finding.region,
            page=page,
            quad=quad,
            params=dict(finding.params),
            message=text.message,
            advice=text.advice,
            clause=catalogue()[finding.code].clause,
        )


def presence_confidence(seen: RegionEvidence) -> float | None:
    """Probability that a seal or signature is there; None for other kinds."""
    mark = seen.seal or seen.signature
    return mark.presence if mark else None


def presence(seen: RegionEvidence) -> Presence | None:
    """Present, absent or unsure, by the thresholds that the rules use; None for other kinds."""
    probability = presence_confidence(seen)
    if probability is None:
        return None
    if seen.quality.troubles:
        return "unsure" if probability < PRESENT_FROM else "present"
    if probability >= PRESENT_FROM:
        return "present"
    return "absent" if probability <= ABSENT_UP_TO else "unsure"
