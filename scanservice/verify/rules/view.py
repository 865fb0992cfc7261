"""What the rules see of the upload: its regions with what was measured and judged in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile
from typing import Literal

from scanservice.evidence import Judgement, RegionEvidence
from scanservice.template import Owner, Page, Region, RegionKind
from scanservice.verify.facts import ABSENT_UP_TO, BLANK_FROM, PRESENT_FROM, RuleFacts

DATES = frozenset(["entry.student_signed_on", "entry.employer_signed_on", "entry.confirmed_on"])
MAY_BE_NONE = frozenset(["entry.authority_name", "entry.confirmed_on"])
"""Values that a case may lack for good: an employer without an authority, an entry not confirmed yet."""
AFTER_REVIEW: frozenset[Owner] = frozenset(["school"])
"""Whose seals and signatures come last, after the review of the scan (二(二)2)."""


@dataclass(frozen=True, slots=True)
class Place:
    """A region of the form, and what is known of it; `order` is its place in the template, from 0."""

    region: Region
    page: Page
    order: int
    seen: RegionEvidence | None
    judgement: Judgement | None

    @property
    def id(self) -> str:
        return self.region.id

    @property
    def name(self) -> str:
        """What to call it: the path of the value that stands there, whose mark it is, its label, its id."""
        region = self.region
        if region.kind == "serial":
            return "entry.serial"
        if region.kind in ("seal", "signature"):
            return f"{region.kind}.{region.owner}"
        return region.value or region.label or region.id

    @property
    def troubled(self) -> bool:
        """Whether the picture is too bad there to say that something is missing or wrong."""
        return self.seen is not None and bool(self.seen.quality.troubles)

    @property
    def agreement(self) -> str:
        return self.judgement.agreement if self.judgement else "not_evaluated"


def places(facts: RuleFacts, *kinds: RegionKind, owner: Owner | None = None) -> Iterator[Place]:
    """The regions of the form's pages that were found, in its order; only some kinds, only an owner's."""
    if facts.template is None:
        return
    found = {fit.page for fit in facts.layout.fits}
    for order, (page, region) in enumerate(facts.template.regions()):
        if page.name not in found or (kinds and region.kind not in kinds):
            continue
        if owner is None or region.owner == owner:
            seen = facts.evidence.regions.get(region.id)
            yield Place(region, page, order, seen, facts.judgements.get(region.id))


def presence(place: Place) -> Literal["present", "absent", "unsure", "unseen"]:
    """Whether a seal or signature is there; `unsure` where the picture is too bad to say that it is not."""
    mark = place.seen and (place.seen.seal or place.seen.signature)
    if not mark:
        return "unseen"
    if mark.presence >= PRESENT_FROM:
        return "present"
    if mark.presence <= ABSENT_UP_TO and not place.troubled:
        return "absent"
    return "unsure"


def inked(place: Place) -> bool:
    """Whether more likely than not something is written in a text region."""
    return place.seen is not None and place.seen.ink is not None and place.seen.ink.blank < 0.5


def denied_by_paper(place: Place, facts: RuleFacts) -> bool:
    """Whether the same value stands right in another place, and here one character of it is read otherwise.

    Then the reading is as likely to be wrong as the paper, and a person tells.
    """
    judged = place.judgement
    if judged is None or not _one_apart(judged.read or "", judged.expected or ""):
        return False
    return any(
        other.id != place.id and other.region.value == place.region.value and other.agreement == "agree"
        for other in places(facts, "text")
    )


def _one_apart(one: str, other: str) -> bool:
    """Whether texts differ by one character: another one, one too many or too few."""
    start = _common(one, other)
    end = _common(one[start:][::-1], other[start:][::-1])
    return max(len(one), len(other)) - start - end <= 1


def _common(one: str, other: str) -> int:
    """Characters with which both begin."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def form_stands(facts: RuleFacts) -> bool:
    """Whether the upload shows the accepted form, for certain or as far as can be told."""
    accepted = facts.template is not None and facts.template.accepts
    return accepted and facts.layout.standing in ("accepted", "unsure")


def nothing_filled_in(facts: RuleFacts) -> bool:
    """Whether the form is as it was issued: no field, signature or seal, of those that can be judged."""
    fields = [
        place for place in places(facts, "text") if place.seen is not None and place.seen.ink is not None
    ]
    marks = list(places(facts, "seal", "signature"))
    if not fields or any(place.troubled for place in fields):
        return False
    blank = all(place.seen and place.seen.ink and place.seen.ink.blank >= BLANK_FROM for place in fields)
    return blank and all(presence(place) in ("absent", "unseen") for place in marks)


def needed(place: Place, facts: RuleFacts) -> bool:
    """Whether a seal or signature must be there when the scan is reviewed.

    An authority's is needed only where the employer has one; the school's comes after the review.
    """
    owner = place.region.owner
    if not place.region.required or owner in AFTER_REVIEW:
        return False
    entry = facts.case.entry
    return owner != "authority" or (entry is not None and entry.authority_name is not None)


def called_for(place: Place, facts: RuleFacts) -> bool:
    """Whether a check of the case turns on this region."""
    region = place.region
    if region.kind in ("seal", "signature"):
        return needed(place, facts) or (region.kind == "seal" and region.owner in AFTER_REVIEW)
    if region.kind == "text":
        return must_be_filled_in(region) or expected(place, facts) is not None
    return region.kind == "serial"


def must_be_filled_in(region: Region) -> bool:
    """Whether the form requires a text there, and the case must know it."""
    return region.required and region.value not in MAY_BE_NONE


def expected(place: Place, facts: RuleFacts) -> str | None:
    """What the case says should stand in a text region; None where it does not say."""
    return facts.case.value(place.region.value) if place.region.value else None
