"""Which characters of a text the words around them foresee."""

from __future__ import annotations

import pytest

from scanservice.verify.foreseen import breaks_word, foreseen, garbles


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("上海市徐汇区东风路21号", "xxxxxx..x..x"),
        ("青岛市公安局市南分局青年派出所", "xxxxxxxxxx..xxx"),
        ("青岛市公安局某某分局", "xxxxxx..xx"),
        ("南京江茂新材料有限公司", "xx..xxxxxxx"),
        ("王小明", "..."),
    ],
)
def test_regions_set_phrases_and_numbering_are_foreseen(text: str, marks: str) -> None:
    assert "".join("x" if mark else "." for mark in foreseen(text)) == marks


@pytest.mark.parametrize(
    ("rival", "place", "breaks"),
    [
        ("青岛市市甫区", 4, True),
        ("青岛市市北区", 4, False),
        ("青岛市市区", 4, True),
        ("清岛市市南区", 0, True),
    ],
)
def test_a_rival_breaks_a_word_unless_it_makes_another(rival: str, place: int, breaks: bool) -> None:
    assert breaks_word("青岛市市南区", rival, place) is breaks


def test_only_a_reading_that_is_no_word_garbles_one() -> None:
    assert garbles("南京江茂新林料有限公司", "南京江茂新材料有限公司")
    assert not garbles("南京江茂新能源有限公司", "南京江茂新材料有限公司")
    assert not garbles("南京江花新林料有限公司", "南京江茂新材料有限公司")
    assert not garbles("南京江茂有限公司", "南京江茂新材料有限公司")
