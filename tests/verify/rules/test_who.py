from dataclasses import replace

import pytest

from tests.verify.builders import decoy, region_of, scene
from tests.verify.rules.asking import codes, found, only, unknown, verdict

NAME, NUMBER = region_of("student.name"), region_of("student.id_number")


def test_a_perfect_scan_passes() -> None:
    assert found(scene()) == ()
    assert verdict(scene()) == "pass"


def test_nothing_else_is_said_of_a_student_who_is_not_registered() -> None:
    spoilt = scene({"workflow.registered": False, "workflow.account": "disabled", "entry": None})
    assert codes(spoilt.judgement(NAME, "differ", read="李四")) == ["student-not-registered"]
    assert verdict(spoilt) == "return"


def test_the_form_is_told_even_so() -> None:
    other = scene({"workflow.registered": False}, template=decoy()).standing("refused")
    assert codes(other) == ["student-not-registered", "electronic-agreement"]


def test_an_unknown_registration_does_not_pass() -> None:
    assert unknown(scene({"workflow.registered": None})) == ["workflow.registered"]
    assert verdict(scene({"workflow.registered": None})) == "review"


@pytest.mark.parametrize(("region", "code"), [(NAME, "student-name-differs"), (NUMBER, "id-number-differs")])
def test_identity(region: str, code: str) -> None:
    finding = only(scene().judgement(region, "differ", read="李四"))
    assert (finding.code, finding.severity, finding.region) == (code, "return", region)
    assert finding.params["read"] == "李四"


def test_identity_that_cannot_be_told_is_left_to_a_person() -> None:
    assert codes(scene().judgement(NAME, "unsure")) == ["field-unclear"]


def test_a_name_in_two_places_is_one_finding() -> None:
    both = scene().judgement(NAME, "differ", read="李四")
    assert len(found(both)) == 1


def test_a_replaced_character_is_noted_and_passes() -> None:
    agreed = replace(scene().judged[NAME], why="roster-replaced-character", read="张喆", expected="张?")
    noted = scene()
    noted = replace(noted, judged={**noted.judged, NAME: agreed})
    finding = only(noted)
    assert (finding.code, finding.severity) == ("roster-replaced-character", "note")
    assert finding.params == {"read": "张喆", "expected": "张?"}
    assert verdict(noted) == "pass"
