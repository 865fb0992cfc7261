"""二(二)2: student and employer sign and seal first, the school last; whose name the seals bear."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from scanservice.findings import Finding
from scanservice.verify.comparators import same
from scanservice.verify.facts import RuleFacts
from scanservice.verify.rules.base import Result, Scope, Unknown, rule
from scanservice.verify.rules.ledger import at_hand
from scanservice.verify.rules.view import Place, needed, places, presence

LEGIBLE = 0.9
"""Confidence in a seal's reading from which another name on it sends the paper back, not to a person."""


@rule("student-signature-missing", "signature-missing", "signature-unclear", scope=Scope.CONTENT)
def signatures(facts: RuleFacts) -> Result:
    return _needed_marks(facts, "signature", {"student": "student-signature-missing"})


@rule("employer-seal-missing", "seal-missing", "seal-unclear", scope=Scope.CONTENT)
def seals(facts: RuleFacts) -> Result:
    return _needed_marks(facts, "seal", {"employer": "employer-seal-missing"})


def _needed_marks(facts: RuleFacts, kind: Literal["seal", "signature"], own: Mapping[str, str]) -> Result:
    """What the needed seals or signatures lack; `own`: codes of owners that have one of their own."""
    for place in places(facts, kind):
        if not needed(place, facts):
            continue
        found = presence(place)
        owner = place.region.owner or ""
        if found == "absent" and owner in own:
            yield Finding(own[owner], "return", place.id)
        elif found == "absent":
            yield Finding(f"{kind}-missing", "return", place.id, params={"owner": owner})
        elif found == "unsure" and not place.troubled:
            yield Finding(f"{kind}-unclear", "review", place.id, params={"owner": owner})
        elif found == "unseen":
            yield Unknown(f"regions.{place.id}", place.id)


@rule("seal-name-differs", "seal-unclear", scope=Scope.CONTENT)
def seal_names(facts: RuleFacts) -> Result:
    for place in places(facts, "seal"):
        judged = place.judgement
        if presence(place) != "present" or judged is None or place.region.owner == "school":
            continue
        params = {"read": judged.read, "expected": judged.expected}
        if judged.agreement == "differ":
            severity = "return" if judged.confidence >= LEGIBLE and not place.troubled else "review"
            yield Finding("seal-name-differs", severity, place.id, params=params)
        elif judged.agreement == "unsure" and place.region.owner == "employer" and not _grey(place):
            yield Finding("seal-unclear", "review", place.id, params={"owner": "employer"})


def _grey(place: Place) -> bool:
    """A copied seal is a finding of its own."""
    return bool(place.seen and place.seen.seal and place.seen.seal.ink == "grey")


def _red(place: Place) -> bool:
    return bool(place.seen and place.seen.seal and place.seen.seal.ink == "red")


@rule("school-seal-in-advance", "offer-notice-employer-differs", "seal-unclear", scope=Scope.CONTENT)
def school_seal_last(facts: RuleFacts) -> Result:
    for place in places(facts, "seal", owner="school"):
        found = presence(place)
        if found == "unsure" and not place.troubled:
            yield Finding("seal-unclear", "review", place.id, params={"owner": "school"})
        elif found == "unseen":
            yield Unknown(f"regions.{place.id}", place.id)
        elif found == "present":
            yield from _in_advance(facts, place)
            return


def _in_advance(facts: RuleFacts, place: Place) -> Result:
    """A school seal before the review: allowed with a sealed hiring notice from the same employer."""
    notice = facts.case.workflow.offer_notice
    paper = at_hand(facts)
    denied = (
        (paper is not None and paper.sealed_in_advance is False) or notice is None or notice.sealed is False
    )
    if denied:
        # A school's seal is red. Anything else may be dirt, a pen's, or a copy's: a person tells.
        yield Finding("school-seal-in-advance", "return" if _red(place) else "review", place.id)
        return
    if paper is None or paper.sealed_in_advance is None:
        yield Unknown("workflow.papers.sealed_in_advance", place.id)
    elif notice is None or notice.sealed is None:
        yield Unknown("workflow.offer_notice.sealed", place.id)
    else:
        yield from _same_employer(facts, notice.employer_name, place)


def _same_employer(facts: RuleFacts, noticed: str | None, place: Place) -> Result:
    entered = facts.case.value("entry.employer_name")
    if noticed is None:
        yield Unknown("workflow.offer_notice.employer_name", place.id)
    elif entered is not None:
        compared = same("organisation", entered, noticed)
        if compared.agreement != "agree":
            severity = "return" if compared.agreement == "differ" else "review"
            params = {"notice": noticed, "paper": entered}
            yield Finding("offer-notice-employer-differs", severity, place.id, params=params)
