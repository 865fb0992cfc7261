"""Which of the recogniser's symbols count as the same when writing is compared.

The recogniser tells 18,708 characters apart, among them full and half width forms, variants of one
character, and signs. For agreement most of these differences mean nothing: signs and spaces are folded
into the CTC blank, forms of one character into one, and, in fields of digits, letters that a hand
writes like digits into those digits.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import cache
from importlib import resources

import numpy as np

from scanservice.verify.dense import Integers

WILD = "\ufffc"
"""One character that may be anything (a rare one that the roster could not hold)."""
BREAK = "\x1f"
"""The border between two cells of a field."""

VARIANTS = (
    "户戸 说説 产産 录録 绿綠緑 吴呉 卫衞 为爲 众衆 够夠 胸胷 裹褁 鸡鷄 线綫 研硏 污汚 丰豊 冲沖 况況 径徑 "
    "复復 参參 将將 应應 畅暢 帐帳 冈岡"
)
"""Forms of one character that Unicode's tables leave open or out; each group counts as its first."""

_DIGIT_LETTERS = (
    dict.fromkeys("OQD〇○口", "0")
    | dict.fromkeys("ILl|丨\\", "1")
    | dict.fromkeys(">＞", "7")
    | {"Z": "2", "了": "3", "S": "5", "G": "6", "b": "6", "B": "8", "q": "9"}
)
_STROKES = dict.fromkeys("/()（）", "1")
"""Where no sign can stand a stroke that leans or bends is a one."""
_ID_LETTERS = _DIGIT_LETTERS | _STROKES | dict.fromkeys("×乂χΧ", "X")
_CODE_LETTERS = (
    {"O": "0", "Z": "2", "S": "5", "×": "X"}
    | dict.fromkeys("〇○", "0")
    | dict.fromkeys("I|丨\\", "1")
    | dict.fromkeys(">＞", "7")
    | _STROKES
)
"""GB 32100 leaves out the letters I, O, S, V and Z, so that they can only be digits."""
_DATE_LETTERS = {key: value for key, value in _DIGIT_LETTERS.items() if key not in "口丨了"}
_BLANKS_IN_NUMBERS = "一_~丶"
DATE_CELLS = "date-cells"
"""Numbers of a date each in a cell of its own, where no stroke parts them."""
NUMBER = "number"
"""A text of digits alone, such as a student's number."""
FOLDINGS: dict[str, dict[str, str]] = {
    "phone": _DIGIT_LETTERS | dict.fromkeys(_BLANKS_IN_NUMBERS, ""),
    "postcode": _DIGIT_LETTERS | _STROKES | dict.fromkeys(_BLANKS_IN_NUMBERS, ""),
    NUMBER: _DIGIT_LETTERS | _STROKES | dict.fromkeys(_BLANKS_IN_NUMBERS, ""),
    "serial": _DIGIT_LETTERS,
    "id_number": _ID_LETTERS | dict.fromkeys(_BLANKS_IN_NUMBERS, ""),
    "credit_code": _CODE_LETTERS | dict.fromkeys(_BLANKS_IN_NUMBERS, ""),
    "date": _DATE_LETTERS | dict.fromkeys("()（）", "1"),
    DATE_CELLS: _DATE_LETTERS | _STROKES,
}
"""Beyond what holds everywhere, by comparator; comparators of words have none."""
_NUMERALS = "0123456789"
_CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
PERMITTED: dict[str, frozenset[str]] = {
    "phone": frozenset(_NUMERALS + "转"),
    "postcode": frozenset(_NUMERALS),
    NUMBER: frozenset(_NUMERALS),
    "id_number": frozenset(_NUMERALS + "X"),
    "credit_code": frozenset(_NUMERALS + _CAPITALS),
    "date": frozenset(_NUMERALS + "一二三四五六七八九十零廿卅年月日号"),
    "serial": frozenset(_NUMERALS + _CAPITALS),
}
PERMITTED[DATE_CELLS] = PERMITTED["date"]
"""What can stand in a field of numbers: nothing else that the recogniser sees there is a rival. Characters
of the texts that are scored always count."""
KEPT_SIGNS = {"address": "-#"}
_DASHES = "-‐‑‒–—―－−～~"


