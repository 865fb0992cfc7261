"""二(二)2: dates of signing: there, in order, after the paper was issued, not in the future."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from scanservice.findings import Finding
from scanservice.verify.facts import RuleFacts
from scanservice.verify.rules.base import Result, Scope, Unknown, rule
from scanservice.verify.rules.ledger import at_hand
from scanservice.verify.rules.view import DATES, places

SIGNED = ("student_signed_on", "employer_signed_on")


@rule("date-missing", scope=Scope.CONTENT)
def dates_there(facts: RuleFacts) -> Result:
    for place in places(facts, "text"):
        if place.region.value not in DATES:
            continue
        not_entered = facts.case.value(place.region.value) is None
        not_written = place.agreement == "blank" and not place.troubled
        if not_written or (not_entered and place.region.required and facts.case.entry is not None):
            yield Finding("date-missing", "review", place.id)


@rule("date-implausible", scope=Scope.CONTENT, when=lambda facts: facts.case.entry is not None)
def dates_plausible(facts: RuleFacts) -> Result:
    for value, reason, day in _implausible(facts):
        region = next((place.id for place in places(facts, "text") if place.region.value == value), None)
        params = {"reason": reason, "date": day.isoformat()}
        yield Finding("date-implausible", "review", region, params=params)


def _implausible(facts: RuleFacts) -> Iterator[tuple[str, str, dt.date]]:
    """Each date that is not plausible once, with the first reason why."""
    entry = facts.case.entry
    signed = {key: getattr(entry, key) for key in SIGNED}
    confirmed = entry.confirmed_on if entry else None
    for key, day in signed.items():
        reason = _alone(facts, day) if day else None
        if day and reason:
            yield f"entry.{key}", reason, day
    first, second = (signed[key] for key in SIGNED)
    if first and second and second < first and not _alone(facts, first) and not _alone(facts, second):
        yield "entry.employer_signed_on", "out-of-order", second
    if confirmed and confirmed > facts.today:
        yield "entry.confirmed_on", "in-the-future", confirmed
    elif confirmed and any(day and not _alone(facts, day) and confirmed < day for day in signed.values()):
        yield "entry.confirmed_on", "before-signing", confirmed


def _alone(facts: RuleFacts, day: dt.date) -> str | None:
    """Why a date of signing cannot be, whatever the others are."""
    paper = at_hand(facts)
    season = facts.season
    if day > facts.today:
        return "in-the-future"
    if paper and paper.issued_on and day < paper.issued_on:
        return "before-issue"
    if season.from_ and day < season.from_:
        return "before-the-season"
    return "after-the-season" if season.until and day > season.until else None


@rule(scope=Scope.CONTENT, when=lambda facts: facts.case.entry is not None)
def issue_date_known(facts: RuleFacts) -> Result:
    paper = at_hand(facts)
    if paper is not None and paper.status in ("held", None) and paper.issued_on is None:
        yield Unknown("workflow.papers.issued_on")
