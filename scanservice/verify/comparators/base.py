"""What all comparators share: their results, and ways to write one text more plainly."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from scanservice.case import Case
from scanservice.template import Region

WILDCARD = "\ufffc"
"""Stands for one character, whichever: a rare one that was replaced when the roster was reported."""


@dataclass(frozen=True, slots=True)
class Variant:
    """A text that the paper may show for an expected one.

    Attributes:
        text: what the ink would say, in one line; may hold `WILDCARD`.
        why: a code for how it differs from the expected text; `exact` where it does not.
        agreement: what it means if the paper shows it: `agree`, or `unsure` (a person decides).
        cells: for a region with cells, what stands in each; empty where the region has none or the
            text does not fit them.
    """

    text: str
    why: str
    agreement: Literal["agree", "unsure"]
    cells: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """Whether two texts say the same, and by which reason (a code)."""

    agreement: Literal["agree", "differ", "unsure"]
    why: str


@dataclass(frozen=True, slots=True)
class Comparer:
    """One comparator of the template format.

    Attributes:
        normalise: the text without what never matters in such a field.
        same: compares an expected text with another one; the region may narrow it, and may be None.
        variants: texts that the paper may show, best first.
    """

    normalise: Callable[[str], str]
    same: Callable[[str, str, Region | None], Comparison]
    variants: Callable[[str, Region, Case], Iterable[Variant]]


Step = tuple[str, Callable[[str], str]]


def climb(one: str, other: str, steps: Iterable[Step]) -> tuple[str | None, str, str]:
    """Writes both texts ever more plainly until they are the same.

    Returns:
        The step that made them the same (None where none did), and both texts as they then are.
    """
    for why, plainer in steps:
        one, other = plainer(one), plainer(other)
        if one == other:
            return why, one, other
    return None, one, other


def plain(text: str, steps: Iterable[Step]) -> str:
    """The text after all steps."""
    for _, plainer in steps:
        text = plainer(text)
    return text


def as_it_is(text: str) -> str:
    return text


def half_width(text: str) -> str:
    """Compatibility forms written plainly: full width letters and digits, Ⅱ, ①."""
    return unicodedata.normalize("NFKC", text)


def without_spaces(text: str) -> str:
    """Without white space and characters that show nothing."""
    return "".join(c for c in text if not c.isspace() and unicodedata.category(c) not in ("Cf", "Cc"))


def without_punctuation(text: str) -> str:
    """Letters, digits and the wildcard alone."""
    return "".join(c for c in text if unicodedata.category(c)[0] in "LNM" or c == WILDCARD)


def upper(text: str) -> str:
    return text.upper()


BASIC: tuple[Step, ...] = (("exact", as_it_is), ("width", half_width), ("spaces", without_spaces))

_NUMBER = re.compile("[零〇○一二三四五六七八九十百千壹贰叁肆伍陆柒捌玖拾佰仟]+")
_DIGITS = {c: i for row in ("零一二三四五六七八九", "〇壹贰叁肆伍陆柒捌玖") for i, c in enumerate(row)} | {
    "○": 0
}
_UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}


def arabic(text: str) -> str:
    """Chinese numerals as Arabic ones: 十二 as 12, 二〇一八 as 2018, 三百零五 as 305.

    A run that begins with 百 or 千 is left alone: it is part of a name.
    """
    return _NUMBER.sub(lambda match: _value(match[0]), text)


def _value(run: str) -> str:
    if run[0] in "百佰千仟":
        return run
    if not any(c in _UNITS for c in run):
        return "".join(str(_DIGITS[c]) for c in run)
    total, digit = 0, None
    for c in run:
        if c in _UNITS:
            total += (1 if digit is None else digit) * _UNITS[c]
            digit = None
        else:
            digit = _DIGITS[c]
    return str(total + (digit or 0))


def chinese(number: int, *, zero: str = "〇") -> str:
    """A number from 0 to 99 in Chinese: 12 as 十二."""
    figures = f"{zero}一二三四五六七八九"
    tens, ones = divmod(number, 10)
    if number < 10:
        return figures[number]
    return ("" if tens == 1 else figures[tens]) + "十" + (figures[ones] if ones else "")


def leaves_out(short: str, long: str) -> bool:
    """Whether `short` is `long` with some characters left out, and with the same digits."""
    rest = iter(long)
    digits = "".join(c for c in short if c.isdigit()) == "".join(c for c in long if c.isdigit())
    return digits and len(short) < len(long) and all(c in rest for c in short)
