"""Numbers and codes that check themselves: resident ID, credit code, region, postcode, telephone.

Every check gives an `IdentifierCheck`; its reason is a code, None where the text may be such a number.
What cannot be is a finding in the entry, and never believed in a reading.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources

from scanservice.template import Season
from scanservice.verify.comparators import phones
from scanservice.verify.comparators.base import half_width, without_punctuation, without_spaces
from scanservice.verify.regions_table import province as province_of
from scanservice.verify.regions_table import table


@dataclass(frozen=True, slots=True)
class IdentifierCheck:
    """Attributes:
    reason: why it cannot be: `length`, `characters`, `check-digit`, `organisation-code`, `birth-date`,
        `unknown-region`, `abolished-region`, `not-yet-a-region`, `format`, `area-code`,
        `other-province`; None where it can.
    kind: what it is, such as `resident-id`, `credit-code`, `organisation-code`, `mobile`, `landline`.
    """

    reason: str | None
    kind: str | None = None

    @property
    def valid(self) -> bool:
        return self.reason is None


# ---------------------------------------------------------------- resident ID (GB 11643)

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
_OTHER_DOCUMENT = re.compile(r"[HM]\d{8}(?:\d{2})?|\d{8}|[A-Z]{1,2}\d{7,8}|[A-Z]\d{9}|[A-Z]{3}\d{12}")
"""Permits of Hong Kong, Macao and Taiwan residents, passports, residence cards: not ours to check."""


def id_check_character(body: str) -> str:
    """The last character of a resident ID for its first 17 digits (ISO 7064, MOD 11-2)."""
    return _ID_CHECKS[sum(w * int(d) for w, d in zip(_ID_WEIGHTS, body, strict=True)) % 11]


def resident_id(text: str, *, today: dt.date | None = None) -> IdentifierCheck:
    """A resident ID of 18 characters, or an old one of 15, or another document's number.

    The province must be one; the county need not be listed: development zones and early codes are not.

    Args:
        today: a birth after it cannot be; None: not checked.
    """
    number = _plain(text)
    if len(number) not in (15, 18):
        other = _OTHER_DOCUMENT.fullmatch(number) is not None
        return IdentifierCheck(None, "other-document") if other else IdentifierCheck("length")
    body = number[:17] if len(number) == 18 else number
    if not _digits(body) or (len(number) == 18 and number[17] not in "0123456789X"):
        return IdentifierCheck(None if _OTHER_DOCUMENT.fullmatch(number) else "characters", "other-document")
    if province_of(body) is None:
        return IdentifierCheck("unknown-region", "resident-id")
    born = _date(body[6:14] if len(number) == 18 else f"19{body[6:12]}")
    if born is None or born.year < 1900 or (today is not None and born > today):
        return IdentifierCheck("birth-date", "resident-id")
    if len(number) == 18 and id_check_character(body) != number[17]:
        return IdentifierCheck("check-digit", "resident-id")
    return IdentifierCheck(None, "resident-id")


# ---------------------------------------------------------------- unified credit code (GB 32100)

_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
_ORGANISATION_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_DEPARTMENTS = "123456789ANY"
"""First places of GB 32100: the registering departments, by digit or letter; Y is all others."""


def credit_check_character(body: str) -> str:
    """The last character of a credit code for its first 17 (GB 32100: base 31, weights of powers of 3)."""
    values = (_CREDIT_ALPHABET.index(c) for c in body)
    return _CREDIT_ALPHABET[-sum(w * v for w, v in zip(_CREDIT_WEIGHTS, values, strict=True)) % 31]


def credit_code(text: str) -> IdentifierCheck:
    """A unified social credit code: its characters, check character, region and organisation code."""
    code = _plain(text)
    if len(code) != 18:
        return IdentifierCheck("length")
    if any(c not in _CREDIT_ALPHABET for c in code) or code[0] not in _DEPARTMENTS or not _digits(code[2:8]):
        return IdentifierCheck("characters", "credit-code")
    if credit_check_character(code[:17]) != code[17]:
        return IdentifierCheck("check-digit", "credit-code")
    # 10 and other heads that are no province stand for the state's own registers (GB 32100, note).
    if province_of(code[2:8]) is None and code[2:4] != "10":
        return IdentifierCheck("unknown-region", "credit-code")
    if not organisation_code(code[8:17]).valid:
        return IdentifierCheck("organisation-code", "credit-code")
    return IdentifierCheck(None, "credit-code")


def organisation_check_character(body: str) -> str:
    """The last character of an organisation code for its first eight (GB 11714)."""
    values = (_ORGANISATION_ALPHABET.index(c) for c in body)
    check = -sum(w * v for w, v in zip(_ORGANISATION_WEIGHTS, values, strict=True)) % 11
    return "X" if check == 10 else str(check)


def organisation_code(text: str) -> IdentifierCheck:
    """An organisation code of eight characters and a check character, with or without its hyphen."""
    code = _plain(text)
    if len(code) != 9:
        return IdentifierCheck("length")
    if any(c not in _ORGANISATION_ALPHABET for c in code[:8]):
        return IdentifierCheck("characters", "organisation-code")
    if organisation_check_character(code[:8]) != code[8]:
        return IdentifierCheck("check-digit", "organisation-code")
    return IdentifierCheck(None, "organisation-code")


def employer_code(text: str) -> IdentifierCheck:
    """The code of an employer: a credit code, or the organisation code that came before it."""
    return organisation_code(text) if len(_plain(text)) == 9 else credit_code(text)


# ---------------------------------------------------------------- region (GB/T 2260)


def region(text: str, season: Season | None = None) -> IdentifierCheck:
    """A region code of six digits that was in force in a season; without one, at any time."""
    code = _plain(text)
    if len(code) != 6:
        return IdentifierCheck("length")
    if not _digits(code):
        return IdentifierCheck("characters")
    places = table().get(code, ())
    if not places:
        return IdentifierCheck("unknown-region")
    if any(place.in_force(season) for place in places):
        return IdentifierCheck(None, "region")
    ended = season is not None and season.from_ and all((p.last or 9999) < season.from_.year for p in places)
    return IdentifierCheck("abolished-region" if ended else "not-yet-a-region", "region")


# ---------------------------------------------------------------- postcode and telephone


@cache
def _provinces(file: str) -> dict[str, frozenset[str]]:
    text = resources.files("scanservice.verify").joinpath(f"data/{file}").read_text(encoding="utf-8")
    return {row["code"]: frozenset(row["provinces"].split()) for row in csv.DictReader(text.splitlines())}


def postcode(text: str, province: str | None = None) -> IdentifierCheck:
    """A postcode of six digits.

    Args:
        province: two digits of GB/T 2260 in which it should lie; None: not checked.
    """
    code = _plain(text)
    if len(code) != 6:
        return IdentifierCheck("length")
    provinces = _provinces("postcodes.csv").get(code[:2]) if _digits(code) else None
    if provinces is None or code.endswith("0" * 5):
        return IdentifierCheck("format")
    if province is not None and province not in provinces:
        return IdentifierCheck("other-province", "postcode")
    return IdentifierCheck(None, "postcode")


_LANDLINE = re.compile(r"[2-9]\d{6,7}")
_SERVICE = re.compile(r"(?:400|800)\d{7}|(?:95|96|12|10)\d{3,6}")
_MOBILE = re.compile(r"1[3-9]\d{9}")
_EIGHT_DIGITS = frozenset(["010", "020", "021", "022", "023", "024", "025", "027", "028", "029"])
"""Area codes of three places go with numbers of eight; those of four with seven or eight."""


def phone(text: str, province: str | None = None) -> IdentifierCheck:
    """One or more telephone numbers: mobiles, landlines with or without area code, service numbers.

    Args:
        province: two digits of GB/T 2260 in which a landline's area code should lie; None: not checked.
    """
    found = phones.numbers(text)
    if not found:
        return IdentifierCheck("format")
    for number in found:
        checked = _telephone(number, province)
        if checked.reason:
            return checked
    return _telephone(found[0], province)


def _telephone(number: phones.Telephone, province: str | None) -> IdentifierCheck:
    if _MOBILE.fullmatch(number.number) and number.area is None:
        return IdentifierCheck(None, "mobile")
    if number.area is None and _SERVICE.fullmatch(number.number):
        return IdentifierCheck(None, "service")
    if not _LANDLINE.fullmatch(number.number):
        return IdentifierCheck("format")
    if number.area is None:
        return IdentifierCheck(None, "landline")
    provinces = _provinces("area_codes.csv").get(number.area)
    if provinces is None:
        return IdentifierCheck("area-code", "landline")
    if number.area in _EIGHT_DIGITS and len(number.number) != 8:
        return IdentifierCheck("length", "landline")
    if province is not None and province not in provinces:
        return IdentifierCheck("other-province", "landline")
    return IdentifierCheck(None, "landline")


def _plain(text: str) -> str:
    return without_punctuation(without_spaces(half_width(text))).upper()


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _date(digits: str) -> dt.date | None:
    try:
        return dt.date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return None
