import pytest

from tests.verify.builders import decoy, region_of, scene
from tests.verify.rules.asking import codes, found, only, unknown, verdict


def test_nothing_was_entered() -> None:
    finding = only(scene({"entry": None}))
    assert (finding.code, finding.severity, finding.params) == ("entry-missing", "return", {"fields": []})


@pytest.mark.parametrize("key", ["serial", "employer_name", "archive_receiver", "employer_address"])
def test_a_field_that_the_form_requires_was_not_entered(key: str) -> None:
    missing = next(f for f in found(scene({f"entry.{key}": None})) if f.code == "entry-missing")
    assert missing.params == {"fields": [f"entry.{key}"]}


def test_what_the_form_does_not_ask_for_may_be_left_out() -> None:
    assert found(scene({"entry.employer_contact": None, "entry.employer_nature": None})) == ()


def test_another_form_says_nothing_of_what_this_one_requires() -> None:
    other = scene({"entry.employer_address": None}, template=decoy()).standing("refused")
    assert codes(other) == ["electronic-agreement"]


@pytest.mark.parametrize("state", ["registered", "paper_issued", "entry_draft"])
def test_an_entry_that_is_not_confirmed(state: str) -> None:
    assert codes(scene({"workflow.state": state})) == ["entry-not-confirmed"]


@pytest.mark.parametrize("state", ["entry_confirmed", "scan_uploaded", "returned"])
def test_an_entry_that_is(state: str) -> None:
    assert found(scene({"workflow.state": state})) == ()


def test_an_entry_that_was_changed_after_a_return() -> None:
    assert codes(scene({"workflow.state": "returned", "entry.confirmed_on": None})) == ["entry-not-confirmed"]


def test_a_confirmation_without_a_date_does_not_pass() -> None:
    assert unknown(scene({"entry.confirmed_on": None})) == ["entry.confirmed_on"]


def test_a_filed_case_says_only_that() -> None:
    filed = scene(
        {"workflow.state": "filed", "workflow.account": "disabled", "entry.employer_region": "370202"}
    )
    assert codes(filed.seal("m4", 0.99).judgement("a", "differ", read="李四")) == ["already-filed"]
    assert verdict(filed) == "return"


@pytest.mark.parametrize(
    ("receiver", "reason"),
    [
        ("张海洋", "the-student"),
        ("张 海洋", "the-student"),
        ("张海洋（本人）", "the-student"),
        ("王芳", "a-contact"),
        ("赵敏", "a-person"),
        ("本人自带", "a-person"),
    ],
)
def test_an_archive_receiver_that_is_a_person(receiver: str, reason: str) -> None:
    finding = only(scene({"entry.archive_receiver": receiver}))
    assert (finding.code, finding.severity) == ("archive-receiver-implausible", "review")
    assert finding.params == {"reason": reason}


@pytest.mark.parametrize("receiver", ["张江人才中心", "王府井集团人事部", "上海蓝海生物科技有限公司"])
def test_an_archive_receiver_that_is_an_institution(receiver: str) -> None:
    assert found(scene({"entry.archive_receiver": receiver})) == ()


@pytest.mark.parametrize(
    ("path", "text", "reason"),
    [
        ("student.id_number", "370202199503184526", "check-digit"),
        ("entry.employer_code", "91310115MA1K3XY774", "check-digit"),
        ("entry.employer_code", "9131011", "length"),
        ("entry.employer_region", "310119", "abolished-region"),
        ("entry.employer_region", "31", "length"),
        ("entry.employer_postcode", "20120", "length"),
        ("entry.employer_postcode", "266003", "other-province"),
        ("entry.archive_postcode", "266003", "other-province"),
        ("entry.employer_phone", "0532-66781234", "other-province"),
        ("entry.archive_phone", "021-5860123", "length"),
        ("entry.archive_phone", "1234", "format"),
    ],
)
def test_a_code_that_cannot_be(path: str, text: str, reason: str) -> None:
    finding = only(scene({path: text}))
    assert (finding.code, finding.severity) == ("entry-code-invalid", "return")
    assert finding.params == {"field": path, "reason": reason}


def test_old_and_optional_codes() -> None:
    assert found(scene({"entry.employer_code": "MA1K3XY7-7"})) == ()
    assert found(scene({"entry.employer_code": None, "entry.employer_phone": None})) == ()
    assert found(scene({"entry.employer_phone": "13853261827"})) == ()


def test_nothing_is_held_against_an_address_that_names_no_region() -> None:
    assert found(scene({"entry.archive_address": "羊泾路258号", "entry.archive_postcode": "266003"})) == ()


def test_region_and_address_in_two_provinces_are_one_finding() -> None:
    assert codes(scene({"entry.employer_region": "110105"})) == ["region-address-disagree"]


def test_an_impossible_entry_is_not_said_again_of_the_paper() -> None:
    number = region_of("student.id_number")
    spoilt = scene({"student.id_number": "370202199503184526"}).judgement(number, "unsure")
    assert codes(spoilt) == ["entry-code-invalid"]
