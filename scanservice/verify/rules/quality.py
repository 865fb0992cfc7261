"""What cannot be judged in this picture, and what the program itself failed to do."""

from __future__ import annotations

from scanservice.evidence import Trouble
from scanservice.findings import Finding
from scanservice.geometry import MM_PER_INCH
from scanservice.verify.facts import RuleFacts
from scanservice.verify.rules.base import Result, Scope, rule
from scanservice.verify.rules.hidden import form_hidden, hidden_in_places, unjudgeable
from scanservice.verify.rules.view import Place

GROUP_FROM = 3
"""From so many places of a page with one trouble, the page is spoken of, not each place."""


def _trouble(place: Place) -> Trouble:
    return place.seen.quality.troubles[0] if place.seen else "covered"


@rule("region-unjudgeable", "resolution-too-low", scope=Scope.CONTENT)
def picture_good_enough(facts: RuleFacts) -> Result:
    if facts.layout.standing == "unsure" and form_hidden(facts) and not hidden_in_places(facts):
        return  # the whole picture is asked for again
    groups: dict[tuple[str, Trouble], list[Place]] = {}
    for place in unjudgeable(facts):
        groups.setdefault((place.page.name, _trouble(place)), []).append(place)
    low = [place for (_, trouble), group in groups.items() if trouble == "low_resolution" for place in group]
    if low:
        dots = min(place.seen.quality.dots_per_mm for place in low if place.seen)
        yield Finding("resolution-too-low", "retake", low[0].id, params={"dpi": round(dots * MM_PER_INCH)})
    for (_, trouble), group in groups.items():
        if trouble == "low_resolution":
            continue
        shown = [group] if len(group) >= GROUP_FROM else [[place] for place in group]
        for together in shown:
            params = {"reason": trouble, "field": [place.name for place in together]}
            yield Finding("region-unjudgeable", "retake", together[0].id, params=params)


@rule("check-failed", scope=Scope.FORM)
def stages_done(facts: RuleFacts) -> Result:
    for failure in facts.evidence.failures:
        params = {"check": failure.stage, "reason": failure.reason}
        yield Finding("check-failed", "review", failure.region, params=params)
