"""The second line of defence: whether every place and fact speaks for a pass, whatever the rules said.

Written apart from the rules, and stricter than them: it asks for positive evidence, never for the absence
of a finding. Where it finds a gap that no finding explains, the verdict is `review`.
"""

from __future__ import annotations

from collections.abc import Iterator

from scanservice.template import Region
from scanservice.verify.facts import ABSENT_UP_TO, PRESENT_FROM, RuleFacts


def gaps(facts: RuleFacts) -> tuple[str, ...]:
    """What a pass lacks, as names of places (`regions.<id>`) and facts; empty where it lacks nothing."""
    return (*_form(facts), *_regions(facts), *_workflow(facts))


def _form(facts: RuleFacts) -> Iterator[str]:
    layout = facts.layout
    if facts.template is None or not facts.template.accepts or layout.standing != "accepted":
        yield "layout.standing"
    if layout.missing:
        yield "layout.missing"
    if facts.evidence.failures:
        yield "evidence.failures"
    if facts.serial.agreement != "agree" or facts.serial.read != facts.serial.expected:
        yield "serial"


def _regions(facts: RuleFacts) -> Iterator[str]:
    if facts.template is None:
        return
    found = {fit.page for fit in facts.layout.fits}
    for page, region in facts.template.regions():
        # A page that the form does without says nothing where it was not scanned.
        scanned = page.required or page.name in found
        if scanned and not _speaks_for_it(region, facts):
            yield f"regions.{region.id}"


def _speaks_for_it(region: Region, facts: RuleFacts) -> bool:
    judged = facts.judgements.get(region.id)
    agrees = judged is not None and judged.agreement == "agree"
    if region.kind == "serial":
        return agrees
    if region.kind == "text":
        known = region.value is not None and facts.case.value(region.value) is not None
        if known:
            return agrees
        may_lack = not region.required or region.value == "entry.authority_name"
        return may_lack or (region.value is None and _written(region, facts))
    if region.kind in ("seal", "signature"):
        return _mark_speaks_for_it(region, facts)
    return True


def _written(region: Region, facts: RuleFacts) -> bool:
    seen = facts.evidence.regions.get(region.id)
    return seen is not None and seen.ink is not None and seen.ink.blank < 0.5


def _mark_speaks_for_it(region: Region, facts: RuleFacts) -> bool:
    seen = facts.evidence.regions.get(region.id)
    mark = seen and (seen.seal or seen.signature)
    if region.kind == "seal" and region.owner == "school":
        return mark is not None and (mark.presence <= ABSENT_UP_TO or _sealed_in_advance(facts))
    entry = facts.case.entry
    unneeded = region.owner == "authority" and (entry is None or entry.authority_name is None)
    if not region.required or region.owner == "school" or unneeded:
        return True
    there = mark is not None and mark.presence >= PRESENT_FROM
    judged = facts.judgements.get(region.id)
    named = judged is not None and judged.agreement == "agree"
    return there and (named or region.kind != "seal" or region.owner != "employer")


def _sealed_in_advance(facts: RuleFacts) -> bool:
    notice = facts.case.workflow.offer_notice
    papers = (*(facts.case.workflow.papers or ()), *(facts.ledger.papers if facts.ledger else ()))
    sealed = any(paper.serial == facts.serial.read and paper.sealed_in_advance for paper in papers)
    return sealed and notice is not None and notice.sealed is True


def _workflow(facts: RuleFacts) -> Iterator[str]:
    workflow = facts.case.workflow
    if workflow.registered is not True:
        yield "workflow.registered"
    if workflow.route != "out_of_province":
        yield "workflow.route"
    if workflow.account != "enabled":
        yield "workflow.account"
    if workflow.state not in ("entry_confirmed", "scan_uploaded", "returned"):
        yield "workflow.state"
    if facts.case.entry is None or facts.case.entry.confirmed_on is None:
        yield "entry.confirmed_on"
    if workflow.terminations is None:
        yield "workflow.terminations"
    if workflow.papers is None and facts.ledger is None:
        yield "workflow.papers"
