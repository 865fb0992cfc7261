"""Numbers that check themselves, by real and invented examples, and by what always holds."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scanservice.template import Season
from scanservice.verify import identifiers as ids
from scanservice.verify.regions_table import (
    chain,
    compatible,
    located,
    province,
    stages,
    stem,
    table,
)

CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"
SEASON = Season.model_validate({"from": "2018-09-01", "until": "2019-08-31"})


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("11010519491231002X", None),  # the standard's own example
        ("11010519491231002x", None),
        ("110105 19491231 002X", None),
        ("370202199503184525", None),
        ("370202950318452", None),
        ("110105194912310021", "check-digit"),
        ("370202199502304529", "birth-date"),
        ("370202209503184525", "birth-date"),
        ("990202199503184525", "unknown-region"),
        ("3702021995031845", "length"),
        ("37020219950318A525", "characters"),
        ("X70202199503184525", "characters"),
        ("H12345678", None),
        ("E12345678", None),
    ],
)
def test_resident_id(text: str, reason: str | None) -> None:
    assert ids.resident_id(text, today=dt.date(2018, 12, 25)).reason == reason


def test_nobody_is_born_after_today() -> None:
    body = "37020220181226001"
    number = body + ids.id_check_character(body)
    assert ids.resident_id(number, today=dt.date(2018, 12, 25)).reason == "birth-date"
    assert ids.resident_id(number, today=dt.date(2018, 12, 26)).valid


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("914403001922038216", None),
        ("9144030071526726XG", None),
        ("91330100799655058B", None),
        ("12100000400002259P", None),
        ("91310115MA1K3XY773", None),
        ("91310115ma1k3xy773", None),
        ("91310115MA1K3XY774", "check-digit"),
        ("9I310115MA1K3XY773", "characters"),
        ("91310115MA1K3XYZ7Q", "characters"),
        ("Z1310115MA1K3XY773", "characters"),
        ("91310115MA1K3XY77", "length"),
    ],
)
def test_credit_code(text: str, reason: str | None) -> None:
    assert ids.credit_code(text).reason == reason


@pytest.mark.parametrize("head", ["11", "51", "A1", "N2", "Y1", "9N"])
def test_letters_are_allowed_in_the_first_places(head: str) -> None:
    body = f"{head}310115MA1K3XY77"
    assert ids.credit_code(body + ids.credit_check_character(body)).valid


def test_the_embedded_organisation_code_is_a_second_check() -> None:
    body = "91310115MA1K3XY78"
    assert ids.credit_code(body + ids.credit_check_character(body)).reason == "organisation-code"


@pytest.mark.parametrize(
    ("text", "reason"),
    [("D2143569-X", None), ("MA1K3XY77", None), ("D2143569-1", "check-digit"), ("D214356", "length")],
)
def test_organisation_code(text: str, reason: str | None) -> None:
    assert ids.organisation_code(text).reason == reason


def test_an_employer_may_have_either_code() -> None:
    assert ids.employer_code("MA1K3XY7-7").kind == "organisation-code"
    assert ids.employer_code("91310115MA1K3XY773").kind == "credit-code"


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(sorted(table())), st.dates(dt.date(1950, 1, 1), dt.date(2010, 1, 1)), st.integers(0, 999)
)
def test_every_made_up_id_is_valid_and_no_changed_one(code: str, born: dt.date, order: int) -> None:
    body = f"{code}{born:%Y%m%d}{order:03}"
    number = body + ids.id_check_character(body)
    assert ids.resident_id(number).valid
    for at in range(18):
        other = number[:at] + ("1" if number[at] != "1" else "2") + number[at + 1 :]
        assert not ids.resident_id(other).valid, at


@settings(max_examples=200, deadline=None)
@given(st.sampled_from("159ANY"), st.text(st.sampled_from(CREDIT), min_size=8, max_size=8), st.data())
def test_every_made_up_credit_code_is_valid_and_no_changed_one(
    head: str, organisation: str, data: st.DataObject
) -> None:
    inner = organisation + ids.organisation_check_character(organisation)
    body = f"{head}1310115{inner}"
    code = body + ids.credit_check_character(body)
    assert ids.credit_code(code).valid
    at = data.draw(st.integers(0, 17))
    other = data.draw(st.sampled_from(CREDIT).filter(lambda c: c != code[at]))
    assert not ids.credit_code(code[:at] + other + code[at + 1 :]).valid


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(CREDIT), st.data())
def test_neighbours_that_changed_places_are_found(first: str, data: st.DataObject) -> None:
    organisation = first + data.draw(st.text(st.sampled_from(CREDIT), min_size=7, max_size=7))
    body = f"91310115{organisation}{ids.organisation_check_character(organisation)}"
    code = body + ids.credit_check_character(body)
    at = data.draw(st.integers(0, 16))
    assume(code[at] != code[at + 1])
    swapped = code[:at] + code[at + 1] + code[at] + code[at + 2 :]
    assert not ids.credit_code(swapped).valid


@given(st.text(max_size=24))
def test_no_text_is_an_error(text: str) -> None:
    for check in (
        ids.resident_id,
        ids.credit_code,
        ids.organisation_code,
        ids.postcode,
        ids.phone,
        ids.region,
    ):
        assert check(text).reason is None or check(text).reason


# ---------------------------------------------------------------- regions


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("310115", None),
        ("370000", None),
        ("370201", None),  # 市辖区
        ("371202", None),  # 莱城区, abolished in the season
        ("370116", None),  # 莱芜区, its successor in the season
        ("310119", "abolished-region"),  # 南汇区, gone since 2009
        ("330113", "not-yet-a-region"),  # 临平区, since 2021
        ("990101", "unknown-region"),
        ("3101", "length"),
        ("31O115", "characters"),
    ],
)
def test_region_in_the_season(code: str, reason: str | None) -> None:
    assert ids.region(code, SEASON).reason == reason


def test_without_a_season_every_code_ever_in_force_counts() -> None:
    assert ids.region("310119").valid
    assert ids.region("330113", Season()).valid


def test_the_table_is_whole() -> None:
    provinces = [code for code in table() if code.endswith("0000")]
    assert len(provinces) >= 34
    lasting = [
        p for code, places in table().items() if not code.endswith("00") for p in places if p.last is None
    ]
    assert 2800 <= len({place.code for place in lasting}) <= 3700
    assert all(province(code) == code[:2] for code in table())


def test_names_of_regions() -> None:
    assert chain("370202") == ("山东省", "青岛市", "市南区")
    assert chain("310115") == ("上海市", "浦东新区")
    assert stem("延边朝鲜族自治州") == "延边"
    assert stem("内蒙古自治区") == "内蒙古"
    assert stem("广西壮族自治区") == "广西"
    assert compatible(["370000"], ["370202"])
    assert not compatible(["310000"], ["370202"])
    assert compatible([], ["370202"])


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("山东省青岛市市南区鱼山路5号", {"370202"}),
        ("青岛海信电器有限公司", {"370200"}),
        ("重庆市渝中区和平路304号", {"500103"}),
        ("南京路5号", set()),
        ("蓝海生物科技有限公司", set()),
    ],
)
def test_where_a_text_begins(text: str, codes: set[str]) -> None:
    assert located(text) == codes


def test_a_region_counts_only_inside_the_one_before_it() -> None:
    rests = {stage.rest for stage in stages("上海市青岛市中山路5号")}
    assert rests == {"上海市青岛市中山路5号", "青岛市中山路5号"}


# ---------------------------------------------------------------- postcodes, telephones


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        ("201203", None, None),
        ("201203", "31", None),
        ("202450", "33", None),  # islands of Zhejiang served from Shanghai
        ("266003", "31", "other-province"),
        ("20120", None, "length"),
        ("2012O3", None, "format"),
        ("980001", None, "format"),
        ("000000", None, "format"),
    ],
)
def test_postcode(text: str, place: str | None, reason: str | None) -> None:
    assert ids.postcode(text, place).reason == reason


@pytest.mark.parametrize(
    ("text", "place", "reason", "kind"),
    [
        ("021-58331276", "31", None, "landline"),
        ("021-58331276-801", "31", None, "landline"),
        ("58331276", "31", None, "landline"),
        ("0532-66781234", "37", None, "landline"),
        ("13853261827", "31", None, "mobile"),
        ("+86 138 5326 1827", None, None, "mobile"),
        ("400-810-1234", "31", None, "service"),
        ("021-58331276/13853261827", "31", None, "landline"),
        ("021-58331276", "37", "other-province", "landline"),
        ("0999999-1", None, "format", None),
        ("0400-5833127", None, "area-code", "landline"),
        ("021-5833127", None, "length", "landline"),
        ("12853261827", None, "format", None),
        ("1385326182", None, "format", None),
        ("138532618277", None, "format", None),
        ("021-18331276", None, "format", None),
        ("无", None, "format", None),
    ],
)
def test_phone(text: str, place: str | None, reason: str | None, kind: str | None) -> None:
    found = ids.phone(text, place)
    assert (found.reason, found.kind) == (reason, kind)
