"""一: who the student is. The reported roster prevails."""

from __future__ import annotations

from collections.abc import Iterator

from scanservice.evidence import Judgement
from scanservice.findings import Finding
from scanservice.verify.comparators.names import ROSTER_REPLACED
from scanservice.verify.facts import RuleFacts
from scanservice.verify.rules.base import Result, Scope, rule
from scanservice.verify.rules.view import Place, denied_by_paper, places

OWN_CODES = {"student.name": "student-name-differs", "student.id_number": "id-number-differs"}
"""Values whose difference has a code of its own."""


@rule("student-not-registered", scope=Scope.CASE, needs=("workflow.registered",))
def registration(facts: RuleFacts) -> Result:
    if facts.case.workflow.registered is False:
        yield Finding("student-not-registered", "return")


@rule("student-name-differs", "id-number-differs", scope=Scope.CONTENT)
def identity(facts: RuleFacts) -> Result:
    reported: set[str] = set()
    for place, judged in _judged(facts):
        code = OWN_CODES[place.region.value or ""]
        if (judged.agreement == "differ" or judged.leans) and code not in reported:
            reported.add(code)
            level = "review" if judged.leans or denied_by_paper(place, facts) else "return"
            yield Finding(code, level, place.id, params={"read": judged.read, "expected": judged.expected})


@rule("roster-replaced-character", scope=Scope.CONTENT)
def roster_replaced_character(facts: RuleFacts) -> Result:
    for place, judged in _judged(facts):
        if judged.agreement == "agree" and judged.why == ROSTER_REPLACED:
            params = {"read": judged.read, "expected": judged.expected}
            yield Finding("roster-replaced-character", "note", place.id, params=params)
            return


def _judged(facts: RuleFacts) -> Iterator[tuple[Place, Judgement]]:
    for place in places(facts, "text"):
        if place.region.value in OWN_CODES and place.judgement is not None and not place.troubled:
            yield place, place.judgement
