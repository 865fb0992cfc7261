"""docs/describe-your-form.md: what the page says is what the program does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scanservice.drafting import draft, lint
from scanservice.template import load_template

DOCS = Path(__file__).parents[2] / "docs"
PAGE, CHINESE = (
    (DOCS / f"describe-your-form{language}.md").read_text(encoding="utf-8") for language in ("", ".zh-CN")
)
EXAMPLE = DOCS / "example-form"


def blocks(page: str) -> list[str]:
    return re.findall(r"```(?:\w*)\n(.*?)```", page, re.DOTALL)


def block(containing: str) -> str:
    return next(text for text in blocks(PAGE) if containing in text)


@pytest.fixture(scope="module")
def drafted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draft(EXAMPLE / "blank.pdf", tmp_path_factory.mktemp("doc") / "donghai-2019").parent


def test_the_finished_example_is_sound() -> None:
    assert lint(EXAMPLE) == []
    assert load_template(EXAMPLE).id == "donghai-2019"


def test_lint_says_of_the_draft_what_the_page_says(drafted: Path) -> None:
    assert block("pattern-loose").splitlines() == [str(message) for message in lint(drafted)]


def test_the_draft_is_as_quoted(drafted: Path) -> None:
    text = (drafted / "template.yaml").read_text(encoding="utf-8")
    quoted = block("# drafted").splitlines()
    assert quoted[1].split("   # check:")[0] in text
    assert quoted[3] in (EXAMPLE / "template.yaml").read_text(encoding="utf-8")


def test_the_draft_and_the_finished_package_describe_the_same_places(drafted: Path) -> None:
    first, last = load_template(drafted), load_template(EXAMPLE)
    before = [(r.kind, r.value, r.owner) for _, r in first.regions()]
    assert before == [(r.kind, r.value, r.owner) for _, r in last.regions()]


@pytest.mark.parametrize("page", [PAGE, CHINESE], ids=["en", "zh-CN"])
def test_pictures_and_files_that_the_page_names_are_there(page: str) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", page):
        assert (DOCS / target).exists(), target


def test_both_languages_give_the_same_commands_and_answers() -> None:
    def commands(page: str) -> list[str]:
        return [text for text in blocks(page) if text.startswith(("scanservice", "warning", "season"))]

    assert commands(PAGE) == commands(CHINESE)
