"""What a rule is, and how one is registered."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from scanservice.findings import Finding
from scanservice.verify.facts import RuleFacts


class Scope(IntEnum):
    """How much must be known of the upload before a rule says something that is not a mere consequence.

    CASE: nothing: it is about the case alone. UPLOAD: nothing: it is about what was uploaded. FORM: that
    it is the accepted form. CONTENT: that something is filled in, too.
    """

    CASE = 0
    UPLOAD = 1
    FORM = 2
    CONTENT = 3


@dataclass(frozen=True, slots=True)
class Unknown:
    """A rule's answer where it turned out, at one place, that a fact is missing.

    Attributes:
        fact: the path of the fact, such as `workflow.papers`; region: where it matters, if in one place.
    """

    fact: str
    region: str | None = None


Result = Iterable[Finding | Unknown]
Check = Callable[[RuleFacts], Result]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule.

    Attributes:
        name: kebab case; named when it crashes.
        codes: the findings that it may make.
        needs: facts that must be known, as paths into the case (`workflow.papers`) or the season
            (`season.home_region`); where one is not, the rule is skipped and the fact reported.
        when: whether the case calls for it at all; it must not turn on `needs`.
    """

    name: str
    codes: frozenset[str]
    needs: tuple[str, ...]
    scope: Scope
    when: Callable[[RuleFacts], bool]
    check: Check


RULES: list[Rule] = []


def always(facts: RuleFacts) -> bool:
    return True


def rule(
    *codes: str, scope: Scope, needs: tuple[str, ...] = (), when: Callable[[RuleFacts], bool] = always
) -> Callable[[Check], Check]:
    """Registers a function as the rule of its name."""

    def register(check: Check) -> Check:
        name = check.__name__.strip("_").replace("_", "-")
        RULES.append(Rule(name, frozenset(codes), needs, scope, when, check))
        return check

    return register


def fact(facts: RuleFacts, path: str) -> Any:
    """The fact at a path; None where it, or what holds it, is not known."""
    first, *rest = path.split(".")
    holder: Any = facts.season if first == "season" else getattr(facts.case, first)
    for key in rest:
        holder = None if holder is None else getattr(holder, key)
    return holder
