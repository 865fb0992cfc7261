"""What the rules are told: the case, what the scan shows, and what a store of papers and scans knows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from scanservice.case import Case, PaperStatus
from scanservice.evidence import Evidence, Judgement, Layout
from scanservice.template import Season, Template
from scanservice.verdict import Agreement

PRESENT_FROM = 0.9
ABSENT_UP_TO = 0.1
"""Probability of a seal or signature from which it is there, and up to which it is not; between them a
person looks. A wrong answer costs about ten times a look: a pass without a seal, or a student sent back."""

BLANK_FROM = 0.95
"""Probability that nothing was written from which a field is blank: as the judge of regions has it."""


@dataclass(frozen=True, slots=True)
class SerialPlace:
    """One printed serial.

    Attributes:
        read: the number, only where it is believed; `seen` the best reading all the same.
        agreement: with the entry's serial; `not_evaluated` where the entry has none or no page was found.
    """

    region: str
    read: str | None
    seen: str | None
    agreement: Agreement
    confidence: float


@dataclass(frozen=True, slots=True)
class SerialFacts:
    """The paper's serial, from all the places where it is printed.

    Attributes:
        read: the number where it is believed and all places that are believed have the same.
        agreement: `agree` where a place agrees and none says otherwise.
        confidence: of the place that decided, 0 to 1.
    """

    read: str | None
    expected: str | None
    agreement: Agreement
    confidence: float
    places: tuple[SerialPlace, ...] = ()

    @property
    def believed(self) -> tuple[str, ...]:
        """The different numbers that were read for certain, in the order of the form."""
        return tuple(dict.fromkeys(place.read for place in self.places if place.read))


@dataclass(frozen=True, slots=True)
class LedgerPaper:
    """What the ledger of issued forms knows of a serial; `holder` is a case, None where nobody has it."""

    serial: str
    holder: str | None
    status: PaperStatus
    issued_on: dt.date | None = None
    sealed_in_advance: bool | None = None


@dataclass(frozen=True, slots=True)
class LedgerFacts:
    """The ledger's papers of this case and of every serial that was read; what is not here was not issued."""

    papers: tuple[LedgerPaper, ...] = ()

    def paper(self, serial: str) -> LedgerPaper | None:
        return next((paper for paper in self.papers if paper.serial == serial), None)


@dataclass(frozen=True, slots=True)
class ReuseHit:
    """An earlier scan, under another case, of the same file or the same filled-in paper, or with the
    same seal imprint, pixel for pixel."""

    kind: Literal["file", "ink", "seal"]
    case: str
    scan: str | None = None
    region: str | None = None


@dataclass(frozen=True, eq=False)
class RuleFacts:
    """All that the rules turn on.

    Attributes:
        template: of the form that the upload shows, accepted or not; None where no form was found.
        season: of the accepted form, also where another one was uploaded.
        judgements: by region, as far as there are.
        ledger: None where only the case's own papers are known.
        reuse: None where there is no store to look in: then reuse is no check that the case calls for.
    """

    case: Case
    template: Template | None
    season: Season
    layout: Layout
    evidence: Evidence
    judgements: Mapping[str, Judgement]
    serial: SerialFacts
    today: dt.date
    ledger: LedgerFacts | None = None
    reuse: tuple[ReuseHit, ...] | None = None


def serial_facts(judgements: Mapping[str, Judgement], case: Case, template: Template | None) -> SerialFacts:
    """The serial from the judgements of all serial regions of a form."""
    expected = case.value("entry.serial")
    places = tuple(_serial_places(judgements, template))
    believed = tuple(dict.fromkeys(place.read for place in places if place.read))
    agreement = _agreement(places, believed, expected)
    deciding = [place.confidence for place in places if place.agreement == agreement]
    confidence = max(deciding, default=0.0)
    return SerialFacts(believed[0] if len(believed) == 1 else None, expected, agreement, confidence, places)


def _serial_places(judgements: Mapping[str, Judgement], template: Template | None) -> Iterator[SerialPlace]:
    for _, region in template.regions() if template else ():
        judgement = judgements.get(region.id)
        if region.kind == "serial" and judgement is not None:
            # Without an expected number the judge gives a reading only where it believes it.
            certain = judgement.agreement in ("agree", "differ", "not_evaluated")
            read = judgement.read if certain else None
            yield SerialPlace(region.id, read, judgement.read, judgement.agreement, judgement.confidence)


def _agreement(places: tuple[SerialPlace, ...], believed: tuple[str, ...], expected: str | None) -> Agreement:
    said = {place.agreement for place in places}
    if len(believed) > 1 or "differ" in said:
        return "differ"
    if "agree" in said:
        return "agree"
    if "unsure" in said:
        return "unsure"
    return "blank" if "blank" in said else "not_evaluated"
