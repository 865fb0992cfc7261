"""The texts that a paper may show: bounded, the expected one first, and none that says something else."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanservice.verify.comparators import MAX_VARIANTS, WILDCARD, Variant, same, variants
from tests.verify.comparators.regions import BOX, any_case, region

SAMPLES = [
    ("name", "student.name", "张(吉吉)"),
    ("name", "student.name", "阿不都·热合曼"),
    ("id_number", "student.id_number", "37020219950318452X"),
    ("credit_code", "entry.employer_code", "91310115MA1K3XY773"),
    ("organisation", "entry.employer_name", "浙江省杭州市蓝海（集团）股份有限公司"),
    ("organisation", "entry.archive_receiver", "北京市朝阳区人才服务中心"),
    ("organisation", "entry.archive_receiver", "重庆市渝中区人才服务中心"),
    ("organisation", "entry.archive_receiver", "南京市鼓楼区人才服务中心"),
    ("address", "entry.archive_address", "广西壮族自治区柳州市城中区黄河路105号创业园308室"),
    ("address", "entry.employer_address", "上海市浦东新区中山三路888号"),
    ("phone", "entry.employer_phone", "021-58331276-801"),
    ("postcode", "entry.employer_postcode", "201203"),
    ("date", "entry.student_signed_on", "2018-12-08"),
    ("date", "student.birth", "1995-03"),
    ("text", "student.degree", "硕士研究生"),
    ("text", "student.education_years", "3"),
]


def texts(found: tuple[Variant, ...], agreement: str = "agree") -> set[str]:
    return {variant.text for variant in found if variant.agreement == agreement}


@pytest.mark.parametrize(("compare", "value", "expected"), SAMPLES)
def test_the_expected_text_comes_first_and_all_of_them_mean_it(
    compare: str, value: str, expected: str
) -> None:
    place = region(compare, value)
    found = variants(place, expected, any_case())
    assert found[0].agreement == "agree"
    assert same(place.compare, expected, found[0].text, region=place).agreement == "agree"  # type: ignore[arg-type]
    assert len(found) <= MAX_VARIANTS
    assert len({(v.text, v.cells) for v in found}) == len(found)
    order = [variant.agreement for variant in found]
    assert order == sorted(order)
    for variant in found:
        told = same(place.compare, expected, variant.text, region=place).agreement  # type: ignore[arg-type]
        allowed = ("agree",) if variant.agreement == "agree" else ("agree", "unsure")
        assert told in allowed, variant


def test_names_of_the_roster() -> None:
    place = region("name", "student.name")
    assert {"张(吉吉)", "张喆", "张吉吉"} == texts(variants(place, "张(吉吉)", any_case()))
    assert {f"张{WILDCARD}"} == texts(variants(place, "张(吉吉)", any_case()), "unsure")
    assert f"张{WILDCARD}" in texts(variants(place, "张(丶丶)", any_case()))
    assert f"张{WILDCARD}明" in texts(variants(place, "张?明", any_case()))
    assert texts(variants(place, "张??", any_case()), "unsure") == {f"张{WILDCARD}{WILDCARD}"}
    assert "李升" in texts(variants(place, "李昇", any_case()))
    assert texts(variants(place, "张海洋", any_case())) == {"张海洋", "張海洋"}


def test_a_contacts_placeholder_is_left_to_a_person() -> None:
    found = variants(region("name", "entry.employer_contact"), "李?", any_case())
    assert f"李{WILDCARD}" in texts(found, "unsure")


def test_organisations() -> None:
    found = variants(region("organisation"), "浙江省杭州市蓝海（集团）有限公司", any_case())
    assert {
        "浙江省杭州市蓝海(集团)有限公司",
        "浙江杭州蓝海(集团)有限公司",
        "杭州市蓝海(集团)有限公司",
    } <= texts(found)
    assert {"浙江省杭州市蓝海有限公司", "蓝海(集团)有限公司"} <= texts(found, "unsure")


def test_addresses_gain_the_regions_of_the_entry() -> None:
    place = region("address", "entry.employer_address")
    found = variants(place, "碧波路888号", any_case(employer_region="310115"))
    assert {"上海市浦东新区碧波路888号", "浦东新区碧波路888号", "碧波路888#"} <= texts(found)


def test_an_ambiguous_run_of_digits_is_no_agreement() -> None:
    found = variants(region("date"), "2018-12-08", any_case())
    assert "2018128" in texts(found, "unsure")
    assert {"2018年12月8日", "20181208", "二〇一八年十二月八日", "2018.12.8"} <= texts(found)


def test_the_resident_id_tells_the_day_of_a_birth() -> None:
    place = region("date", "student.birth")
    assert "1995年3月18日" in texts(variants(place, "1995-03", any_case(id_number="370202199503184525")))
    assert "1995年3月18日" not in texts(variants(place, "1995-03", any_case()))
    assert "1995年3月18日" not in texts(variants(place, "1995-04", any_case(id_number="370202199503184525")))


def test_cells_hold_what_is_written_between_the_printed_words() -> None:
    three = region("date", cells=(BOX, BOX, BOX))
    cells = {v.cells for v in variants(three, "2018-12-08", any_case()) if v.cells}
    assert {("2018", "12", "8"), ("2018", "12", "08"), ("18", "12", "8"), ("二〇一八", "十二", "八")} <= cells
    two = region("date", cells=(BOX, BOX))
    assert ("1995", "3") in {v.cells for v in variants(two, "1995-03", any_case())}
    eighteen = region("id_number", cells=(BOX,) * 18)
    assert tuple("37020219950318452X") in {
        v.cells for v in variants(eighteen, "37020219950318452X", any_case())
    }


def test_a_choice_by_its_label_and_by_its_code() -> None:
    place = region("choice", choices={"39": "其他企业", "31": "国有企业"})
    found = variants(place, "39", any_case())
    assert found[0].text == "其他企业"
    assert {"其它企业", "39", "39其他企业"} <= texts(found)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(SAMPLES), st.text(min_size=1, max_size=20))
def test_any_text_has_variants_or_none_and_never_an_error(sample: tuple[str, str, str], text: str) -> None:
    compare, value, _ = sample
    found = variants(region(compare, value), text, any_case(employer_region="310115"))
    assert len(found) <= MAX_VARIANTS
    assert all(variant.text for variant in found)
