"""What holds for every text: a text agrees with itself, order does not matter to a difference, a changed
character never agrees."""

from __future__ import annotations

import datetime as dt

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scanservice.verify.comparators import COMPARERS, normalise, same
from scanservice.verify.comparators.base import arabic, chinese
from scanservice.verify.comparators.names import is_common

HAN = st.sampled_from("山东上海市浦新区蓝海生物科技有限公司张李王明华文中路号青岛北京")
COMMON = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5).filter(is_common)
WORDS = st.text(HAN | st.sampled_from("0123456789#-() "), min_size=1, max_size=24).filter(str.strip)
COMPARE = st.sampled_from(sorted(COMPARERS))


@settings(max_examples=150, deadline=None)
@given(COMPARE, WORDS)
def test_a_text_says_the_same_as_itself(compare: str, text: str) -> None:
    assert same(compare, text, text).agreement == "agree"  # type: ignore[arg-type]
    assert normalise(compare, text) == normalise(compare, text)  # type: ignore[arg-type]


@settings(max_examples=150, deadline=None)
@given(COMPARE, WORDS, WORDS)
def test_a_difference_is_one_from_both_sides(compare: str, one: str, other: str) -> None:
    assume(compare != "date")  # an expected month is met by a day, not the other way round
    assert same(compare, one, other).agreement == same(compare, other, one).agreement  # type: ignore[arg-type]


@settings(max_examples=150, deadline=None)
@given(st.text(COMMON, min_size=2, max_size=4), st.data())
def test_a_changed_common_character_of_a_name_is_a_difference(name: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(name) - 1))
    other = data.draw(COMMON.filter(lambda c: c != name[at]))
    assert same("name", name, name[:at] + other + name[at + 1 :]).agreement == "differ"


@settings(max_examples=150, deadline=None)
@given(st.text(st.sampled_from("0123456789"), min_size=6, max_size=18), st.data())
def test_a_changed_digit_never_agrees(number: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(number) - 1))
    digit = data.draw(st.sampled_from("0123456789").filter(lambda c: c != number[at]))
    other = number[:at] + digit + number[at + 1 :]
    for compare in ("id_number", "credit_code", "postcode", "text", "phone", "address", "organisation"):
        assert same(compare, number, other).agreement != "agree", compare  # type: ignore[arg-type]


@settings(max_examples=150, deadline=None)
@given(
    st.dates(dt.date(1990, 1, 1), dt.date(2030, 12, 31)), st.dates(dt.date(1990, 1, 1), dt.date(2030, 12, 31))
)
def test_two_days_agree_only_where_they_are_one(one: dt.date, other: dt.date) -> None:
    for text in (
        f"{other.year}年{other.month}月{other.day}日",
        f"{other:%Y.%m.%d}",
        f"{other.year}{other:%m%d}",
    ):
        assert (same("date", one.isoformat(), text).agreement == "agree") == (one == other)
    run = f"{other.year}{other.month}{other.day}"
    if one != other:
        assert same("date", one.isoformat(), run).agreement != "agree"


@given(st.integers(0, 99))
def test_numerals_go_both_ways(number: int) -> None:
    assert arabic(chinese(number)) == str(number)
