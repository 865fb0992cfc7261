from typing import Any

import pytest

from tests.verify.builders import SERIAL, Scene, scene
from tests.verify.rules.asking import codes, found, only, unknown

OLD = "2019100111"
PAPERS = [
    {"serial": OLD, "issued_on": "2018-09-20", "status": "returned", "sealed_in_advance": False},
    {"serial": SERIAL, "issued_on": "2018-10-12", "status": "held", "sealed_in_advance": False},
]


def termination(**changes: Any) -> dict[str, Any]:
    return {
        "serial": OLD,
        "employer_name": "北京某公司",
        "route": "out_of_province",
        "state": "approved",
        "applied_on": "2018-10-08",
        "papers_returned": True,
        **changes,
    }


def ended(*terminations: dict[str, Any], **changes: Any) -> Scene:
    return scene({"workflow.papers": PAPERS, "workflow.terminations": list(terminations), **changes})


def test_one_termination_and_a_new_paper() -> None:
    assert found(ended(termination())) == ()


def test_a_second_termination() -> None:
    assert codes(ended(termination(), termination(serial="2019100222"))) == ["termination-already-used"]
    assert codes(ended(termination(), termination(state="requested"))) == ["termination-already-used"]


@pytest.mark.parametrize(
    ("day", "expected"),
    [("2019-01-07", []), ("2019-01-08", ["termination-too-late"]), ("2019-01-09", ["termination-too-late"])],
)
def test_the_seasons_day_itself_is_too_late(day: str, expected: list[str]) -> None:
    late = {"today": "2019-03-01"}
    assert codes(ended(termination(applied_on=day), **late)) == expected


def test_the_day_is_the_seasons() -> None:
    spoilt = scene(
        {"workflow.papers": PAPERS, "workflow.terminations": [termination()]},
        season={"terminations_before": "2018-10-08"},
    )
    assert only(spoilt).params == {"deadline": "2018-10-08"}
    never = scene(
        {"workflow.papers": PAPERS, "workflow.terminations": [termination(applied_on=None)]},
        season={"terminations_before": None},
    )
    assert found(never) == ()


def test_a_termination_that_is_asked_for() -> None:
    assert codes(ended(termination(state="requested", papers_returned=False))) == ["termination-pending"]
    assert codes(ended(**{"workflow.state": "terminating"})) == ["termination-pending"]


def test_papers_of_an_ended_agreement() -> None:
    finding = only(ended(termination(papers_returned=False)))
    assert (finding.code, finding.params) == ("previous-paper-not-returned", {"serial": OLD})
    assert found(ended(termination(papers_returned=False, route="in_province"))) == ()
    assert codes(ended(termination(papers_returned=False, route=None))) == ["previous-paper-not-returned"]


@pytest.mark.parametrize(
    ("change", "fact"),
    [
        ({"state": None}, "workflow.terminations.state"),
        ({"applied_on": None}, "workflow.terminations.applied_on"),
        ({"papers_returned": None, "serial": "2019100222"}, "workflow.terminations.papers_returned"),
    ],
)
def test_what_is_not_known_of_a_termination_does_not_pass(change: dict[str, Any], fact: str) -> None:
    assert unknown(ended(termination(**change))) == [fact]


def test_unknown_terminations_do_not_pass() -> None:
    assert unknown(scene({"workflow.terminations": None})) == ["workflow.terminations"]


def test_the_ended_agreements_serial_on_a_new_scan() -> None:
    old = ended(termination(serial=SERIAL))
    assert codes(old) == ["serial-void"]
    asked = ended(termination(serial=SERIAL, state="requested"))
    assert codes(asked) == ["termination-pending"]


def test_the_papers_state_says_that_they_were_handed_back() -> None:
    assert found(ended(termination(papers_returned=None))) == ()
