from dataclasses import replace

import pytest

from scanservice.evidence import Failure, InkMeasure
from scanservice.verify.rules.altered import CORRECTED_FROM
from tests.verify.builders import Scene, form, region_of, scene
from tests.verify.rules.asking import codes, found, only, unknown, verdict

MAJOR, PHONE, HOUSEHOLD = (
    region_of(v) for v in ("student.major", "student.phone", "entry.household_address")
)


def altered(region: str, spoilt: Scene | None = None) -> Scene:
    return (spoilt or scene()).evidence(region, ink=InkMeasure(30.0, None, blank=0.0, altered=0.5))


@pytest.mark.parametrize(
    ("value", "severity"),
    [
        ("entry.employer_name", "return"),
        ("entry.employer_address", "return"),
        ("entry.archive_receiver", "return"),
        ("student.major", "review"),
        ("student.phone", "review"),
        ("entry.household_address", "review"),
    ],
)
def test_a_field_that_differs(value: str, severity: str) -> None:
    finding = only(scene().judgement(region_of(value), "differ", read="别的"))
    assert (finding.code, finding.severity) == ("field-differs", severity)
    assert (finding.params["field"], finding.params["read"]) == (value, "别的")


def test_a_field_that_cannot_be_told() -> None:
    finding = only(scene().judgement(MAJOR, "unsure", read="海洋?物学"))
    assert (finding.code, finding.severity) == ("field-unclear", "review")
    assert finding.params == {"field": "student.major", "read": "海洋?物学", "expected": "海洋生物学"}


@pytest.mark.parametrize(
    ("value", "severity"),
    [("entry.employer_name", "return"), ("student.major", "review"), ("entry.household_address", "review")],
)
def test_a_field_that_is_blank(value: str, severity: str) -> None:
    finding = only(scene().judgement(region_of(value), "blank"))
    assert (finding.code, finding.severity) == ("field-blank", severity)


def test_an_optional_field_that_neither_side_has() -> None:
    assert found(scene({"entry.household_address": None})) == ()


def test_an_optional_field_that_only_the_paper_has() -> None:
    ink = InkMeasure(30.0, None, blank=0.01)
    finding = only(scene({"entry.household_address": None}).evidence(HOUSEHOLD, ink=ink))
    assert (finding.code, finding.severity) == ("field-not-expected", "review")


def test_a_required_field_that_the_case_says_nothing_of() -> None:
    asked = form({"id": "free", "kind": "text", "box": [10, 10, 60, 20], "label": "备注", "required": True})
    assert found(scene(template=asked)) == ()
    empty = scene(template=asked).evidence("free", ink=InkMeasure(0.0, None, blank=0.99))
    assert codes(empty) == ["field-blank"]
    assert only(empty).params == {"field": "备注"}


def test_a_correction_is_named_and_hides_the_doubt_that_it_makes() -> None:
    assert codes(altered(MAJOR)) == ["field-altered"]
    assert codes(altered(MAJOR, scene().judgement(MAJOR, "unsure"))) == ["field-altered"]
    assert verdict(altered(MAJOR)) == "review"


def test_a_slight_suspicion_counts_only_where_the_text_is_not_confirmed() -> None:
    suspected = scene().evidence(MAJOR, ink=InkMeasure(30.0, None, blank=0.0, altered=0.1))
    assert found(suspected) == ()
    assert codes(suspected.judgement(MAJOR, "unsure")) == ["field-altered"]
    clean = scene().evidence(MAJOR, ink=InkMeasure(30.0, None, blank=0.0, altered=0.01))
    assert codes(clean.judgement(MAJOR, "unsure")) == ["field-unclear"]


def test_where_the_text_is_known_the_ink_is_judged_beside_it() -> None:
    def told(
        corrected: float | None,
        *,
        altered: float,
        painted: float | None,
        agreement: str,
        leans: bool = False,
    ) -> list[str]:
        ink = InkMeasure(30.0, None, blank=0.0, altered=altered, painted=painted)
        judged = scene().evidence(MAJOR, ink=ink)
        return codes(judged.judgement(MAJOR, agreement, corrected=corrected, leans=leans))

    # Where another text is seen, ink that does not fit the expected one is no correction.
    assert "field-altered" in told(0.5, altered=0.0, painted=0.0, agreement="unsure", leans=True)
    assert "field-altered" not in told(0.49, altered=0.0, painted=0.0, agreement="unsure", leans=True)
    # Where the text is confirmed nothing but this asks a person; where it is in doubt one is asked anyway.
    assert told(CORRECTED_FROM, altered=0.0, painted=0.0, agreement="agree") == ["field-altered"]
    assert told(CORRECTED_FROM - 0.01, altered=0.9, painted=0.0, agreement="agree") == []
    assert told(CORRECTED_FROM, altered=0.0, painted=0.0, agreement="unsure") == ["field-altered"]
    assert told(CORRECTED_FROM - 0.01, altered=0.9, painted=0.0, agreement="unsure") == ["field-unclear"]
    # Paint is none of the pen's: it is judged by the paper, as before.
    assert told(0.0, altered=0.6, painted=0.6, agreement="agree") == ["field-altered"]
    assert told(0.0, altered=0.1, painted=0.1, agreement="agree") == []
    assert told(0.0, altered=0.1, painted=0.1, agreement="unsure") == ["field-altered"]
    # What was not weighed beside the text, and evidence of older versions, is judged by the ink alone.
    assert told(None, altered=0.6, painted=0.0, agreement="agree") == ["field-altered"]
    assert told(0.0, altered=0.6, painted=None, agreement="agree") == ["field-altered"]


