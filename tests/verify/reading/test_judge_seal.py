"""Whose seal it is, by its ring."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from scanservice.evidence import Judgement, RegionEvidence, RegionQuality, SealMark
from scanservice.template import Description, Region, Template
from scanservice.verify.judge_seal import judge_seal
from scanservice.verify.rules.marks import LEGIBLE
from tests.verify.reading.inked import Doubt, case, line, reading

COMPANY = "上海蓝海生物科技有限公司"
QUALITY = RegionQuality(8.0, 0.9, 0.9, 0.0, 0.0, 0.0)
HELD = case({"college": "海洋生命学院"}, {"employer_name": COMPANY})


def form() -> Template:
    page = {"page": 1, "name": "one"}
    description = Description.model_validate(
        {"format": 1, "id": "form", "title": "表", "issuer": "东海大学", "pages": [page]}
    )
    return Template(description, Path("form"), "0", ((210.0, 297.0),))


def judged(
    owner: str,
    ring: str | None,
    *,
    presence: float = 1.0,
    doubt: Doubt | None = None,
    sure: float = 0.995,
    hidden: tuple[tuple[float, float], ...] = (),
) -> Judgement:
    place = Region.model_validate({"id": "seal", "kind": "seal", "box": [0, 0, 42, 42], "owner": owner})
    mark = SealMark(presence, "red", "round", (21.0, 21.0), 40.0, hidden=hidden)
    seen = RegionEvidence("seal", 0, ((0, 0), (9, 0), (9, 9), (0, 9)), 0.2, QUALITY, seal=mark)
    read = None if ring is None else replace(reading(line(ring, doubt, sure=sure)), region="seal")
    return judge_seal(place, seen, read, HELD, form())


@pytest.mark.parametrize(
    ("owner", "ring"),
    [
        ("employer", COMPANY),
        ("employer", f"{COMPANY}合同专用章"),
        ("employer", f"{COMPANY}3101150123456"),
        ("college", "海洋生命学院"),
        ("college", "东海大学海洋生命学院"),
        ("school", "东海大学"),
        ("school", "东海大学毕业生就业指导中心"),
    ],
)
def test_the_owners_own_seal_agrees(owner: str, ring: str) -> None:
    assert judged(owner, ring).agreement == "agree"


@pytest.mark.parametrize(
    ("owner", "ring"),
    [
        ("employer", f"{COMPANY}青岛分公司"),
        ("employer", f"东方{COMPANY}"),
        ("college", "西海大学海洋生命学院"),
        ("employer", COMPANY.replace("蓝", "兰")),
    ],
)
def test_a_name_that_is_near_is_left_to_a_person(owner: str, ring: str) -> None:
    assert judged(owner, ring).agreement == "unsure"


@pytest.mark.parametrize(
    ("owner", "ring"),
    [("employer", "青岛红岩机械制造厂"), ("college", "东海大学法学院"), ("school", "西山师范学院")],
)
def test_another_organisations_seal_differs(owner: str, ring: str) -> None:
    found = judged(owner, ring)
    assert found.agreement == "differ"
    assert found.confidence >= LEGIBLE


def test_another_name_is_as_sure_as_its_ring_is_legible() -> None:
    found = judged("employer", "青岛红岩机械制造厂", sure=0.85)
    assert found.agreement == "differ"
    assert found.confidence < LEGIBLE


def test_a_faint_ring_is_unsure() -> None:
    assert judged("employer", "青岛红岩机械制造厂", sure=0.7).agreement == "unsure"


def test_no_seal_is_blank_and_no_reading_is_unsure() -> None:
    assert judged("employer", None, presence=0.02).agreement == "blank"
    assert judged("employer", None).agreement == "unsure"


def test_an_owner_that_the_case_does_not_name_is_not_evaluated() -> None:
    assert judged("authority", "上海市教育委员会").agreement == "not_evaluated"


def share(at: int) -> tuple[float, float]:
    """Where the company's `at`-th character stands in its ring."""
    return (at + 0.25) / len(COMPANY), (at + 0.75) / len(COMPANY)


@pytest.mark.parametrize("wrong", [{"生": "主"}, {"生": "主", "技": "枝"}])
def test_what_the_forms_print_hides_of_a_ring_need_not_be_read(wrong: dict[str, str]) -> None:
    read = COMPANY.translate(str.maketrans(wrong))
    assert judged("employer", read).agreement == "unsure"
    hidden = tuple(share(COMPANY.index(one)) for one in wrong)
    assert judged("employer", read, hidden=hidden).agreement == "agree"


def test_what_is_hidden_elsewhere_excuses_nothing() -> None:
    read = COMPANY.replace("蓝海", "兰每")
    assert judged("employer", read, hidden=(share(0), share(9))).agreement == "unsure"


def test_no_more_than_a_fifth_of_a_name_may_be_hidden() -> None:
    read = COMPANY.replace("生物科", "主杓料")
    hidden = tuple(share(COMPANY.index(one)) for one in "生物科")
    assert judged("employer", read, hidden=hidden).agreement == "unsure"
