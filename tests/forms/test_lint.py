"""Lint: each doubt is raised by the defect it names, and by nothing in a sound package."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from scanservice.drafting import LintMessage, lint

OUC = Path(__file__).parents[2] / "templates" / "ouc-2019"
SOUND: dict[str, Any] = yaml.safe_load((OUC / "template.yaml").read_bytes())
Content = dict[str, Any]


def linted(folder: Path, change: Callable[[Content], object]) -> list[LintMessage]:
    content = copy.deepcopy(SOUND)
    change(content)
    shutil.copy(OUC / "blank.pdf", folder / "blank.pdf")
    (folder / "template.yaml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return lint(folder)


def region(content: Content, region_id: str) -> dict[str, Any]:
    return next(r for page in content["pages"] for r in page["regions"] if r["id"] == region_id)


def keep(content: Content, wanted: Callable[[dict[str, Any]], bool]) -> None:
    for page in content["pages"]:
        page["regions"] = [item for item in page["regions"] if wanted(item)]


def put(region_id: str, **keys: Any) -> Callable[[Content], object]:
    return lambda content: region(content, region_id).update(keys)


def drop(region_id: str, key: str) -> Callable[[Content], object]:
    return lambda content: region(content, region_id).pop(key)


def only(kind: str, count: int) -> Callable[[Content], object]:
    """Leaves `count` regions of a kind on each page."""

    def change(content: Content) -> None:
        for page in content["pages"]:
            rest = [r for r in page["regions"] if r["kind"] == kind][count:]
            page["regions"] = [r for r in page["regions"] if r not in rest]

    return change


def at(region_id: str, key: str = "") -> str:
    """The path of a region, or of one of its keys, in the sound description."""
    for p, page in enumerate(SOUND["pages"]):
        for r, item in enumerate(page["regions"]):
            if item["id"] == region_id:
                return f"pages[{p}].regions[{r}]" + (f".{key}" if key else "")
    raise LookupError(region_id)


DEFECTS: dict[str, tuple[str, Callable[[Content], object]]] = {
    "print-none": ("pages[0]", only("print", 0)),
    "print-few": ("pages[1]", only("print", 2)),
    "print-empty": (at("cover_serial_label", "box"), put("cover_serial_label", box=[5, 5, 20, 10])),
    "print-text-differs": (at("cover_serial_label", "text"), put("cover_serial_label", text="协议号")),
    "print-without-text": (at("cover_serial_label"), drop("cover_serial_label", "text")),
    "print-in-box": (at("cover_student", "box"), put("cover_student", box=[60, 151, 166, 162])),
    "print-overlap": (at("agreement_serial", "box"), put("agreement_serial", box=[90, 10, 190, 22])),
    "text-overlap": (at("student_gender", "box"), put("student_gender", box=[80, 33.4, 130, 41])),
    "text-low": (at("student_name", "box"), put("student_name", box=[48, 34, 80, 38])),
    "text-without-value": (at("student_name"), drop("student_name", "value")),
    "compare-unusual": (at("student_name", "compare"), put("student_name", compare="phone")),
    "value-unused": (at("student_wish", "value"), put("student_wish", value="student.name")),
    "owner-unused": (at("student_name", "owner"), put("student_name", owner="student")),
    "date-cells": (at("student_date", "cells"), put("student_date", cells=[[140.2, 97, 150, 103]])),
    "cell-outside": (
        at("student_date", "cells[0]"),
        put("student_date", cells=[[30, 97, 40, 103], [160, 97, 170, 103], [175, 97, 180, 103]]),
    ),
    "seal-overlap": (at("authority_seal", "box"), put("authority_seal", box=[80, 168.4, 192, 213])),
    "seal-small": (at("authority_seal", "box"), put("authority_seal", box=[130, 170, 150, 190])),
    "seal-none": ("pages", lambda c: keep(c, lambda r: r.get("owner") != "employer")),
    "signature-none": ("pages", lambda c: keep(c, lambda r: r["kind"] != "signature")),
    "serial-none": ("pages", lambda c: keep(c, lambda r: r["kind"] != "serial")),
    "serial-without-ink": (at("cover_serial"), drop("cover_serial", "ink")),
    "pattern-loose": (at("cover_serial", "pattern"), put("cover_serial", pattern=r"(?P<serial>\d+)")),
    "patterns-differ": ("pages", put("cover_serial", pattern=r"(?P<serial>\d{9})")),
    "values-uncovered": ("pages", lambda c: keep(c, lambda r: r.get("value") != "entry.archive_receiver")),
    "season-incomplete": ("season", lambda c: c["season"].pop("terminations_before")),
    "page-undescribed": ("pages", lambda c: c["pages"].pop()),
    "refusal-none": ("refusal", lambda c: c.update(accepts=False)),
    "refusal-unknown": ("refusal", lambda c: c.update(accepts=False, refusal="nonsense")),
    "template-invalid": (at("student_name", "colour"), put("student_name", colour="blue")),
}

# A defect that cannot be made without another.
BESIDES = {
    "print-overlap": {"print-in-box"},
    "text-overlap": {"print-in-box"},
    "pattern-loose": {"patterns-differ"},
}


@pytest.mark.parametrize("code", DEFECTS)
def test_a_defect_is_named_at_its_place(tmp_path: Path, code: str) -> None:
    path, change = DEFECTS[code]
    messages = linted(tmp_path, change)
    assert (code, path) in {(message.code, message.path) for message in messages}
    assert {message.code for message in messages} == {code} | BESIDES.get(code, set())


def test_a_sound_package_raises_nothing(tmp_path: Path) -> None:
    assert linted(tmp_path, lambda content: content) == []


def test_doubts_are_told_beside_errors_and_after_them(tmp_path: Path) -> None:
    def change(content: Content) -> None:
        put("student_name", colour="blue")(content)
        put("student_gender", box=[300, 33, 310, 41])(content)
        drop("cover_serial", "ink")(content)

    messages = linted(tmp_path, change)
    assert [message.severity for message in messages] == sorted(
        (message.severity for message in messages), key=["error", "warning", "note"].index
    )
    assert {message.path for message in messages if message.severity == "error"} == {
        at("student_name", "colour"),
        at("student_gender", "box"),
    }
    assert "serial-without-ink" in {message.code for message in messages}


def test_a_message_reads_as_one_line() -> None:
    message = LintMessage("warning", "text-low", "pages[0].regions[1].box", "is low")
    assert str(message) == "warning[text-low] pages[0].regions[1].box: is low"
    assert str(LintMessage("error", "file-missing", "", "is not there")) == "error[file-missing] is not there"


def test_a_folder_without_description_is_an_error(tmp_path: Path) -> None:
    assert [(m.severity, m.code) for m in lint(tmp_path)] == [("error", "file-missing")]


def test_a_damaged_blank_is_an_error_and_the_rest_is_linted(tmp_path: Path) -> None:
    linted(tmp_path, drop("cover_serial", "ink"))
    (tmp_path / "blank.pdf").write_bytes(b"%PDF-1.7 nothing")
    codes = [(message.severity, message.code) for message in lint(tmp_path)]
    assert ("error", "template-invalid") in codes
    assert ("warning", "serial-without-ink") in codes
