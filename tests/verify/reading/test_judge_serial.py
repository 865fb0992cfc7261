"""The printed serial: believed only where two readers and the pattern agree."""

from __future__ import annotations

import pytest

from scanservice.evidence import Judgement
from scanservice.template import Region
from scanservice.verify.judge_serial import (
    as_read,
    characters_of,
    judge_serial,
    mended,
    printed_after,
    printed_before,
    serial_in,
)
from tests.verify.reading.inked import Doubt, case, line, reading

PATTERN = r"NO\.(?P<serial>\d{10})"
SERIAL = "2019100423"


def judged(
    first: str,
    second: str | None,
    *,
    expected: str | None = SERIAL,
    doubt: Doubt | None = None,
    pattern: str = PATTERN,
) -> Judgement:
    place = Region.model_validate({"id": "field", "kind": "serial", "box": [0, 0, 40, 6], "pattern": pattern})
    return judge_serial(place, reading(line(first, doubt, second=second)), case(entry={"serial": expected}))


def test_two_readers_and_the_pattern_agree() -> None:
    found = judged(f"NO.{SERIAL}", f"No.{SERIAL}")
    assert (found.agreement, found.read) == ("agree", SERIAL)
    assert found.confidence > 0.99


def test_another_number_that_both_readers_see_differs() -> None:
    found = judged("NO.2019100428", "NO.2019100428")
    assert (found.agreement, found.read) == ("differ", "2019100428")


@pytest.mark.parametrize("second", [None, "", "NO.2019100428", "NO.201910042", "NO.20191004233"])
def test_one_reader_alone_is_not_believed(second: str | None) -> None:
    assert judged(f"NO.{SERIAL}", second).agreement == "unsure"
    assert judged(f"NO.{SERIAL}", second, expected=None).read is None


def test_a_digit_in_doubt_is_not_believed_though_both_read_it() -> None:
    assert judged(f"NO.{SERIAL}", f"NO.{SERIAL}", doubt={6: {"7": 0.4}}).agreement == "unsure"


def test_without_an_entry_the_number_is_read_and_not_evaluated() -> None:
    found = judged(f"NO.{SERIAL}", f"NO.{SERIAL}", expected=None)
    assert (found.agreement, found.read, found.why) == ("not_evaluated", SERIAL, "two-readers")


@pytest.mark.parametrize(
    ("text", "serial"),
    [
        ("NO.2019100423", "2019100423"),
        ("No. 2019 1004 23", "2019100423"),
        ("ＮＯ．２０１９１００４２３", "2019100423"),
        ("№2019100423", "2019100423"),
        ("2019100423", "2019100423"),
        ("编号2019100423", "2019100423"),
        ("NO.20191004234", None),
        ("NO.201910042", None),
        ("N02019100423", None),
        ("", None),
    ],
)
def test_the_number_in_a_readers_text(text: str, serial: str | None) -> None:
    assert serial_in(text, PATTERN) == serial


@pytest.mark.parametrize(
    ("pattern", "folded"),
    [
        (r"（(?P<serial>20\d{8})）", r"\((?P<serial>20\d{8})\)"),
        (r"编号：(?P<serial>[Ａ-Ｃ]\d{5})", r"编号:(?P<serial>[A-C]\d{5})"),
        (r"№(?P<serial>\d{8})", r"No(?P<serial>\d{8})"),
        (PATTERN, PATTERN),
    ],
)
def test_a_pattern_is_folded_as_the_readers_texts_are(pattern: str, folded: str) -> None:
    assert as_read(pattern) == folded


@pytest.mark.parametrize("signs", ["（{}）", "({})", "{}", "（{}", "{})"])
def test_a_number_in_wide_brackets(signs: str) -> None:
    """Readers give them wide, narrow or not at all."""
    found = judged(signs.format(SERIAL), SERIAL, pattern=r"（(?P<serial>20\d{8})）")
    assert (found.agreement, found.read) == ("agree", SERIAL)
    longer = judged(signs.format(SERIAL + "1"), SERIAL + "1", pattern=r"（(?P<serial>20\d{8})）")
    assert (longer.agreement, longer.read) == ("unsure", None)


@pytest.mark.parametrize(
    ("pattern", "printed"),
    [
        (PATTERN, "NO."),
        (r"编号：(?P<serial>\d+)", "编号："),
        (r"(?P<serial>\d{8})", ""),
        (r"N[oO]\.?(?P<serial>\d+)", ""),
    ],
)
def test_the_print_before_the_number(pattern: str, printed: str) -> None:
    assert printed_before(pattern) == printed


@pytest.mark.parametrize(
    ("pattern", "characters"),
    [
        (r"NO\.(?P<serial>\d{3})", ".0123456789NO"),
        (r"(?P<serial>[A-C]{2}\d{7})", "0123456789ABC"),
        (r"(?P<serial>\d{4}-\d{6})", "-0123456789"),
        (r"^No(?P<serial>[1-3]+|[x\-])$", "-123Nox"),
        (r"编号：(?P<serial>\d{10})", None),
    ],
)
def test_the_characters_of_a_number(pattern: str, characters: str | None) -> None:
    assert characters_of(pattern) == characters


@pytest.mark.parametrize(
    ("text", "serial"),
    [("kz5050998", "KZ5050998"), ("KZ5050998", "KZ5050998"), ("KZ50509981", None), ("5050998", None)],
)
def test_a_number_with_letters(text: str, serial: str | None) -> None:
    assert serial_in(text, r"(?P<serial>[A-Z]{2}\d{7})") == serial


@pytest.mark.parametrize(
    ("text", "serial"),
    [
        ("L06784397", "LO6784397"),
        ("LO678439T", None),
        ("1O6784397", "IO6784397"),
        ("KZS050998", "KZ5050998"),
        ("5O5050998", "SO5050998"),
        ("K250509981", None),
    ],
)
def test_a_letter_where_the_pattern_has_letters(text: str, serial: str | None) -> None:
    assert mended(text, r"(?P<serial>[A-Z]{2}\d{7})") == serial


def test_a_number_of_digits_is_never_mended() -> None:
    assert mended("NO.20190S2456", PATTERN) is None


def test_which_place_was_misread_must_be_certain() -> None:
    assert mended("A00000", r"(?P<serial>(?:AO\d{4}|A\d{4}O))") is None


@pytest.mark.parametrize(
    ("pattern", "printed"),
    [
        (PATTERN, ""),
        (r"第(?P<serial>\d{8})号", "号"),
        (r"^(?P<serial>(?:A|[()]B)\d{4})\(3\)$", "(3)"),
        (r"(?P<serial>\d+)-?x", ""),
        (r"\d+", ""),
    ],
)
def test_the_print_behind_the_number(pattern: str, printed: str) -> None:
    assert printed_after(pattern) == printed


def test_small_letters_of_a_pattern_stay_small() -> None:
    assert serial_in("AB1234", r"(?P<serial>[a-z]{2}\d{4})") == "ab1234"
    assert serial_in("noAB1234", r"No(?P<serial>[A-Z]{2}\d{4})") == "AB1234"
