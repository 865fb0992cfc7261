"""二(二)1: the serial on the paper, and who was given it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from scanservice.case import PaperStatus
from scanservice.findings import Finding
from scanservice.verify.facts import RuleFacts, SerialPlace
from scanservice.verify.rules.base import Result, Scope, Unknown, rule
from scanservice.verify.rules.view import Place, places

ALTERED_FROM = 0.5
"""Of `SerialMark.altered`, which is a probability: from where an altered serial is the likelier case."""

_GONE: dict[PaperStatus, str] = {"returned": "serial-returned", "void": "serial-void", "lost": "serial-lost"}


@dataclass(frozen=True, slots=True)
class Issued:
    """What is known of a serial.

    Attributes:
        holder: `own`: issued to this student; `other`: to another one, whose case is `other_case`;
            `nobody`: not issued; `unknown`: cannot be told.
    """

    holder: str
    status: PaperStatus | None = None
    issued_on: dt.date | None = None
    sealed_in_advance: bool | None = None
    other_case: str | None = None


def issued(facts: RuleFacts, serial: str) -> Issued:
    """From the case's own papers, and from the ledger of all of them where there is one."""
    if _ended(facts, serial):
        return Issued("own", "void")
    papers = facts.case.workflow.papers
    own = next((paper for paper in papers or () if paper.serial == serial), None)
    listed = facts.ledger.paper(serial) if facts.ledger else None
    if listed is not None and listed.holder not in (None, facts.case.case):
        return Issued("other", listed.status, other_case=listed.holder)
    if own is not None:
        # Where case and ledger are not of one mind, the paper is gone.
        gone = listed is not None and listed.status in _GONE
        status = listed.status if listed is not None and (gone or own.status is None) else own.status
        return Issued("own", status, own.issued_on, own.sealed_in_advance)
    if listed is not None and listed.holder is not None:
        return Issued("own", listed.status, listed.issued_on, listed.sealed_in_advance)
    if listed is not None and listed.status in _GONE:
        return Issued("own", listed.status)
    return Issued("unknown" if papers is None and facts.ledger is None else "nobody")


def at_hand(facts: RuleFacts) -> Issued | None:
    """The paper that the scan shows, or, while its serial is not read, the one that was entered."""
    serial = facts.serial.read or facts.serial.expected
    found = issued(facts, serial) if serial else None
    return found if found is not None and found.holder == "own" else None


@rule(
    "serial-not-issued",
    "serial-of-another-student",
    "serial-returned",
    "serial-void",
    "serial-lost",
    "already-filed",
    scope=Scope.FORM,
)
def serial_issued(facts: RuleFacts) -> Result:
    serial = facts.serial.read or facts.serial.expected
    if serial is None or len(facts.serial.believed) > 1:
        return
    region = next((place.region for place in facts.serial.places if place.read), None)
    found = issued(facts, serial)
    if found.holder == "unknown":
        yield Unknown("workflow.papers")
    elif found.holder == "nobody":
        yield Finding("serial-not-issued", "return", region, params={"serial": serial})
    elif found.holder == "other":
        internal = {"case": found.other_case}
        params = {"serial": serial}
        yield Finding("serial-of-another-student", "return", region, params=params, internal=internal)
    elif found.status is None:
        yield Unknown("workflow.papers.status")
    elif found.status in _GONE:
        yield Finding(_GONE[found.status], "return", region, params={"serial": serial})
    elif found.status == "filed" and facts.case.workflow.state != "filed":
        yield Finding("already-filed", "return", region)


def _ended(facts: RuleFacts, serial: str) -> bool:
    """Whether an approved termination ended the agreement on this paper (三2(4))."""
    ended = facts.case.workflow.terminations or ()
    return any(termination.serial == serial and termination.state == "approved" for termination in ended)


@rule("serial-differs", "pages-from-different-papers", scope=Scope.FORM)
def serial_as_entered(facts: RuleFacts) -> Result:
    believed = facts.serial.believed
    if len(believed) > 1:
        second = next(place.region for place in facts.serial.places if place.read == believed[1])
        params = {"first": believed[0], "second": believed[1]}
        yield Finding("pages-from-different-papers", "return", second, params=params)
        return
    expected, read = facts.serial.expected, facts.serial.read
    if expected is None or read is None or read == expected:
        return
    # Another's paper, a void one, one that was never issued: that is the defect, and named by its own rule.
    if at_hand(facts) is not None and issued(facts, read).status in ("held", None):
        region = next(place.region for place in facts.serial.places if place.read)
        yield Finding("serial-differs", "return", region, params={"read": read, "expected": expected})


@rule("serial-missing", "serial-unreadable", scope=Scope.FORM)
def serial_legible(facts: RuleFacts) -> Result:
    by_region = {place.region: place for place in facts.serial.places}
    for place in places(facts, "serial"):
        if place.seen is None:
            yield Unknown(f"regions.{place.id}", place.id)
            continue
        if place.troubled:
            continue  # the rules of quality speak of it
        found = by_region.get(place.id)
        if found is not None and found.agreement == "blank":
            yield Finding("serial-missing", "return", place.id)
            return
        if found is None or not _told(found):
            yield Finding("serial-unreadable", "review", place.id)
            return


def _told(place: SerialPlace) -> bool:
    return place.read is not None


@rule("serial-region-altered", scope=Scope.FORM)
def serial_untouched(facts: RuleFacts) -> Result:
    for place in places(facts, "serial"):
        mark = place.seen and place.seen.serial
        unseen = _blank(place) or (place.troubled and place.agreement not in ("agree", "differ"))
        if mark and mark.altered >= ALTERED_FROM and not unseen:
            yield Finding("serial-region-altered", "review", place.id, params={"signs": list(mark.signs)})
            return


def _blank(place: Place) -> bool:
    return place.agreement == "blank"
