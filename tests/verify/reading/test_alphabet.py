"""What counts as the same when writing is compared."""

from __future__ import annotations

import pytest

from scanservice.verify.alphabet import ANY, WILD, Alphabet, fold, folded
from scanservice.verify.recogniser import recogniser


@pytest.mark.parametrize(
    ("compare", "written", "plain"),
    [
        ("organisation", "蓝海（上海）ＡＢ公司", "蓝海上海AB公司"),
        ("name", "阿依努尔·买买提", "阿依努尔买买提"),
        ("name", "張 海洋", "张海洋"),
        ("phone", "021－5833 l276", "02158331276"),
        ("phone", "１３８Ｏ", "1380"),
        ("id_number", "37020219950318452×", "37020219950318452X"),
        ("address", "鱼山路5号3－201", "鱼山路5号3-201"),
        ("text", "3－201", "3201"),
        ("credit_code", "9131OI15ma", "91310115MA"),
        ("number", "2l)6(648O30", "21161648030"),
    ],
)
def test_folding(compare: str, written: str, plain: str) -> None:
    assert folded(written, compare) == plain


@pytest.mark.parametrize("pair", ["己已", "未末", "乾干", "瀚翰", "玥明", "06", "王玉"])
def test_different_characters_stay_different(pair: str) -> None:
    assert fold(pair[0], "name") != fold(pair[1], "name")


def test_common_characters_are_never_folded_into_one_another() -> None:
    level_one = [bytes((row, cell)) for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF)]
    characters = "".join(code.decode("gb2312", "ignore") for code in level_one)
    assert len({fold(character, "name") for character in characters}) == len(characters) == 3755


def test_a_wildcard_is_any_character_and_an_unknown_one_is_none() -> None:
    alphabet = Alphabet(recogniser().characters, "name")
    codes = alphabet.encode(f"张{WILD}")
    assert codes is not None and codes[1] == ANY
    assert alphabet.encode("张\U0003134a") is None