def test_a_blot_in_a_bad_picture_is_no_correction() -> None:
    hidden = altered(MAJOR, scene().judgement(MAJOR, "unsure")).trouble(MAJOR, "glare")
    assert codes(hidden) == ["region-unjudgeable"]
    assert codes(altered(MAJOR).trouble(MAJOR, "glare")) == ["field-altered"]


def test_a_correction_does_not_hide_a_difference() -> None:
    both = altered(MAJOR, scene().judgement(MAJOR, "differ", read="化学"))
    assert sorted(codes(both)) == ["field-altered", "field-differs"]


def test_a_field_in_a_bad_picture_says_nothing_of_the_paper() -> None:
    for agreement in ("blank", "differ", "unsure"):
        bad = scene().judgement(MAJOR, agreement).trouble(MAJOR, "blur")
        assert codes(bad) == ["region-unjudgeable"], agreement
    assert found(scene().trouble(MAJOR, "blur")) == ()


def test_a_roster_fact_that_is_not_known_does_not_pass() -> None:
    assert unknown(scene({"student.major": None})) == ["student.major"]
    assert found(scene({"student.phone": None})) == ()


def test_a_place_that_was_not_measured_does_not_pass() -> None:
    lost = scene().judgement(PHONE, "not_evaluated")
    del lost.seen[PHONE]  # type: ignore[attr-defined]
    assert unknown(lost) == [f"regions.{PHONE}"]


def test_a_reader_that_failed_is_named_once() -> None:
    failed = scene(failures=(Failure("read", "MemoryError", MAJOR),)).judgement(MAJOR, "unsure")
    finding = only(failed)
    assert (finding.code, finding.params) == ("check-failed", {"check": "read", "reason": "MemoryError"})
    everywhere = replace(failed, failures=(Failure("read", "MemoryError"),))
    assert codes(everywhere) == ["check-failed"]


def test_a_value_that_is_denied_in_one_place_is_not_doubted_in_another() -> None:
    twice = form(
        {"id": "again", "kind": "text", "box": [10, 10, 60, 20], "value": "student.major", "compare": "text"}
    )
    spoilt = scene(template=twice).judgement(MAJOR, "differ", read="化学").judgement("again", "unsure")
    assert codes(spoilt) == ["field-differs"]


def test_an_employer_may_have_no_authority() -> None:
    asked = form(
        {
            "id": "again",
            "kind": "text",
            "box": [10, 10, 60, 20],
            "value": "entry.authority_name",
            "compare": "organisation",
            "required": True,
        }
    )
    nothing = InkMeasure(0.0, None, blank=0.99)
    assert found(scene(template=asked).evidence("again", ink=nothing)) == ()
    assert codes(scene(template=asked)) == ["field-not-expected"]


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("entry.employer_name", "field-differs"),
        ("student.name", "student-name-differs"),
        ("student.id_number", "id-number-differs"),
    ],
)
def test_a_difference_that_the_ink_only_leans_to_is_for_a_person(value: str, code: str) -> None:
    spoilt = scene().judgement(region_of(value), "unsure", read="别的", leans=True)
    assert only(spoilt).code == code
    assert verdict(spoilt) == "review"


@pytest.mark.parametrize(
    ("value", "code"), [("entry.employer_name", "field-differs"), ("student.name", "student-name-differs")]
)
def test_one_character_that_stands_right_in_another_place_is_for_a_person(value: str, code: str) -> None:
    twice = form({"id": "again", "kind": "text", "box": [10, 10, 60, 20], "value": value, "compare": "text"})
    right = scene(template=twice)
    expected = right.judged["again"].expected or ""
    for read in ("别" + expected[1:], expected[:-1], expected + "别"):
        doubted = right.judgement("again", "differ", read=read)
        assert (only(doubted).code, only(doubted).severity) == (code, "review")
        both = doubted.judgement(region_of(value), "differ", read=read)
        assert only(both).severity == "return"
        unsure = doubted.judgement(region_of(value), "unsure", read=expected)
        assert only(unsure).severity == "return"
    assert only(right.judgement("again", "differ", read="别的")).severity == "return"
