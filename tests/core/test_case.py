import json

import pytest

from scanservice.case import VALUE_PATHS, parse_case
from scanservice.errors import InputError

SMALLEST = {"case": "c-1", "student": {"name": "林晓"}, "workflow": {"state": "registered"}}


def with_(path, value):
    case = json.loads(json.dumps(SMALLEST))
    holder = case
    for key in path[:-1]:
        holder = holder.setdefault(key, {})
    holder[path[-1]] = value
    return case


def problems(data):
    with pytest.raises(InputError) as caught:
        parse_case(data, source="case.json")
    assert caught.value.code == "case-invalid"
    assert caught.value.line().startswith("case.json: case-invalid: ")
    return [problem.path for problem in caught.value.problems]


def test_the_smallest_case_leaves_all_else_unknown():
    case = parse_case(SMALLEST)
    assert case.entry is None
    assert case.workflow.papers is None
    assert case.value("entry.employer_name") is None
    assert case.value("student.name") == "林晓"


def test_blank_text_is_unknown():
    assert parse_case(with_(("entry", "employer_name"), " 　")).value("entry.employer_name") is None


def test_dates_are_texts_for_a_template():
    assert parse_case(with_(("entry", "student_signed_on"), "2018-12-18")).value(
        "entry.student_signed_on"
    ) == ("2018-12-18")


def test_every_problem_is_told_at_once_with_its_path():
    bad = with_(("workflow", "papers"), [{"serial": "1", "status": "burnt"}, {}])
    bad["student"]["nickname"] = "x"
    bad["entry"] = {"student_signed_on": "yesterday"}
    del bad["case"]
    assert problems(bad) == [
        "case",
        "student.nickname",
        "entry.student_signed_on",
        "workflow.papers[0].status",
        "workflow.papers[1].serial",
    ]


@pytest.mark.parametrize("text", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b"3", b"null", b'"x"'])
def test_what_is_no_case_is_told(text):
    problems(text)


@pytest.mark.parametrize("name", [None, "", "  "])
def test_a_student_has_a_name(name):
    assert problems(with_(("student", "name"), name)) == ["student.name"]


def test_messages_hold_no_value():
    with pytest.raises(InputError) as caught:
        parse_case(with_(("workflow", "state"), "王小明 37020219950318452X"))
    assert "王" not in str(caught.value) and "3702" not in str(caught.value)


def test_value_paths_name_every_fact_of_student_and_entry():
    assert {"student.name", "student.home_address", "entry.serial", "entry.confirmed_on"} <= VALUE_PATHS
    assert len(VALUE_PATHS) == 14 + 20
