"""One paper, one seal imprint, one case: what earlier scans of other cases show as well."""

from __future__ import annotations

from scanservice.findings import Finding
from scanservice.verify.facts import ReuseHit, RuleFacts
from scanservice.verify.rules.base import Result, Scope, rule


def _others(hits: list[ReuseHit]) -> dict[str, list[str]]:
    """For reviewers only: whose scans they are."""
    return {
        "cases": sorted({hit.case for hit in hits}),
        "scans": sorted({hit.scan for hit in hits if hit.scan is not None}),
    }


@rule("scan-reused", "seal-imprint-reused", scope=Scope.UPLOAD, when=lambda facts: facts.reuse is not None)
def shown_once(facts: RuleFacts) -> Result:
    others = [hit for hit in facts.reuse or () if hit.case != facts.case.case]
    papers = [hit for hit in others if hit.kind in ("file", "ink")]
    seals = [hit for hit in others if hit.kind == "seal"]
    if papers:
        yield Finding("scan-reused", "review", internal=_others(papers))
    elif seals:
        region = next((hit.region for hit in seals if hit.region), None)
        yield Finding("seal-imprint-reused", "review", region, internal=_others(seals))
