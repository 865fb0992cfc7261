from dataclasses import replace

from scanservice.evidence import Failure, InkMeasure
from tests.verify.builders import Scene, scene
from tests.verify.rules.asking import codes, found, only, verdict


def bad(*regions: str, trouble: str = "blur") -> Scene:
    spoilt = scene()
    for region in regions:
        spoilt = spoilt.judgement(region, "unsure").trouble(region, trouble)
    return spoilt


def test_each_place_is_named_while_they_are_few() -> None:
    assert [f.region for f in found(bad("a", "c"))] == ["a", "c"]
    assert verdict(bad("a", "c")) == "retake"


def test_many_places_with_one_trouble_are_one_finding() -> None:
    finding = only(bad("a", "b", "c", "e"))
    assert finding.region == "a"
    assert finding.params == {
        "reason": "blur",
        "field": ["student.name", "student.id_number", "student.major", "entry.employer_name"],
    }


def test_two_troubles_are_two_findings() -> None:
    mixed = bad("a", "b", "c").judgement("e", "unsure").trouble("e", "glare")
    assert [f.params["reason"] for f in found(mixed)] == ["blur", "glare"]


def test_too_few_dots_are_said_once() -> None:
    finding = only(bad("a", "b", trouble="low_resolution"))
    assert (finding.code, finding.params) == ("resolution-too-low", {"dpi": 203})


def test_places_that_nothing_turns_on_may_be_bad() -> None:
    assert found(scene({"entry.household_address": None}).trouble("i", "blur")) == ()
    assert found(scene().signature("s2", 0.3).trouble("s2", "blur")) == ()


def test_a_failed_stage_is_named_and_does_not_pass() -> None:
    failed = scene(failures=(Failure("marks.seal", "ValueError", "m1"),))
    assert codes(failed) == ["check-failed"]
    assert verdict(failed) == "review"
    unsure = replace(failed.judgement("m1", "unsure"), failures=failed.failures)
    assert codes(unsure) == ["check-failed"]


def test_a_correction_beside_a_finger_is_seen_without_it_first() -> None:
    blot = InkMeasure(30.0, None, blank=0.0, altered=0.9)
    covered = scene().evidence("c", ink=blot).trouble("c", "covered")
    finding = only(covered)
    assert (finding.code, finding.severity, finding.region) == ("region-unjudgeable", "retake", "c")
    assert finding.params["reason"] == "covered"
    assert found(scene().trouble("c", "covered")) == (), "what was entered is seen, and nothing else"
    glaring = scene().evidence("c", ink=blot).trouble("c", "glare")
    assert codes(glaring) == ["field-altered"], "light makes no ink"
