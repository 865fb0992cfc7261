"""Facts to findings: every rule that the case calls for, and nothing that is a mere consequence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

from scanservice.findings import Finding, catalogue
from scanservice.verdict import SEVERITY_ORDER
from scanservice.verify.facts import RuleFacts
from scanservice.verify.positive import gaps
from scanservice.verify.rules import RULES, Rule, Scope, Unknown, fact
from scanservice.verify.rules.view import form_stands, nothing_filled_in

CLOSING = frozenset(["student-not-registered", "already-filed"])
"""Findings about the case after which nothing is left to check, but for what was uploaded."""


def evaluate(facts: RuleFacts, rules: Sequence[Rule] = RULES) -> tuple[Finding, ...]:
    """The findings of all rules, the gravest first, then the most important, then in the form's order.

    A rule whose facts are not known is skipped, and the first finding for each such fact says so
    (`check-not-evaluated`); a rule that crashes is named (`check-failed`). Where no finding says why,
    but positive evidence for a pass is missing, `check-not-evaluated` says that.
    """
    found: list[Finding] = []
    unknown: dict[str, str | None] = {}
    for rule in sorted(_in_scope(facts, rules), key=lambda rule: rule.scope):
        for result in _asked(rule, facts):
            if isinstance(result, Unknown):
                unknown.setdefault(result.fact, result.region)
            else:
                found.append(result)
    found = closed(found, rules)
    if not any(finding.code in CLOSING for finding in found):
        found += [_not_evaluated(path, region) for path, region in unknown.items()]
    found = without_consequences(found)
    if all(finding.severity == "note" for finding in found):
        found += [_not_evaluated(check, None) for check in gaps(facts)[:1]]
    return tuple(sorted(found, key=lambda finding: _order(finding, facts)))


def _in_scope(facts: RuleFacts, rules: Sequence[Rule]) -> Iterator[Rule]:
    """The rules that can say more than a consequence of another finding, for this upload."""
    stands = form_stands(facts)
    filled = stands and not nothing_filled_in(facts)
    allowed = {Scope.CASE: True, Scope.UPLOAD: True, Scope.FORM: stands, Scope.CONTENT: filled}
    return (rule for rule in rules if allowed[rule.scope])


def _asked(rule: Rule, facts: RuleFacts) -> list[Finding | Unknown]:
    """A rule's results; where it crashes, that alone: half of an answer is none."""
    try:
        if not rule.when(facts):
            return []
        missing = [path for path in rule.needs if fact(facts, path) is None]
        if missing:
            return [Unknown(path) for path in missing]
        results = list(rule.check(facts))
        undeclared = {r.code for r in results if isinstance(r, Finding)} - rule.codes
        if undeclared:
            raise LookupError(f"undeclared codes of {rule.name}")
        return results
    except Exception as error:  # a rule must not take the check down with it
        params = {"check": rule.name, "reason": type(error).__name__}
        return [Finding("check-failed", "review", params=params)]


def _not_evaluated(check: str, region: str | None) -> Finding:
    return Finding("check-not-evaluated", "review", region, params={"check": check})


# ---------------------------------------------------------------- one defect, one finding


def closed(found: list[Finding], rules: Sequence[Rule]) -> list[Finding]:
    """After a closing finding only it and what is wrong with the upload itself are left."""
    if not any(finding.code in CLOSING for finding in found):
        return found
    upload = {code for rule in rules if rule.scope == Scope.UPLOAD for code in rule.codes}
    kept = CLOSING | upload | {"check-failed"}
    return [finding for finding in found if finding.code in kept]


_HIDES_ANYWHERE = {
    "already-filed": frozenset(["entry-not-confirmed", "school-seal-in-advance"]),
    "in-province-route": frozenset(["account-disabled", "in-province-employer"]),
    "agreement-blank": frozenset(["form-unclear"]),
}
_UNCLEAR = frozenset(["field-unclear", "seal-unclear", "signature-unclear", "serial-unreadable"])
_HIDES_THERE = {
    "field-altered": frozenset(["field-unclear"]),
    "region-unjudgeable": _UNCLEAR,
    "check-failed": _UNCLEAR,
    "serial-region-altered": frozenset(["serial-unreadable"]),
}
"""What a finding hides in its own region: the less precise word for the same thing."""


def without_consequences(found: list[Finding]) -> list[Finding]:
    """Without findings that say again, less precisely, what another one says, and without doubles."""
    kept: list[Finding] = []
    for finding in found:
        hidden = any(_hides(other, finding) for other in found if other is not finding)
        if not hidden and finding not in kept:
            kept.append(finding)
    return kept


def _hides(other: Finding, finding: Finding) -> bool:
    if finding.code in _HIDES_ANYWHERE.get(other.code, ()):
        return True
    there = other.region is not None and other.region == finding.region
    if there and finding.code in _HIDES_THERE.get(other.code, ()):
        return True
    if other.code == "entry-code-invalid" and finding.code in ("field-differs", "field-unclear"):
        return other.params["field"] == finding.params["field"] and other.params["reason"] != "other-province"
    return False


# ---------------------------------------------------------------- order


@cache
def _importance() -> dict[str, int]:
    return {code: place for place, code in enumerate(catalogue())}


def _order(finding: Finding, facts: RuleFacts) -> tuple[int, int, int]:
    """Severity, then the catalogue's order (the notice's), then the form's."""
    regions = [region.id for _, region in facts.template.regions()] if facts.template else []
    place = regions.index(finding.region) if finding.region in regions else -1
    return SEVERITY_ORDER.index(finding.severity), _importance()[finding.code], place
