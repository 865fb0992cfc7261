"""二(一), 二(二): which way the student signs, and the account that goes with it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from scanservice.findings import Finding
from scanservice.verify.comparators import same
from scanservice.verify.facts import RuleFacts
from scanservice.verify.regions_table import (
    certain_names,
    city_and_province_stems,
    located,
    province,
    significant,
)
from scanservice.verify.rules.base import Result, Scope, Unknown, fact, rule
from scanservice.verify.rules.view import form_stands, nothing_filled_in

SIGNED_ONLINE = ("accepted", "printed", "filed")
_IN_BRACKETS = re.compile(r"[(（]([^()（）]{2,6})[)）]")
_BRANCH = re.compile(r"分公司|分行|支行|分院|分所|分部|分店|办事处|代表处|事业部")


@rule("in-province-route", scope=Scope.CASE, needs=("workflow.route",))
def route(facts: RuleFacts) -> Result:
    by_facts = facts.case.workflow.route == "in_province"
    if by_facts or (signed_online(facts) and online_differs(facts) == "agree"):
        yield Finding("in-province-route", "return")


def signed_online(facts: RuleFacts) -> bool:
    """Whether the student accepted an invitation on the site, which is for employers of the province."""
    online = facts.case.workflow.online_agreement
    return online is not None and online.state in SIGNED_ONLINE


def online_differs(facts: RuleFacts) -> str:
    """How the online agreement's employer compares with the paper's; `agree` where one is not known."""
    online = facts.case.workflow.online_agreement
    entered = facts.case.value("entry.employer_name")
    if online is None or online.employer_name is None or entered is None:
        return "agree"
    return same("organisation", entered, online.employer_name).agreement


@rule("employer-changed-counts-as-termination", scope=Scope.CASE, when=signed_online)
def same_employer_online(facts: RuleFacts) -> Result:
    online = facts.case.workflow.online_agreement
    entered = facts.case.value("entry.employer_name")
    if online is not None and online.employer_name is None:
        yield Unknown("workflow.online_agreement.employer_name")
    elif online is not None and online_differs(facts) != "agree":
        severity = "return" if online_differs(facts) == "differ" else "review"
        params = {"paper": entered, "online": online.employer_name}
        yield Finding("employer-changed-counts-as-termination", severity, params=params)


@rule(scope=Scope.CASE)
def online_agreement_told(facts: RuleFacts) -> Result:
    online = facts.case.workflow.online_agreement
    if online is not None and online.state is None:
        yield Unknown("workflow.online_agreement.state")


@rule("account-disabled", scope=Scope.CASE, needs=("workflow.account",))
def account(facts: RuleFacts) -> Result:
    if facts.case.workflow.account == "disabled" and not _explained(facts):
        yield Finding("account-disabled", "return")


def _explained(facts: RuleFacts) -> bool:
    """Whether the notice itself says why the account is off.

    It is switched off when an invitation is accepted (二(一)2), until a termination is through (三), and
    for holders of a paper who turn to the province's own employers (二(一)注); an agreement that is filed
    (二(二)5) ends the check before.
    """
    workflow = facts.case.workflow
    ending = workflow.state == "terminating" or any(
        termination.state == "requested" for termination in workflow.terminations or ()
    )
    online = signed_online(facts) or workflow.route == "in_province"
    transitional = at_home(facts) is True or (form_stands(facts) and nothing_filled_in(facts))
    return ending or online or transitional


# ---------------------------------------------------------------- where the employer is


def home(facts: RuleFacts) -> str | None:
    """The home province's code without trailing zeros: two digits, or more where home is a part of one."""
    region = facts.season.home_region
    return significant(region.ljust(6, "0")) if region else None


def at_home(facts: RuleFacts) -> bool | None:
    """Whether the employer is inside the home province, by its region, address or name; None: not told."""
    entry, inside = facts.case.entry, home(facts)
    if entry is None or inside is None:
        return None
    # A county that no table lists still says its province.
    code = entry.employer_region or ""
    region = frozenset([code] if province(code) else [])
    places = (region, located(entry.employer_address or ""), _seat(entry.employer_name or ""))
    told = [_inside(codes, inside) for codes in places]
    return True if True in told else False if False in told else None


def _inside(codes: Iterable[str], home: str) -> bool | None:
    """Whether a place lies in the home province; None where the codes that it may have do not say."""
    parts = {significant(code) for code in codes}
    answers = {part.startswith(home) for part in parts}
    wider = any(home.startswith(part) and part != home for part in parts)
    return answers.pop() if len(answers) == 1 and not wider else None


def province_of_text(text: str | None) -> str | None:
    """The province of the region that a text begins with; None where that is not certain."""
    return _province(located(text)) if text else None


def _province(codes: Iterable[str]) -> str | None:
    found = {province(code) for code in codes}
    return found.pop() if len(found) == 1 else None


def _seat(name: str) -> frozenset[str]:
    """Codes of the place in a name: of the branch it names (青岛银行北京分行), of brackets, of its beginning,
    or of a region's certain name anywhere (国网山东省电力公司)."""
    branch = _BRANCH.search(name)
    if branch is not None:
        return _last_place(name[: branch.end()], city_and_province_stems())
    inside = _IN_BRACKETS.search(name)
    at_edges = (located(inside[1]) if inside else frozenset()) or located(name)
    return at_edges or _last_place(name, certain_names())


def _last_place(text: str, names: frozenset[str]) -> frozenset[str]:
    """Codes of the last region in a text by one of these names; a road is none."""
    places = sorted({text.rindex(name) for name in names if name in text}, reverse=True)
    found = (located(text[place:]) for place in places)
    return next((codes for codes in found if codes), frozenset())


@rule(
    "in-province-employer",
    scope=Scope.CASE,
    when=lambda facts: facts.case.entry is not None and home(facts) is not None,
)
def employer_elsewhere(facts: RuleFacts) -> Result:
    inside = at_home(facts)
    if inside is None:
        yield Unknown("entry.employer_region")
    elif inside:
        employer = facts.case.value("entry.employer_name")
        yield Finding("in-province-employer", "return", params={"employer": employer})


@rule("region-address-disagree", scope=Scope.CASE, when=lambda facts: facts.case.entry is not None)
def region_and_address(facts: RuleFacts) -> Result:
    region = fact(facts, "entry.employer_region")
    address = fact(facts, "entry.employer_address")
    there, here = (province(region) if region else None), province_of_text(address)
    if there and here and there != here:
        params = {"region": region, "address": address}
        yield Finding("region-address-disagree", "review", params=params)
