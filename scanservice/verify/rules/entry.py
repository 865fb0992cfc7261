"""二(二)3: the entry of the agreement and of the archive receiver: complete, confirmed, possible."""

from __future__ import annotations

from collections.abc import Iterator

from scanservice.case import Entry
from scanservice.findings import Finding
from scanservice.verify import identifiers
from scanservice.verify.comparators import same
from scanservice.verify.facts import RuleFacts
from scanservice.verify.names_of_people import looks_like_a_person
from scanservice.verify.regions_table import province
from scanservice.verify.rules.base import Result, Scope, Unknown, rule
from scanservice.verify.rules.route import province_of_text
from scanservice.verify.rules.view import DATES, form_stands, must_be_filled_in

ALWAYS = ("serial", "employer_name", "archive_receiver")
"""What every entry must have, whatever the form asks for: the paper, the employer, the archive receiver."""
UNCONFIRMED = ("registered", "paper_issued", "entry_draft")


def entered(facts: RuleFacts) -> bool:
    return facts.case.entry is not None


@rule("entry-missing", scope=Scope.CASE)
def entry_complete(facts: RuleFacts) -> Result:
    entry = facts.case.entry
    if entry is None:
        yield Finding("entry-missing", "return", params={"fields": []})
        return
    asked = [f"entry.{key}" for key in ALWAYS]
    if form_stands(facts) and facts.template is not None:
        required = (region for _, region in facts.template.regions() if must_be_filled_in(region))
        asked += [region.value for region in required if region.value and region.value not in DATES]
    fields = [
        path for path in Entry.model_fields if f"entry.{path}" in asked and getattr(entry, path) is None
    ]
    if fields:
        yield Finding("entry-missing", "return", params={"fields": [f"entry.{key}" for key in fields]})


@rule("entry-not-confirmed", scope=Scope.CASE, when=entered)
def entry_confirmed(facts: RuleFacts) -> Result:
    workflow = facts.case.workflow
    later = facts.case.entry is not None and facts.case.entry.confirmed_on is not None
    returned = workflow.state == "returned" and not later
    if workflow.state in UNCONFIRMED or returned:
        yield Finding("entry-not-confirmed", "return")


@rule("already-filed", scope=Scope.CASE)
def not_filed_yet(facts: RuleFacts) -> Result:
    if facts.case.workflow.state == "filed":
        yield Finding("already-filed", "return")


@rule("archive-receiver-implausible", scope=Scope.CASE, when=entered)
def archive_receiver(facts: RuleFacts) -> Result:
    entry = facts.case.entry
    receiver = entry.archive_receiver if entry else None
    if entry is None or receiver is None:
        return  # entry-missing says so
    reason = _not_an_institution(receiver, facts.case.student.name, entry)
    if reason:
        yield Finding("archive-receiver-implausible", "review", params={"reason": reason})


def _not_an_institution(receiver: str, student: str, entry: Entry) -> str | None:
    """Why a receiver of archives is none; None where it may be one."""
    themselves = student in receiver and looks_like_a_person(receiver.replace(student, ""))
    if themselves or same("name", student, receiver).agreement == "agree":
        return "the-student"
    if receiver in (entry.archive_contact, entry.employer_contact):
        return "a-contact"
    return "a-person" if looks_like_a_person(receiver) else None


@rule("entry-code-invalid", scope=Scope.CASE)
def codes_possible(facts: RuleFacts) -> Result:
    for path, reason in (*_identity(facts), *_codes(facts), *_reachable(facts)):
        yield Finding("entry-code-invalid", "return", params={"field": path, "reason": reason})


def _identity(facts: RuleFacts) -> Iterator[tuple[str, str]]:
    number = facts.case.student.id_number
    if number is not None:
        found = identifiers.resident_id(number, today=facts.today)
        if found.reason:
            yield "student.id_number", found.reason


def _codes(facts: RuleFacts) -> Iterator[tuple[str, str]]:
    entry = facts.case.entry
    if entry is None:
        return
    checks = (
        ("employer_code", lambda text: identifiers.employer_code(text)),
        ("employer_region", lambda text: identifiers.region(text, facts.season)),
    )
    for key, check in checks:
        text = getattr(entry, key)
        found = check(text) if text else None
        if found and found.reason:
            yield f"entry.{key}", found.reason


def _reachable(facts: RuleFacts) -> Iterator[tuple[str, str]]:
    """Postcodes and telephones, on their own and against the province of the address beside them."""
    entry = facts.case.entry
    if entry is None:
        return
    region = province(entry.employer_region) if entry.employer_region else None
    address = province_of_text(entry.employer_address)
    # Where region and address disagree, that is the finding: nothing can be held against either.
    employer = None if region and address and region != address else region or address
    archive = province_of_text(entry.archive_address)
    for text, path, check, place in (
        (entry.employer_postcode, "entry.employer_postcode", identifiers.postcode, employer),
        (entry.archive_postcode, "entry.archive_postcode", identifiers.postcode, archive),
        (entry.employer_phone, "entry.employer_phone", identifiers.phone, employer),
        (entry.archive_phone, "entry.archive_phone", identifiers.phone, archive),
    ):
        found = check(text, place) if text else None
        if found and found.reason:
            yield path, found.reason


@rule(scope=Scope.CASE)
def state_told(facts: RuleFacts) -> Result:
    """A state that says that the entry is confirmed, and an entry that is not."""
    confirmed = facts.case.workflow.state in ("entry_confirmed", "scan_uploaded")
    if confirmed and facts.case.entry is not None and facts.case.entry.confirmed_on is None:
        yield Unknown("entry.confirmed_on")
