"""A description with errors: all of them at once, each with its path."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from scanservice.errors import InputError
from scanservice.template import load_template

OUC = Path(__file__).parents[2] / "templates" / "ouc-2019"


def package(folder: Path, **changes: Any) -> Path:
    """A copy of the school's package, its description changed at the top level."""
    shutil.copy(OUC / "blank.pdf", folder / "blank.pdf")
    content = yaml.safe_load((OUC / "template.yaml").read_bytes()) | changes
    (folder / "template.yaml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return folder


def page(*regions: dict[str, Any], **keys: Any) -> dict[str, Any]:
    return {"page": 1, "name": "cover", "regions": list(regions), **keys}


def problems(folder: Path) -> dict[str, str]:
    with pytest.raises(InputError) as caught:
        load_template(folder)
    assert caught.value.code == "template-invalid"
    paths = [problem.path for problem in caught.value.problems]
    assert len(paths) == len(set(paths)), "one error each"
    return {problem.path: problem.message for problem in caught.value.problems}


def test_every_error_at_once_each_with_its_path(tmp_path: Path) -> None:
    regions = [
        {"id": "a", "kind": "text", "box": [10, 10, 20, 20], "colour": "blue"},
        {"id": "b", "kind": "text", "box": [10, 10, 20, 300]},
        {"id": "a", "kind": "free", "box": [10, 10, 20, 20]},
        {"id": "c", "kind": "serial", "box": [10, 10, 20, 20], "pattern": "NO(?P<serial>"},
        {"id": "d", "kind": "seal", "box": [30, 10, 20, 20], "owner": "school"},
        {"id": "e", "kind": "text", "box": [10, 10, 20, 20], "value": "student.nome", "compare": "name"},
        {"id": "f", "kind": "text", "box": [10, 10, 20, 20], "cells": [[10, 10, 15, 20], [15, 10, 220, 20]]},
    ]
    found = problems(package(tmp_path, pages=[page(*regions)], colour="red"))
    assert set(found) == {
        "colour",
        "pages[0].regions[0].colour",
        "pages[0].regions[1].box",
        "pages[0].regions[2].id",
        "pages[0].regions[3].pattern",
        "pages[0].regions[4].box",
        "pages[0].regions[5].value",
        "pages[0].regions[6].cells[1]",
    }
    assert "off its page" in found["pages[0].regions[1].box"]
    assert "pages[0].regions[0]" in found["pages[0].regions[2].id"]
    assert "does not compile" in found["pages[0].regions[3].pattern"]


def test_what_a_kind_needs_is_asked_for(tmp_path: Path) -> None:
    regions = [
        {"id": "a", "kind": "serial", "box": [10, 10, 20, 20]},
        {"id": "b", "kind": "seal", "box": [10, 10, 20, 20]},
        {"id": "c", "kind": "text", "box": [10, 10, 20, 20], "value": "student.name"},
        {"id": "d", "kind": "text", "box": [10, 10, 20, 20], "compare": "choice"},
    ]
    # Also where another page is wrong.
    found = problems(package(tmp_path, pages=[page(*regions), page(name="other", colour="red")]))
    assert set(found) == {
        "pages[1].colour",
        "pages[0].regions[0].pattern",
        "pages[0].regions[1].owner",
        "pages[0].regions[2].compare",
        "pages[0].regions[3].choices",
    }


def test_a_form_has_a_page(tmp_path: Path) -> None:
    assert set(problems(package(tmp_path, pages=[]))) == {"pages"}


def test_pages_must_be_in_the_blank_and_of_different_names(tmp_path: Path) -> None:
    found = problems(package(tmp_path, pages=[page(), page(page=4)]))
    assert found == {
        "pages[1].page": "the blank has 3 pages",
        "pages[1].name": "cover is also the name of pages[0]",
    }


@pytest.mark.parametrize("blank", ["../blank.pdf", "missing.pdf", "template.yaml"])
def test_the_blank_must_be_a_pdf_of_the_package(tmp_path: Path, blank: str) -> None:
    assert set(problems(package(tmp_path, blank=blank))) == {"blank"}


@pytest.mark.parametrize("text", ["pages: [", "- 1", "", "\x00"])
def test_what_is_no_description_is_one_problem(tmp_path: Path, text: str) -> None:
    folder = package(tmp_path)
    (folder / "template.yaml").write_text(text)
    assert len(problems(folder)) == 1


def test_the_version_follows_description_and_blank(tmp_path: Path) -> None:
    folder = package(tmp_path)
    first = load_template(folder).version
    assert load_template(folder).version == first
    (folder / "blank.pdf").write_bytes((folder / "blank.pdf").read_bytes() + b"\n")
    second = load_template(folder).version
    package(folder, title="Another")
    assert len({first, second, load_template(folder).version}) == 3
