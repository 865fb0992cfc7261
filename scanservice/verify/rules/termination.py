"""三: ending an agreement: once only, before the season's date, and the old papers handed back."""

from __future__ import annotations

from scanservice.case import Termination
from scanservice.findings import Finding
from scanservice.verify.facts import RuleFacts
from scanservice.verify.rules.base import Result, Scope, Unknown, rule

NEEDS = ("workflow.terminations",)


def _all(facts: RuleFacts) -> tuple[Termination, ...]:
    return facts.case.workflow.terminations or ()


def _used_up(facts: RuleFacts) -> bool:
    return len(_all(facts)) > 1


@rule("termination-already-used", scope=Scope.CASE, needs=NEEDS)
def termination_once(facts: RuleFacts) -> Result:
    if _used_up(facts):
        yield Finding("termination-already-used", "return")


@rule(
    "termination-too-late",
    scope=Scope.CASE,
    needs=NEEDS,
    when=lambda facts: facts.season.terminations_before is not None,
)
def termination_in_time(facts: RuleFacts) -> Result:
    deadline = facts.season.terminations_before
    for termination in _all(facts):
        if termination.applied_on is None:
            yield Unknown("workflow.terminations.applied_on")
        elif deadline is not None and termination.applied_on >= deadline:
            yield Finding("termination-too-late", "return", params={"deadline": deadline.isoformat()})
            return


@rule("termination-pending", scope=Scope.CASE, needs=NEEDS)
def termination_approved(facts: RuleFacts) -> Result:
    if any(termination.state is None for termination in _all(facts)):
        yield Unknown("workflow.terminations.state")
    if _used_up(facts):
        return  # a second one will not be approved
    requested = any(termination.state == "requested" for termination in _all(facts))
    if requested or facts.case.workflow.state == "terminating":
        yield Finding("termination-pending", "return")


@rule("previous-paper-not-returned", scope=Scope.CASE, needs=NEEDS)
def previous_papers(facts: RuleFacts) -> Result:
    for termination in _all(facts):
        # Inside the province the site's release is enough; what was signed where is not known: on paper.
        if termination.state != "approved" or termination.route == "in_province":
            continue
        returned = termination.papers_returned
        if returned is None and _handed_back(facts, termination):
            continue
        if returned is False:
            params = {"serial": termination.serial}
            yield Finding("previous-paper-not-returned", "return", params=params)
        elif returned is None:
            yield Unknown("workflow.terminations.papers_returned")


def _handed_back(facts: RuleFacts, termination: Termination) -> bool:
    """Whether the case's papers say it, where the termination does not."""
    papers = facts.case.workflow.papers or ()
    return any(paper.serial == termination.serial and paper.status == "returned" for paper in papers)
