from typing import Any

import pytest

from tests.verify.builders import SERIAL, Scene, form, scene
from tests.verify.rules.asking import codes, found, only, unknown, verdict

NOTICE = {"employer_name": "上海蓝海生物科技有限公司", "sealed": True, "received_on": "2018-10-10"}


def in_advance(
    notice: dict[str, Any] | None = NOTICE, sealed: bool | None = True, **notice_changes: Any
) -> Scene:
    """The school's seal is on the scan; the ledger and the notice say why, or not."""
    papers = [{"serial": SERIAL, "issued_on": "2018-10-12", "status": "held", "sealed_in_advance": sealed}]
    notice = None if notice is None else {**notice, **notice_changes}
    return scene({"workflow.papers": papers, "workflow.offer_notice": notice}).seal("m4", 0.99)


def test_a_missing_signature() -> None:
    finding = only(scene().signature("s1", 0.05))
    assert (finding.code, finding.severity, finding.region) == ("student-signature-missing", "return", "s1")


@pytest.mark.parametrize(
    ("chance", "expected"), [(0.1, "student-signature-missing"), (0.11, "signature-unclear")]
)
def test_between_there_and_not_there_a_person_looks(chance: float, expected: str) -> None:
    assert codes(scene().signature("s1", chance)) == [expected]
    assert found(scene().signature("s1", 0.9)) == ()


def test_a_signature_in_a_bad_picture_is_not_missing() -> None:
    finding = only(scene().signature("s1", 0.02).trouble("s1", "blur"))
    assert (finding.code, finding.severity) == ("region-unjudgeable", "retake")


def test_a_signature_that_is_seen_in_a_bad_picture_is_there() -> None:
    assert found(scene().trouble("s1", "shadow")) == ()


def test_an_optional_signature_may_be_missing() -> None:
    assert found(scene().signature("s2", 0.0)) == ()


def test_another_signature_that_the_form_requires() -> None:
    asked = form(
        {"id": "s3", "kind": "signature", "box": [10, 10, 60, 20], "owner": "employer", "required": True}
    )
    finding = only(scene(template=asked).signature("s3", 0.0))
    assert (finding.code, finding.severity, finding.params) == (
        "signature-missing",
        "return",
        {"owner": "employer"},
    )
    assert found(scene(template=asked).signature("s3", 0.95)) == ()
    lost = scene(template=asked)
    del lost.seen["s3"]  # type: ignore[attr-defined]
    assert unknown(lost) == ["regions.s3"]


def test_a_missing_seal_of_the_employer() -> None:
    assert codes(scene().seal("m1", 0.05, None)) == ["employer-seal-missing"]
    assert verdict(scene().seal("m1", 0.05, None)) == "return"


def test_a_blurred_place_of_a_seal_asks_for_another_picture() -> None:
    bad = scene().seal("m1", 0.05, None).trouble("m1", "blur")
    finding = only(bad)
    assert (finding.code, finding.params["reason"]) == ("region-unjudgeable", "blur")
    assert verdict(bad) == "retake"


def test_other_seals_that_the_form_requires() -> None:
    finding = only(scene().seal("m3", 0.0, None))
    assert (finding.code, finding.params) == ("seal-missing", {"owner": "college"})
    assert codes(scene().seal("m3", 0.5)) == ["seal-unclear"]


def test_an_authoritys_seal_counts_only_where_there_is_an_authority() -> None:
    named = {"entry.authority_name": "上海市教育委员会"}
    assert found(scene().seal("m2", 0.0, None)) == ()
    assert codes(scene(named).seal("m2", 0.0, None)) == ["seal-missing"]
    assert found(scene(named).seal("m2", 0.99)) == ()


def test_a_seal_of_another_name() -> None:
    legible = scene().judgement("m1", "differ", read="别家有限公司", confidence=0.95)
    finding = only(legible)
    assert (finding.code, finding.severity) == ("seal-name-differs", "return")
    faint = scene().judgement("m1", "differ", read="别?有限公司", confidence=0.6)
    assert only(faint).severity == "review"


def test_an_employers_seal_that_is_not_legible_is_left_to_a_person() -> None:
    assert codes(scene().judgement("m1", "unsure")) == ["seal-unclear"]
    assert found(scene().judgement("m3", "unsure")) == ()


def test_a_copy() -> None:
    finding = only(scene().seal("m1", 0.95, "grey").judgement("m1", "unsure"))
    assert (finding.code, finding.severity, finding.region) == ("photocopy", "review", "m1")


# ---------------------------------------------------------------- the school's seal


def test_a_seal_of_the_school_before_the_review() -> None:
    finding = only(scene().seal("m4", 0.95))
    assert (finding.code, finding.severity) == ("school-seal-in-advance", "return")


@pytest.mark.parametrize("ink", ["grey", "blue"])
def test_what_looks_like_the_schools_seal_but_is_not_red_is_for_a_person(ink: str) -> None:
    told = {(f.code, f.severity) for f in found(scene().seal("m4", 0.95, ink))}
    assert ("school-seal-in-advance", "review") in told
    assert verdict(scene().seal("m4", 0.95, ink)) == "review"


def test_a_seal_in_advance_with_a_sealed_notice_passes() -> None:
    assert found(in_advance()) == ()
    assert verdict(in_advance()) == "pass"


@pytest.mark.parametrize(
    "denied", [in_advance(None), in_advance(sealed=False)], ids=["no-notice", "not-sealed"]
)
def test_a_seal_in_advance_needs_both(denied: Scene) -> None:
    assert codes(denied) == ["school-seal-in-advance"]


def test_a_notice_without_a_seal_is_none() -> None:
    assert codes(in_advance({**NOTICE, "sealed": None})) == ["check-not-evaluated"]
    notice = {**NOTICE, "sealed": False}
    assert codes(in_advance(notice)) == ["school-seal-in-advance"]


def test_what_is_not_known_of_a_seal_in_advance_does_not_pass() -> None:
    assert unknown(in_advance(sealed=None)) == ["workflow.papers.sealed_in_advance"]
    assert unknown(in_advance(employer_name=None)) == ["workflow.offer_notice.employer_name"]


def test_a_notice_of_another_employer() -> None:
    finding = only(in_advance(employer_name="北京蓝海有限公司"))
    assert (finding.code, finding.severity) == ("offer-notice-employer-differs", "return")
    assert only(in_advance(employer_name="上海蓝海生物科技股份有限公司")).severity == "review"


def test_a_school_seal_that_cannot_be_told() -> None:
    finding = only(scene().seal("m4", 0.5))
    assert (finding.code, finding.params) == ("seal-unclear", {"owner": "school"})
    hidden = scene().seal("m4", 0.05, None).trouble("m4", "glare")
    assert codes(hidden) == ["region-unjudgeable"]
