"""Comparison as people mean it: one comparator for each `compare` of the template format.

A comparator answers two questions: which texts may the paper show for an expected one (`variants`, to be
scored against the ink), and do two texts say the same (`same`). Both give a code for why:

| agree | unsure | differ |
|---|---|---|
| exact, width, spaces, dots, letter-case, separators, brackets, numerals, number-sign, region-suffix, \
region-prefix, area-code, country-code, extension, date-form, leading-zero, short-year, chinese-numerals, \
more-precise, code-for-label, synonym, suffix, roster-replaced-character | abbreviation, legal-form, \
region-left-out, part-left-out, wider-word, several-numbers, ambiguous-date, not-a-date, old-number, \
organisation-code, roster-replaced-character | differs, other-entry, area-code-differs, extension-differs |
"""

from __future__ import annotations

from collections.abc import Mapping

from scanservice.case import Case
from scanservice.template import Comparator, Region
from scanservice.verify.comparators import codes, dates, lists, names, phones, places
from scanservice.verify.comparators.base import WILDCARD, Comparer, Comparison, Variant

__all__ = ["MAX_VARIANTS", "WILDCARD", "Comparison", "Variant", "normalise", "same", "variants"]

MAX_VARIANTS = 32
"""Each is scored against the ink: a bound on the time of a region, and on chances to agree by accident."""

COMPARERS: Mapping[Comparator, Comparer] = {
    "name": Comparer(names.normalise, names.same, names.variants),
    "id_number": Comparer(codes.normalise, codes.same_id, codes.variants),
    "credit_code": Comparer(codes.normalise, codes.same_credit, codes.credit_variants),
    "organisation": Comparer(
        places.normalise_organisation, places.same_organisation, places.organisation_variants
    ),
    "address": Comparer(places.normalise_address, places.same_address, places.address_variants),
    "phone": Comparer(phones.normalise, phones.same, phones.variants),
    "postcode": Comparer(codes.normalise, codes.same_postcode, codes.variants),
    "date": Comparer(dates.normalise, dates.same, dates.variants),
    "choice": Comparer(lists.normalise_choice, lists.same_choice, lists.choice_variants),
    "text": Comparer(lists.normalise, lists.same, lists.variants),
}


def variants(region: Region, expected: str, case: Case) -> tuple[Variant, ...]:
    """The texts that the paper may show for an expected one, at most `MAX_VARIANTS`.

    The plain expected text comes first, then those that agree, then those that leave it unsure; each
    text once, under its best meaning. For a choice the first is the label of the expected code.

    Args:
        region: a text region with a comparator; without one it is compared as text.
        expected: what the case says; not empty.
        case: for what else the case knows of it, such as the region an address lies in.
    """
    comparer = COMPARERS[region.compare or "text"]
    found: dict[tuple[str, tuple[str, ...]], Variant] = {}
    for variant in comparer.variants(expected, region, case):
        if variant.text:
            found.setdefault((variant.text, variant.cells), variant)
    ordered = sorted(found.values(), key=lambda variant: variant.agreement != "agree")
    return tuple(ordered[:MAX_VARIANTS])


def same(compare: Comparator, a: str, b: str, *, region: Region | None = None) -> Comparison:
    """Whether two texts of such a field say the same.

    Args:
        a: what is expected; b: what was read, or another fact of the case.
        region: narrows it by the value that stands there and its choices; None: no narrowing.
    """
    return COMPARERS[compare].same(a, b, region)


def normalise(compare: Comparator, text: str) -> str:
    """The text without what never matters in such a field: equal results say the same."""
    return COMPARERS[compare].normalise(text)
