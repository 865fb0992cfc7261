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

import numpy as np

from scanservice.verify.dense import Integers

WILD = "\ufffc"
"""One character that may be anything (a rare one that the roster could not hold)."""
BREAK = "\x1f"
"""The border between two cells of a field."""

VARIANTS = (
    "户戶戸 说説說 青靑 黄黃 吕呂 内內 值値 产産 决決 净淨 没沒 别別 换換 真眞 郎郞 清淸 强強 教敎 温溫 "
    "银銀 录錄録 绿綠緑 查査 步歩 册冊 刹剎 吴呉吳 娱娛 虚虛 卫衛衞 为為爲 众衆眾 群羣 峰峯 够夠 略畧 "
    "床牀 朵朶 胸胷 裹褁 鸡鷄雞 线線綫 里裏裡 台臺 叙敍敘 研硏 姊姉 卧臥 污汚汙 榆楡 俞兪 刃刄 "
    "丰豐豊 晋晉 晃晄 携攜 厘釐 卷捲 挂掛 灾災 唇脣 栖棲 凉涼 减減 冲沖衝 况況 凑湊 准準"
)
"""Forms of one character (Unicode's z-variants, old and new print forms, traditional forms that a model
trained on both emits for one hand); each group counts as its first."""

_DIGIT_LETTERS = (
    dict.fromkeys("OQD〇○口", "0")
    | dict.fromkeys("ILl|丨", "1")
    | {"Z": "2", "了": "3", "S": "5", "G": "6", "b": "6", "B": "8", "q": "9"}
)
_ID_LETTERS = _DIGIT_LETTERS | dict.fromkeys("×乂χΧ", "X")
_CODE_LETTERS = {"O": "0", "I": "1", "Z": "2", "S": "5", "〇": "0", "○": "0", "|": "1", "丨": "1", "×": "X"}
"""GB 32100 leaves out the letters I, O, S, V and Z, so that they can only be digits."""
_BLANKS_IN_NUMBERS = "一_~丶"
FOLDINGS: dict[str, dict[str, str]] = {
    "phone": _DIGIT_LETTERS | dict.fromkeys(_BLANKS_IN_NUMBERS, ""),
    "postcode": _DIGIT_LETTERS | dict.fromkeys(_BLANKS_IN_NUMBERS, ""),
    "serial": _DIGIT_LETTERS,
    "id_number": _ID_LETTERS | dict.fromkeys(_BLANKS_IN_NUMBERS, ""),
    "credit_code": _CODE_LETTERS | dict.fromkeys(_BLANKS_IN_NUMBERS, ""),
    "date": {key: value for key, value in _DIGIT_LETTERS.items() if key not in "口丨了"},
}
"""Beyond what holds everywhere, by comparator; comparators of words have none."""
KEPT_SIGNS = {"address": "-#"}
_DASHES = "-‐‑‒–—―－−～~"


@cache
def _variant_of() -> dict[str, str]:
    return {form: group[0] for group in VARIANTS.split() for form in group}


@cache
def fold(character: str, compare: str) -> str:
    """The character that one counts as in a field of a comparator; empty where it means nothing."""
    if character in (WILD, BREAK, ""):
        return character
    special = FOLDINGS.get(compare, {})
    if character in special:
        return special[character]
    if character in _DASHES and "-" in KEPT_SIGNS.get(compare, ""):
        return "-"
    plain = unicodedata.normalize("NFKC", character)
    if len(plain) != 1:
        # ① and ㈱ are several characters; the recogniser emits such symbols for stray ink alone.
        return ""
    plain = plain.upper() if len(plain.upper()) == 1 else plain
    plain = special.get(plain, plain)
    if plain == "" or plain in KEPT_SIGNS.get(compare, ""):
        return plain
    if unicodedata.category(plain)[0] in "PSZMC":
        return ""
    return _variant_of().get(plain, plain)


def folded(text: str, compare: str) -> str:
    """A whole text, character by character."""
    return "".join(fold(character, compare) for character in text)


@cache
def _symbol_classes(characters: tuple[str, ...], compare: str) -> tuple[Integers, dict[str, int]]:
    first: dict[str, int] = {"": 0}
    classes = np.zeros(len(characters), dtype=np.int32)
    for index, character in enumerate(characters):
        classes[index] = first.setdefault(fold(character, compare), index)
    return classes, first


class Alphabet:
    """The recogniser's symbols as classes, for one comparator.

    A class is named by the index of its first symbol; 0 is the CTC blank with all that means nothing.
    """

    def __init__(self, characters: Sequence[str], compare: str) -> None:
        self.compare = compare
        self.classes, self._first = _symbol_classes(tuple(characters), compare)
        self._names = {index: name for name, index in self._first.items()}

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
