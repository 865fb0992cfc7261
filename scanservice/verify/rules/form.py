"""二(二)4: the scan must show the paper that the school issued, whole, and filled in."""

from __future__ import annotations

from scanservice.findings import Finding, catalogue
from scanservice.verify.facts import RuleFacts
from scanservice.verify.rules.base import Result, Scope, rule
from scanservice.verify.rules.hidden import form_hidden, hidden_in_places
from scanservice.verify.rules.view import form_stands, nothing_filled_in, places, presence

SCREEN_FROM = 0.5
"""Of `Layout.screen`, which is a probability: from where a photographed screen is the likelier case."""


BAD_PICTURE = 0.5
"""Share of a form's regions with troubles from which its print is no evidence against it. Good forms that
were blurred until their print looked foreign had troubles in every region; retyped ones in a fifth."""


@rule("electronic-agreement", "not-school-issued", scope=Scope.UPLOAD)
def accepted_form(facts: RuleFacts) -> Result:
    template = facts.template
    if template is not None and not template.accepts and facts.layout.standing in ("accepted", "refused"):
        refusal = template.description.refusal
        if refusal is not None and refusal in catalogue() and not catalogue()[refusal].params:
            yield Finding(refusal, "return")
        else:
            yield Finding("not-school-issued", "return", params={"reason": "refused-form"})
    elif template is not None and facts.layout.standing == "foreign" and not picture_is_bad(facts):
        yield Finding("not-school-issued", "return", params={"reason": "print-differs"})
    elif template is None and facts.layout.standing == "foreign":
        yield Finding("not-school-issued", "return", params={"reason": "unknown-form"})


@rule("form-unclear", scope=Scope.UPLOAD)
def form_can_be_told(facts: RuleFacts) -> Result:
    hidden_print = facts.layout.standing == "foreign" and picture_is_bad(facts)
    unsure = facts.layout.standing == "unsure" and not hidden_in_places(facts)
    if (unsure or hidden_print) and "mirrored" not in facts.layout.relations:
        yield Finding("form-unclear", "retake" if form_hidden(facts) else "review")


@rule("picture-mirrored", scope=Scope.UPLOAD)
def picture_as_seen(facts: RuleFacts) -> Result:
    if "mirrored" in facts.layout.relations:
        yield Finding("picture-mirrored", "retake")


def picture_is_bad(facts: RuleFacts) -> bool:
    """Whether most of what was found of a form cannot be judged in this picture."""
    seen = facts.evidence.regions.values()
    troubled = sum(bool(region.quality.troubles) for region in seen)
    return bool(seen) and troubled >= BAD_PICTURE * len(seen)


@rule("page-missing", scope=Scope.FORM)
def pages_complete(facts: RuleFacts) -> Result:
    # A page of the upload that could not be told may be the missing one: then it is the picture's fault.
    untold = "unknown" in facts.layout.relations or picture_is_bad(facts)
    for page in facts.layout.missing:
        yield Finding("page-missing", "retake" if untold else "return", params={"page": page})


@rule("page-duplicate", scope=Scope.FORM)
def pages_once(facts: RuleFacts) -> Result:
    for index, relation in enumerate(facts.layout.relations):
        if relation == "duplicate":
            yield Finding("page-duplicate", "note", scan_page=index, params={"page": index + 1})


@rule("agreement-blank", scope=Scope.FORM)
def filled_in(facts: RuleFacts) -> Result:
    if nothing_filled_in(facts):
        yield Finding("agreement-blank", "return")


@rule("photocopy", scope=Scope.CONTENT)
def original_ink(facts: RuleFacts) -> Result:
    for place in places(facts, "seal"):
        seal = place.seen and place.seen.seal
        if seal and presence(place) == "present" and seal.ink == "grey":
            yield Finding("photocopy", "review", place.id)
            return


@rule("screen-photograph", scope=Scope.UPLOAD)
def paper_itself(facts: RuleFacts) -> Result:
    if form_stands(facts) and facts.layout.screen is not None and facts.layout.screen >= SCREEN_FROM:
        yield Finding("screen-photograph", "review")
