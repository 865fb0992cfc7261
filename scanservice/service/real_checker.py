"""The program's own checker behind the service's seam."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias, cast, get_args

from scanservice import check, intake, report, verify
from scanservice.case import Case, Entry, PaperStatus, Student, Workflow
from scanservice.evidence import Evidence, PageFit, Scan
from scanservice.evidence_store import EvidenceFormatError, dump_evidence, load_evidence
from scanservice.intake import Limits, ScanFile
from scanservice.locations import default_templates
from scanservice.outcome import Outcome
from scanservice.service.checking import CheckOutcome, Context, OldEvidenceError, Progress, View
from scanservice.settings import Settings
from scanservice.template import load_templates
from scanservice.verdict import Verdict
from scanservice.verify.fields import field

SHOWN_SIDE = 2000
"""Pixels on the longer side of a page that is shown."""
KEPT_BYTES = 150_000_000
"""Decoded pages that may stay in memory: two photographs of 24 megapixels."""
Stamps: TypeAlias = tuple[tuple[str, int, int], ...]
THUMBNAIL_SIDE = 640
"""The same of a small one."""
REMEMBERED = 4
"""Scans whose evidence stays loaded: of new facts most leave most regions as they are, and what was weighed
there is kept with the evidence. Facts often change several times in a row."""
SOMETHING = Case(
    case="-",
    student=Student.model_validate(dict.fromkeys(Student.model_fields, "一")),
    entry=Entry.model_validate(
        {name: "2000-01-01" if name.endswith("_on") else "一" for name in Entry.model_fields}
    ),
    workflow=Workflow(state="registered"),
)
"""A case in which something is expected everywhere."""


class RealChecker:
    def __init__(self, settings: Settings) -> None:
        self._templates = load_templates(settings.templates or default_templates())
        self._limits = Limits(
            files=settings.max_files,
            file_bytes=settings.max_file_bytes,
            total_bytes=settings.max_upload_bytes,
        )
        self._checker = check.Checker(self._templates, self._limits)
        self._open: tuple[Stamps, Scan] | None = None

    def versions(self) -> Mapping[str, Any]:
        return {
            "rules": verify.RULES_VERSION,
            "templates": {template.id: template.version for template in self._templates},
        }

    def prepare(self) -> None:
        """Loads the readers' alphabets and the tables of names and regions: half a second of the first
        judgement's time."""
        for template in self._templates:
            for _, region in template.regions():
                if region.kind == "text":
                    field(region, SOMETHING)

    def check(self, files: Sequence[Path], case: Case, context: Context, progress: Progress) -> CheckOutcome:
        self._open = None
        outcome, _ = self._checker.check_and_keep(
            _labelled(files), case, today=context.today, context=_known(context), progress=progress
        )
        evidence = outcome.evidence
        return CheckOutcome(
            document=outcome.verdict().model_dump(mode="json"),
            internal=_internal(outcome),
            evidence=dump_evidence(evidence),
            fingerprint=evidence.fingerprint,
            seals=tuple(
                region.seal.imprint
                for region in evidence.regions.values()
                if region.seal is not None and region.seal.imprint is not None
            ),
        )

    def rejudge(self, evidence: bytes, case: Case, context: Context) -> CheckOutcome:
        try:
            seen = _loaded(evidence)
        except EvidenceFormatError:
            raise OldEvidenceError from None
        outcome = self._checker.judge(seen, case, today=context.today, context=_known(context))
        return CheckOutcome(outcome.verdict().model_dump(mode="json"), _internal(outcome))

    def page(
        self,
        files: Sequence[Path],
        evidence: bytes | None,
        document: Mapping[str, Any],
        number: int,
        view: View,
    ) -> bytes:
        scan = self._opened(files)
        if not 0 <= number < len(scan.pages):
            raise IndexError(number)
        page = scan.pages[number]
        if view == "uploaded" or not document["pages"]:
            return intake.display_jpeg(page.image, SHOWN_SIDE)
        verdict = _with_empty_words(document)
        if view == "findings":
            return intake.display_jpeg(report.draw_findings(page, verdict, number), SHOWN_SIDE)
        fit = next((fit for fit in _fits(evidence) if fit.scan_page == number), None)
        image = page.image if fit is None else report.straighten(page, fit)
        return intake.display_jpeg(image, THUMBNAIL_SIDE if view == "thumbnail" else SHOWN_SIDE)

    def _opened(self, files: Sequence[Path]) -> Scan:
        """The decoded pages; those of the last scan are kept, since its other pages are drawn next."""
        stats = [file.stat() for file in files]
        stamps = tuple(
            (str(file), stat.st_size, stat.st_mtime_ns) for file, stat in zip(files, stats, strict=True)
        )
        if self._open is not None and self._open[0] == stamps:
            return self._open[1]
        self._open = None
        scan = intake.open_scan(_labelled(files), self._limits)
        if sum(page.image.nbytes for page in scan.pages) <= KEPT_BYTES:
            self._open = stamps, scan
        return scan


@lru_cache(maxsize=REMEMBERED)
def _loaded(evidence: bytes) -> Evidence:
    return load_evidence(evidence)


def _fits(evidence: bytes | None) -> tuple[PageFit, ...]:
    """Where the form lies in each page, as far as that is still known."""
    try:
        return _loaded(evidence).layout.fits if evidence is not None else ()
    except EvidenceFormatError:
        return ()


def _labelled(files: Sequence[Path]) -> list[ScanFile]:
    """Files are called by their place: the sender's names may hold a person's."""
    return [ScanFile(path, f"files[{index}]") for index, path in enumerate(files)]


def _internal(outcome: Outcome) -> list[Mapping[str, Any]]:
    return [dict(finding.internal) for finding in outcome.findings]


def _known(context: Context) -> check.Context:
    ledger = None
    if context.ledger is not None:
        ledger = verify.LedgerFacts(
            tuple(
                verify.LedgerPaper(
                    serial=paper.serial,
                    holder=paper.holder,
                    status=cast(PaperStatus, paper.status),
                    issued_on=paper.issued_on,
                    sealed_in_advance=paper.sealed_in_advance,
                )
                for paper in context.ledger
                if paper.status in get_args(PaperStatus)  # what lies in stock was not issued
            )
        )
    reuse = tuple(verify.ReuseHit(hit.kind, hit.case, hit.scan) for hit in context.reuse)
    return check.Context(ledger=ledger, reuse=reuse)


def _with_empty_words(document: Mapping[str, Any]) -> Verdict:
    """The drawing needs places and states, not words."""
    findings = [{"message": "", "advice": "", **finding} for finding in document["findings"]]
    return Verdict.model_validate({**document, "findings": findings})