@cache
def _variant_of() -> dict[str, str]:
    """Traditional and other forms that no simplified text is written with, and what they stand for.

    A model that was trained on both scripts often emits the traditional form for a simplified hand. Only
    a form outside GB 2312 counts as another, so that no two characters of simplified texts become one.
    """
    text = resources.files("scanservice.verify").joinpath("data", "variants.csv").read_text(encoding="utf-8")
    found: dict[str, str] = {}
    for line in text.splitlines()[1:]:
        form, _, others = line.partition(",")
        if _level(form):
            continue
        simplified = [other for other in others if _level(other)]
        common = [other for other in simplified if _level(other) == 1]
        chosen = simplified if len(simplified) == 1 else common
        if len(chosen) == 1:
            found[form] = chosen[0]
    return found | {form: group[0] for group in VARIANTS.split() for form in group[1:]}


def _level(character: str) -> int:
    """1 or 2, the level of GB 2312 that holds a character; 0 where neither does."""
    try:
        code = character.encode("gb2312")
    except UnicodeEncodeError:
        return 0
    return 0 if len(code) < 2 or code[0] < 0xB0 else 1 if code[0] < 0xD8 else 2


def fold(character: str, compare: str) -> str:
    """The character that one counts as in a field of a comparator; empty where it means nothing."""
    if character in (WILD, BREAK, ""):
        return character
    special, kept = FOLDINGS.get(compare, {}), KEPT_SIGNS.get(compare, "")
    if character in special:
        return special[character]
    if character in _DASHES and "-" in kept:
        return "-"
    plain, meant = _plain(character)
    if plain in special:
        plain = special[plain]
        return _plain(plain)[1] if plain else ""
    return plain if plain in kept else meant


@cache
def _plain(character: str) -> tuple[str, str]:
    """A character in its half-width, capital form; and what of it counts where no comparator knows better."""
    plain = unicodedata.normalize("NFKC", character)
    if len(plain) != 1:
        # ① and ㈱ are several characters; the recogniser emits such symbols for stray ink alone.
        return "", ""
    plain = plain.upper() if len(plain.upper()) == 1 else plain
    sign = unicodedata.category(plain)[0] in "PSZMC"
    return plain, "" if sign else _variant_of().get(plain, plain)


def folded(text: str, compare: str) -> str:
    """A whole text, character by character."""
    return "".join(fold(character, compare) for character in text)


@cache
def _symbol_classes(
    characters: tuple[str, ...], compare: str
) -> tuple[Integers, dict[str, int], dict[int, str]]:
    """Class of each symbol, class of each character, character of each class."""
    first: dict[str, int] = {"": 0}
    classes = np.zeros(len(characters), dtype=np.int32)
    for index, character in enumerate(characters):
        classes[index] = first.setdefault(fold(character, compare), index)
    classes.flags.writeable = False
    return classes, first, {index: name for name, index in first.items()}


class Alphabet:
    """The recogniser's symbols as classes, for one comparator.

    A class is named by the index of its first symbol; 0 is the CTC blank with all that means nothing.

    Attributes:
        classes: the class of each symbol.
        permitted: classes that can stand in the field; None where any can.
    """

    def __init__(self, characters: Sequence[str], compare: str) -> None:
        self.compare = compare
        self.classes, self._first, self._names = _symbol_classes(tuple(characters), compare)
        permitted = PERMITTED.get(compare)
        self.permitted: frozenset[int] | None = (
            None if permitted is None else frozenset(self._first[c] for c in permitted if c in self._first)
        )

    def encode(self, text: str) -> tuple[int, ...] | None:
        """Classes of a text's characters, without those that mean nothing.

        `WILD` and `BREAK` become `ANY` and `BORDER`. None where the recogniser knows no such character.
        """
        codes = []
        for character in folded(text, self.compare):
            if character == WILD:
                codes.append(ANY)
            elif character == BREAK:
                codes.append(BORDER)
            elif character in self._first:
                codes.append(self._first[character])
            else:
                return None
        return tuple(codes)

    def decode(self, codes: Sequence[int]) -> str:
        """The text of some classes; a border becomes a space."""
        return "".join(
            " " if code == BORDER else WILD if code == ANY else self._names[code] for code in codes
        )


ANY = -1
BORDER = -2
