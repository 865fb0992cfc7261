"""What could stand in a field at all: the forms of numbers, their check digits, and closed lists."""

from __future__ import annotations

import re

from scanservice.template import Region
from scanservice.verify import identifiers
from scanservice.verify.comparators.lists import vocabularies

_NUMERALS = "一二三四五六七八九十零〇0廿卅"
_FORMS = {
    "phone": re.compile(r"(86)?1[3-9]\d{9}|(0\d{2,3})?[2-9]\d{6,7}([转\d]\d{0,5})?|[48]00\d{7}"),
    "postcode": re.compile(r"\d{6}"),
    "date": re.compile(rf"(\d{{2}}|\d{{4}})年?\d{{1,2}}月?(\d{{1,2}}[日号]?)?|[{_NUMERALS}年月日号]+"),
}
"""Of folded texts, without dashes and spaces. Wider than the identifiers' own rules: what people write in
such fields counts, not only what the plan of numbers knows."""


def possible(region: Region, text: str) -> bool | None:
    """Whether a folded text could stand in a region; None where anything could."""
    plain = text.replace(" ", "")
    if region.compare == "id_number":
        return identifiers.resident_id(plain).valid
    if region.compare == "credit_code":
        return identifiers.credit_code(plain).valid
    if region.compare == "name":
        # No one is called by one character: the rest of the name is missing.
        return False if len(plain) == 1 else None
    if region.compare in _FORMS:
        return _FORMS[region.compare].fullmatch(plain) is not None
    return None


def other_entries(region: Region, expected: str) -> tuple[str, ...]:
    """What else a closed list lets stand in a region: empty where the field has no list, or it lacks this."""
    if region.compare == "choice":
        choices = region.choices or {}
        label = choices.get(expected, expected)
        return (
            tuple(other for other in choices.values() if other != label) if label in choices.values() else ()
        )
    vocabulary = vocabularies().get(region.value or "")
    group = None if vocabulary is None else vocabulary.group(expected)
    if vocabulary is None or group is None:
        return ()
    own = set(vocabulary.groups[group]) | {wide for _, wide in vocabulary.loose}
    return tuple(
        entry
        for index, entries in enumerate(vocabulary.groups)
        for entry in entries
        if index != group and entry not in own and not entry.isascii()
    )


def outside_list(region: Region, expected: str) -> bool:
    """Whether a text stands on none of the usual lists of its field, where there is one (gender, degree)."""
    vocabulary = vocabularies().get(region.value or "")
    return region.compare != "choice" and vocabulary is not None and vocabulary.group(expected) is None
