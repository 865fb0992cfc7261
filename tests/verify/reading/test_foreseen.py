"""Which characters of a text the words around them foresee."""

from __future__ import annotations

import pytest

from scanservice.verify.foreseen import foreseen, garbles


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


def test_only_a_reading_that_is_no_word_garbles_one() -> None:
    assert garbles("南京江茂新林料有限公司", "南京江茂新材料有限公司")
    assert not garbles("南京江茂新能源有限公司", "南京江茂新材料有限公司")
    assert not garbles("南京江花新林料有限公司", "南京江茂新材料有限公司")
    assert not garbles("南京江茂有限公司", "南京江茂新材料有限公司")
