"""The story of one scan: pages, evidence, judgements, findings, verdict."""

from __future__ import annotations

import ctypes
import datetime as dt
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal, TypeAlias

from scanservice import detect, intake, verify
from scanservice.case import Case
from scanservice.evidence import Evidence, RegionReading, Scan
from scanservice.intake import Limits, ScanFile
from scanservice.outcome import Outcome
from scanservice.template import Season, Template
from scanservice.verdict import Timings

Progress: TypeAlias = Callable[[Literal["form", "reading"]], None]


@dataclass(frozen=True)
class Context:
    """What a store of earlier scans and papers knows; the command line has none.

    Attributes:
        ledger: who holds the serial that was read; None where only the case's own papers are known.
        reuse: earlier scans of the same paper under other cases; None where there is no store.
    """

    ledger: verify.LedgerFacts | None = None
    reuse: tuple[verify.ReuseHit, ...] | None = None


NO_STORE = Context()
DEFAULT_LIMITS = Limits()


class Checker:
    """Checks scans against known forms. Its features and models are loaded once, and kept.

    Args:
        templates: every known form, accepted ones and decoys; at least one accepted.
    """

    def __init__(self, templates: Sequence[Template], limits: Limits = DEFAULT_LIMITS) -> None:
        self.templates: Mapping[str, Template] = {template.id: template for template in templates}
        self._library = detect.cached_library(templates)
        self._limits = limits

    def check(
        self,
        files: Sequence[ScanFile],
        case: Case,
        *,
        today: dt.date | None = None,
        context: Context = NO_STORE,
    ) -> Outcome:
        """The outcome of one upload.

        Args:
            today: the day of the check, where the case names none; by default the computer's.

        Raises:
            InputError: a file cannot be read.
        """
        return self.check_and_keep(files, case, today=today, context=context)[0]

    def check_and_keep(
        self,
        files: Sequence[ScanFile],
        case: Case,
        *,
        today: dt.date | None = None,
        context: Context = NO_STORE,
        progress: Progress = lambda stage: None,
    ) -> tuple[Outcome, Scan]:
        """As `check`, with the decoded pages, for whoever draws on them.

        Args:
            progress: told `form` when the pages are open, and `reading` when the form is found.
        """
        watch = Watch()
        scan = intake.open_scan(files, self._limits)
        watch.lap("decode")
        evidence = self.see(scan, case, watch, progress)
        return self.judge(evidence, case, today=today, context=context, watch=watch), scan

    def see(
        self,
        scan: Scan,
        case: Case | None,
        watch: Watch | None = None,
        progress: Progress = lambda stage: None,
    ) -> Evidence:
        """What the pages show. The case only tells the readers where to look twice."""
        watch = watch or Watch()
        progress("form")
        scan = detect.without_streaks(scan)
        layout = detect.find(scan, self._library)
        watch.lap("align")
        measured = detect.measure(scan, layout, self.templates)
        watch.lap("measure")
        progress("reading")
        readings: dict[str, RegionReading] = {}
        if layout.template is not None:
            template = self.templates[layout.template]
            readings.update(verify.read(measured.crops, template, case))
            readings.update(verify.read_seals(measured.seal_crops, template, case))
        _give_back()
        watch.lap("read")
        return Evidence(
            page_sizes=tuple((page.scan, page.page, page.width, page.height) for page in scan.pages),
            layout=layout,
            regions=measured.regions,
            readings=readings,
            fingerprint=measured.fingerprint,
            failures=measured.failures,
            input_sha256=scan.input_sha256,
            recogniser=verify.recogniser_name(),
        )

    def judge(
        self,
        evidence: Evidence,
        case: Case,
        *,
        today: dt.date | None = None,
        context: Context = NO_STORE,
        watch: Watch | None = None,
    ) -> Outcome:
        """The outcome of what was seen, under a case; takes milliseconds and no picture."""
        template = self.templates.get(evidence.layout.template or "")
        day = case.today or today or dt.date.today()
        judgements = verify.judge(evidence, case, template) if template else {}
        serial = verify.serial_facts(judgements, case, template)
        facts = verify.RuleFacts(
            case=case,
            template=template,
            season=self.season(template, day),
            layout=evidence.layout,
            evidence=evidence,
            judgements=judgements,
            serial=serial,
            today=day,
            ledger=context.ledger,
            reuse=context.reuse,
        )
        findings = verify.evaluate(facts)
        kind = verify.decide(findings, facts)
        timings = (watch or Watch()).timings()
        return Outcome(case, template, evidence, judgements, serial, findings, kind, timings)

    def season(self, template: Template | None, today: dt.date) -> Season:
        """The season to judge by: that of the form, or, where it is not accepted, of the accepted
        form whose season the day lies in, else of the first."""
        if template is not None and template.accepts:
            return template.season
        accepted = [known for known in self.templates.values() if known.accepts]
        current = [known for known in accepted if _within(known.season, today)]
        return (current or accepted or list(self.templates.values()))[0].season


def _give_back() -> None:
    """Memory that a check has used and freed, given back to the system.

    glibc keeps it in pieces between what lives on: 120 MB of a worker's 590 after some scans. It takes 4 ms.
    """
    with suppress(OSError, AttributeError):  # other C libraries have no such call, nor the need
        ctypes.CDLL(None).malloc_trim(0)


def _within(season: Season, day: dt.date) -> bool:
    return (season.from_ is None or season.from_ <= day) and (season.until is None or day <= season.until)


class Watch:
    """Milliseconds by stage."""

    def __init__(self) -> None:
        self._start = self._last = time.perf_counter()
        self._laps: dict[str, float] = {}

    def lap(self, stage: str) -> None:
        now = time.perf_counter()
        self._laps[stage] = (now - self._last) * 1000
        self._last = now

    def timings(self) -> Timings:
        laps = {
            stage: round(self._laps.get(stage, 0.0), 1) for stage in ("decode", "align", "measure", "read")
        }
        return Timings(**laps, total=round((time.perf_counter() - self._start) * 1000, 1))
