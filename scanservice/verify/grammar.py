"""What could stand in a field at all: the forms of numbers, their check digits, and closed lists."""

from __future__ import annotations

import re

from scanservice.template import Region

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_FORMS = {
    "phone": re.compile(
        r"(86)?1[3-9]\d{9}|(0\d{2,3})?[2-9]\d{6,7}([转\d]\d{0,5})?|[48]00\d{7}|1[0-2]\d{3,6}"
    ),
    "postcode": re.compile(r"\d{6}"),
    "date": re.compile(r"\d{1,4}\D?\d{1,2}\D?(\d{1,2}\D?)?|[一二三四五六七八九十0廿卅年月日 ]+"),
}


def possible(region: Region, text: str) -> bool | None:
    """Whether a folded text could stand in a region; None where anything could."""
    plain = text.replace(" ", "")
    if region.compare == "id_number":
        return _id_number(plain)
    if region.compare in _FORMS:
        return _FORMS[region.compare].fullmatch(plain) is not None
    return None


def _id_number(text: str) -> bool:
    if not re.fullmatch(r"\d{17}[\dX]", text):
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_ID_WEIGHTS, text, strict=False))
    return "10X98765432"[total % 11] == text[17]
