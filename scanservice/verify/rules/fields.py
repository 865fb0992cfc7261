"""二(二)3: every field of the paper against the entry, and corrections in it."""

from __future__ import annotations

from collections.abc import Iterator

from scanservice.evidence import Judgement
from scanservice.findings import Finding
from scanservice.verdict import Severity
from scanservice.verify.facts import RuleFacts
from scanservice.verify.rules.altered import is_altered
from scanservice.verify.rules.base import Result, Scope, Unknown, rule
from scanservice.verify.rules.hidden import told_in_spite
from scanservice.verify.rules.view import (
    DATES,
    Place,
    denied_by_paper,
    expected,
    inked,
    must_be_filled_in,
    places,
)
from scanservice.verify.rules.who import OWN_CODES

_DECISIVE = ("student.name", "student.id_number", "student.number")
_DECISIVE_PREFIXES = ("entry.employer_", "entry.archive_")


def severity(value: str | None) -> Severity:
    """Identity, employer and archive fields send the paper back; of the rest a person judges."""
    if value is None or value in DATES:
        return "review"
    return "return" if value in _DECISIVE or value.startswith(_DECISIVE_PREFIXES) else "review"


def _failed(facts: RuleFacts) -> set[str | None]:
    return {failure.region for failure in facts.evidence.failures}


def judged(facts: RuleFacts) -> Iterator[tuple[Place, Judgement]]:
    """Text regions whose expected text is known and that could be judged, or show what is expected."""
    for place in places(facts, "text"):
        if place.judgement is None or expected(place, facts) is None:
            continue
        if not place.troubled or place.agreement == "agree":
            yield place, place.judgement


@rule("field-differs", scope=Scope.CONTENT)
def fields_agree(facts: RuleFacts) -> Result:
    """A difference that the ink only leans to is named as one, but it is a person who tells."""
    reported: set[str | None] = set()
    for place, judgement in sorted(judged(facts), key=lambda pair: pair[1].leans):
        value = place.region.value
        denied = judgement.agreement == "differ" or (judgement.leans and not is_altered(place))
        if denied and value not in OWN_CODES and value not in reported:
            reported.add(value)
            params = {"field": place.name, "read": judgement.read, "expected": judgement.expected}
            doubted = judgement.leans or denied_by_paper(place, facts)
            level = "review" if doubted else severity(value)
            yield Finding("field-differs", level, place.id, params=params)


@rule("field-unclear", scope=Scope.CONTENT)
def fields_legible(facts: RuleFacts) -> Result:
    failed = _failed(facts)
    denied = {
        place.region.value
        for place, judgement in judged(facts)
        if judgement.agreement == "differ" or judgement.leans
    }
    for place, judgement in judged(facts):
        if judgement.agreement != "unsure" or place.region.value in denied:
            continue  # where the value is denied in another place, that is the finding
        if not is_altered(place) and not {None, place.id} & failed:
            params = {"field": place.name, "read": judgement.read, "expected": judgement.expected}
            yield Finding("field-unclear", "review", place.id, params=params)


@rule("field-blank", scope=Scope.CONTENT)
def fields_filled_in(facts: RuleFacts) -> Result:
    for place, judgement in judged(facts):
        if judgement.agreement == "blank" and place.region.value not in DATES:
            level = severity(place.region.value) if place.region.required else "review"
            yield Finding("field-blank", level, place.id, params={"field": place.name})
    for place in places(facts, "text"):
        # A field that the case says nothing of must still be filled in.
        unknown = place.region.value is None and place.region.required
        if unknown and place.seen is not None and not place.troubled and not inked(place):
            yield Finding("field-blank", "review", place.id, params={"field": place.name})


@rule("field-not-expected", scope=Scope.CONTENT)
def fields_entered(facts: RuleFacts) -> Result:
    for place in places(facts, "text"):
        value = place.region.value
        if value is not None and value.startswith("entry.") and facts.case.entry is None:
            continue  # nothing was entered: that is the finding
        known = value is None or expected(place, facts) is not None
        if known or must_be_filled_in(place.region) or place.troubled or not inked(place):
            continue
        read = place.judgement.read if place.judgement else None
        yield Finding("field-not-expected", "review", place.id, params={"field": place.name, "read": read})


@rule("field-altered", scope=Scope.CONTENT)
def fields_uncorrected(facts: RuleFacts) -> Result:
    for place in places(facts, "text"):
        # Where the picture is asked for again, blots in it are no corrections.
        if is_altered(place) and (not place.troubled or told_in_spite(place)):
            yield Finding("field-altered", "review", place.id, params={"field": place.name})


@rule(scope=Scope.CONTENT)
def fields_judged(facts: RuleFacts) -> Result:
    """A field that the case calls for and nobody looked at; a roster fact that is not known."""
    for place in places(facts, "text"):
        value = place.region.value
        known = expected(place, facts) is not None
        if place.troubled or value is None:
            continue
        if not known and place.region.required and value.startswith("student."):
            yield Unknown(value, place.id)
        elif known and place.agreement == "not_evaluated":
            yield Unknown(f"regions.{place.id}", place.id)
