"""What the picture hides: of the form's print, and of the places that the case turns on."""

from __future__ import annotations

from collections.abc import Iterator

from scanservice.evidence import PageFit
from scanservice.verify.facts import RuleFacts
from scanservice.verify.rules.altered import is_altered
from scanservice.verify.rules.view import Place, called_for, places, presence

TOLD_SHARE = 0.6
"""Of the print regions of a page, so many must be seen for the page to be told in spite of the others."""
LIKE = 0.7
"""Score from which print is the form's without a doubt: on pictures of the form 0.86 and more, of another
form's print 0.45 and less."""


def unjudgeable(facts: RuleFacts) -> Iterator[Place]:
    """Places that the case turns on and that this picture does not show well enough.

    A place that shows what is expected in spite of it was judged.
    """
    for place in places(facts, "text", "serial", "seal", "signature"):
        if place.troubled and called_for(place, facts) and not told_in_spite(place):
            yield place


def told_in_spite(place: Place) -> bool:
    """Whether a place shows what it should though the picture is bad there.

    What lies on the paper looks like ink where it begins: beside it nobody can tell whether a field that
    shows what was entered was corrected.
    """
    if place.region.kind in ("seal", "signature"):
        return presence(place) == "present"
    if place.agreement == "agree":
        return not (place.seen and "covered" in place.seen.quality.troubles and is_altered(place))
    return place.region.kind == "serial" and place.agreement == "differ"


def form_hidden(facts: RuleFacts) -> bool:
    """Whether the picture, rather than the paper, keeps the form from being told."""
    prints = [match for fit in facts.layout.fits for match in fit.prints]
    seen = [region.quality.troubles for region in facts.evidence.regions.values()]
    return not prints or any(not match.judged for match in prints) or any(seen)


def hidden_in_places(facts: RuleFacts) -> bool:
    """Whether all that is seen of the form's print is the form's, and places that must be seen are not.

    Then it is these places that are asked for. The form still is not accepted: nothing of it can pass.
    """
    layout = facts.layout
    if layout.standing != "unsure" or facts.template is None or not facts.template.accepts:
        return False
    unsure = any(fit.standing == "unsure" for fit in layout.fits)
    like = unsure and all(_seen_is_like(fit) for fit in layout.fits)
    return like and next(unjudgeable(facts), None) is not None


def _seen_is_like(fit: PageFit) -> bool:
    if fit.standing == "accepted":
        return True
    named = [match for match in fit.prints if match.region is not None]
    told = [match for match in fit.prints if match.judged]
    seen = sum(match.judged for match in named)
    hidden = seen < len(named)
    return hidden and seen >= TOLD_SHARE * len(named) and all(match.score >= LIKE for match in told)
