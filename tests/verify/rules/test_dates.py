import pytest

from tests.verify.builders import SERIAL, region_of, scene
from tests.verify.rules.asking import codes, found, only, unknown

STUDENT, EMPLOYER = region_of("entry.student_signed_on"), region_of("entry.employer_signed_on")


@pytest.mark.parametrize(
    ("key", "day", "reason"),
    [
        ("student_signed_on", "2018-12-26", "in-the-future"),
        ("employer_signed_on", "2018-12-26", "in-the-future"),
        ("student_signed_on", "2018-10-11", "before-issue"),
        ("employer_signed_on", "2018-12-17", "out-of-order"),
        ("confirmed_on", "2018-12-19", "before-signing"),
        ("confirmed_on", "2018-12-26", "in-the-future"),
    ],
)
def test_a_date_that_cannot_be(key: str, day: str, reason: str) -> None:
    finding = only(scene({f"entry.{key}": day}))
    assert (finding.code, finding.severity) == ("date-implausible", "review")
    assert finding.params == {"reason": reason, "date": day}


@pytest.mark.parametrize(
    "changes",
    [
        {"entry.student_signed_on": "2018-10-12"},
        {"entry.employer_signed_on": "2018-12-18"},
        {"entry.confirmed_on": "2018-12-20"},
        {"entry.confirmed_on": "2018-12-25"},
        {"entry.employer_signed_on": "2018-12-25", "entry.confirmed_on": "2018-12-25"},
    ],
    ids=["day-of-issue", "same-day", "day-of-signing", "today", "all-today"],
)
def test_the_day_itself_is_plausible(changes: dict[str, str]) -> None:
    assert found(scene(changes)) == ()


def test_dates_outside_the_season() -> None:
    season = {"from": "2018-12-19", "until": "2018-12-24"}
    papers = [{"serial": SERIAL, "issued_on": "2018-01-01", "status": "held", "sealed_in_advance": False}]
    reasons = [f.params["reason"] for f in found(scene({"workflow.papers": papers}, season=season))]
    assert reasons == ["before-the-season"]
    late = {
        "workflow.papers": papers,
        "entry.employer_signed_on": "2018-12-25",
        "entry.confirmed_on": "2018-12-25",
    }
    reasons = [f.params["reason"] for f in found(scene(late, season=season))]
    assert reasons == ["before-the-season", "after-the-season"]


def test_one_wrong_date_is_one_finding() -> None:
    assert len(found(scene({"entry.student_signed_on": "2019-02-01"}))) == 1


def test_a_day_of_issue_that_is_not_known_does_not_pass() -> None:
    papers = [{"serial": SERIAL, "issued_on": None, "status": "held", "sealed_in_advance": False}]
    assert unknown(scene({"workflow.papers": papers})) == ["workflow.papers.issued_on"]


@pytest.mark.parametrize("region", [STUDENT, EMPLOYER])
def test_a_date_that_is_not_written(region: str) -> None:
    finding = only(scene().judgement(region, "blank"))
    assert (finding.code, finding.severity, finding.region) == ("date-missing", "review", region)


def test_a_date_that_is_not_entered() -> None:
    finding = only(scene({"entry.student_signed_on": None}))
    assert (finding.code, finding.region) == ("date-missing", STUDENT)


def test_a_date_that_reads_otherwise_is_left_to_a_person() -> None:
    finding = only(scene().judgement(STUDENT, "differ", read="2018年12月19日"))
    assert (finding.code, finding.severity) == ("field-differs", "review")


def test_a_bad_picture_of_a_date_is_asked_for_again() -> None:
    assert codes(scene().judgement(STUDENT, "blank").trouble(STUDENT, "glare")) == ["region-unjudgeable"]
