"""Names of people: spaces, `·`, and rare characters that were replaced when the roster was reported."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Literal

from scanservice.case import Case
from scanservice.template import Region
from scanservice.verify.comparators.base import (
    BASIC,
    WILDCARD,
    Comparison,
    Step,
    Variant,
    climb,
    half_width,
    plain,
    without_punctuation,
    without_spaces,
)

ROSTER_REPLACED = "roster-replaced-character"
ROSTER_NAME = "student.name"
"""The one value that the roster reports, and in which it replaces characters."""

_DOTS = str.maketrans("", "", "·•・‧∙･．.。、'’`-")
_PLACEHOLDER = re.compile(
    r"[?*？＊�□_XＸ×]|[A-Za-zÀ-ɏü]{1,6}[1-5]?|[(（\[【{][^)）\]】}]{1,6}[)）\]】}]|\ufffc"
)
"""What stands in a roster where a character could not be written: ?, *, a box, its pinyin, its parts."""

STEPS: tuple[Step, ...] = (
    *BASIC,
    ("dots", lambda text: text.translate(_DOTS)),
    ("letter-case", str.upper),
)


def normalise(text: str) -> str:
    return plain(text, STEPS)


def is_common(character: str) -> bool:
    """Whether GB 2312 holds it in its first level: every system could write it, so no roster replaced it."""
    try:
        code = character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return len(code) == 2 and 0xB0 <= code[0] <= 0xD7


def is_han(character: str) -> bool:
    return (
        len(character) == 1 and character.isalpha() and not character.isascii() and ord(character) >= 0x2E80
    )


@cache
def _table(name: str) -> dict[str, str]:
    text = resources.files("scanservice.verify").joinpath(f"data/{name}").read_text(encoding="utf-8")
    rows = csv.reader(text.splitlines())
    next(rows)
    return dict(rows)


@cache
def variants_of(character: str) -> frozenset[str]:
    """Other ways to write a character, where one of the two is rare."""
    listed = set(_table("variants.csv").get(character, ""))
    if is_common(character):
        listed |= {rare for rare, others in _table("variants.csv").items() if character in others}
    return frozenset(other for other in listed if not (is_common(other) and is_common(character)))


@cache
def _by_parts() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for character, spellings in _table("components.csv").items():
        for parts in spellings.split():
            found.setdefault(parts, set()).add(character)
    return {parts: frozenset(characters) for parts, characters in found.items()}


def parts_of(character: str) -> tuple[str, ...]:
    """The spellings of a rare character by its parts, such as 吉吉 for 喆."""
    return tuple(_table("components.csv").get(character, "").split())


def spelled(parts: str) -> frozenset[str]:
    """The rare characters that these parts make."""
    return _by_parts().get(parts, frozenset())


def tokens(name: str) -> tuple[str, ...]:
    """A name cut into characters and placeholders: 李(吉吉) is (李, (吉吉)).

    A name in Latin letters throughout has no placeholders: it is a foreigner's.
    """
    name = without_spaces(half_width(name)).translate(_DOTS)
    if not any(is_han(c) for c in name):
        return tuple(name.upper())
    cut: list[str] = []
    at = 0
    while at < len(name):
        match = _PLACEHOLDER.match(name, at)
        cut.append(match[0] if match else name[at])
        at = match.end() if match else at + 1
    return tuple(cut)


def _is_placeholder(token: str) -> bool:
    return bool(_PLACEHOLDER.fullmatch(token))


def _parts(token: str) -> str:
    """The parts in a component-spelled placeholder; empty in another one."""
    inside = without_punctuation(token)
    return inside if inside and all(is_han(c) for c in inside) else ""


def same_character(one: str, other: str) -> str | None:
    """Why two tokens may be one rare character; None where they are not: a difference.

    Returns:
        `agree`, `unsure` (a common character where a placeholder stands), or None.
    """
    if one == other:
        return "agree"
    if _is_placeholder(one) and _is_placeholder(other):
        return "unsure"
    for hole, character in ((one, other), (other, one)):
        if not _is_placeholder(hole):
            continue
        known = spelled(_parts(hole)) if _parts(hole) else frozenset()
        if character == WILDCARD or character in known:
            return "agree"
        if known and character not in known:
            close = any(character in variants_of(k) for k in known)
            return "agree" if close else "unsure" if not is_common(character) else None
        return "unsure" if is_common(character) else "agree"
    if other in variants_of(one):
        return "agree"
    return "unsure" if _part_of(one, other) or _part_of(other, one) else None


def _part_of(part: str, whole: str) -> bool:
    """A rare character replaced by the part that gives its sound: 月 for 玥."""
    return len(part) == 1 and any(part in spelling for spelling in parts_of(whole))


def same(expected: str, other: str, region: Region | None) -> Comparison:
    why, plain_expected, plain_other = climb(expected, other, STEPS)
    if why:
        return Comparison("agree", why)
    roster = region is None or region.value in (None, ROSTER_NAME)
    found = _replaced(tokens(expected), tokens(other)) or _spelled_out(plain_expected, plain_other)
    if found == "agree":
        return Comparison("agree" if roster else "unsure", ROSTER_REPLACED)
    if found == "unsure":
        return Comparison("unsure", ROSTER_REPLACED)
    return Comparison("differ", "differs")


def _replaced(one: tuple[str, ...], other: tuple[str, ...]) -> str | None:
    """`agree` where exactly one token differs and may be one rare character; `unsure` where more do."""
    if len(one) != len(other):
        return None
    unlike = [same_character(a, b) for a, b in zip(one, other, strict=True) if a != b]
    if not unlike or None in unlike:
        return None
    return "agree" if unlike == ["agree"] else "unsure"


def _spelled_out(one: str, other: str) -> str | None:
    """李吉吉 for 李喆 or 李(吉吉): the parts written side by side, without brackets."""
    one, other = without_punctuation(one), without_punctuation(other)
    if one == other:
        return "agree"
    for short, long in ((one, other), (other, one)):
        for at, character in enumerate(short):
            if any(short[:at] + parts + short[at + 1 :] == long for parts in parts_of(character)):
                return "agree"
    return None


def variants(expected: str, region: Region, case: Case) -> Iterator[Variant]:
    cut = tokens(expected)
    roster: Literal["agree", "unsure"] = "agree" if region.value in (None, ROSTER_NAME) else "unsure"
    latin = not any(is_han(c) for c in expected)
    joined = without_spaces(half_width(expected))
    bare = joined.translate(_DOTS)
    holes = [at for at, token in enumerate(cut) if not latin and _is_placeholder(token)]
    yield Variant(joined, "exact" if joined == expected else "spaces", "agree")
    if bare != joined:
        yield Variant(bare, "dots", "agree")
    if len(holes) > 1:
        yield Variant(
            "".join(WILDCARD if at in holes else t for at, t in enumerate(cut)), ROSTER_REPLACED, "unsure"
        )
        return
    for at in holes:
        known = sorted(spelled(_parts(cut[at]))) if _parts(cut[at]) else []
        for character in [*known, *([_parts(cut[at])] if known else [])]:
            yield Variant(_with(cut, at, character), ROSTER_REPLACED, roster)
        # Parts that make a known character leave no room for any other one.
        anything: Literal["agree", "unsure"] = "unsure" if known else roster
        yield Variant(_with(cut, at, WILDCARD), ROSTER_REPLACED, anything)
    if holes or latin:
        return
    for at, token in enumerate(cut):
        for character in sorted(variants_of(token)):
            yield Variant(_with(cut, at, character), ROSTER_REPLACED, roster)


def _with(cut: tuple[str, ...], at: int, character: str) -> str:
    return "".join(character if i == at else token for i, token in enumerate(cut))
