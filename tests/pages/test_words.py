"""The words of pages: both languages whole, none used that is not there, none there that no page uses."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

import scanservice.web.pages
from scanservice.findings import LANGUAGES, Language, catalogue
from scanservice.web.pages.wording import page_words
from scanservice.web.problems import PROBLEMS

PAGES = Path(scanservice.web.pages.__file__).parent
SOURCES = [*PAGES.glob("templates/*.html"), *PAGES.glob("*.py")]
CALLED = re.compile(r"""\bt\(\s*\(?f?["']([a-z_.-]+)(["'{])""")
BEGUN = re.compile(r"""["']([a-z_]+\.(?:[a-z_]+_)?)["{]\s*(?:~|[a-z])""")


def called() -> Iterable[tuple[str, bool]]:
    """Keys that sources ask for; True where the source goes on to complete it."""
    for source in SOURCES:
        text = source.read_text("utf-8")
        yield from ((key, key.endswith((".", "_")) or quote == "{") for key, quote in CALLED.findall(text))


def begun() -> set[str]:
    found = {key for key, completed in called() if completed}
    for source in SOURCES:
        found |= set(BEGUN.findall(source.read_text("utf-8")))
    return found


def own(language: Language) -> set[str]:
    shared = ("verdict.", "verdict_help.", "severity.", "state.", "kind.", "label.", "owner.")
    return {key for key in page_words(language).texts if not key.startswith(shared)}


def test_both_languages_have_the_same_keys() -> None:
    assert own("zh-CN") == own("en")


def test_both_languages_fill_the_same_places() -> None:
    for key in own("en"):
        places = {
            language: sorted(re.findall(r"\{(\w+)\}", page_words(language)(key))) for language in LANGUAGES
        }
        assert places["zh-CN"] == places["en"], key


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_key_that_a_page_asks_for_is_there(language: Language) -> None:
    texts = page_words(language).texts
    for key, completed in called():
        if completed:
            assert any(known.startswith(key) for known in texts), key
        else:
            assert key in texts, key


def test_no_key_is_left_over() -> None:
    asked = {key for key, completed in called() if not completed}
    prefixes = (*begun(), "problem.", "trouble.")
    assert {key for key in own("en") if key not in asked and not key.startswith(prefixes)} == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_finding_has_a_title(language: Language) -> None:
    titles = {
        key.removeprefix("finding.") for key in page_words(language).texts if key.startswith("finding.")
    }
    assert titles == set(catalogue())


def test_problems_on_pages_are_problems_of_the_service() -> None:
    named = {key.removeprefix("problem.") for key in own("en") if key.startswith("problem.")}
    assert named - {"other"} <= set(PROBLEMS)
