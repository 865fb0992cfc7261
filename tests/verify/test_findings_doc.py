"""The page of findings: complete, and as it would be written now."""

from __future__ import annotations

import string

import pytest

from scanservice.findings import CODED, LANGUAGES, catalogue, render, terms
from tools.findings_doc import NOTES, TARGET, document


def test_the_page_is_current() -> None:
    assert TARGET.read_text(encoding="utf-8") == document(), "run: python -m tools.findings_doc"


def test_each_code_has_a_section_with_its_words_and_what_to_do() -> None:
    text = TARGET.read_text(encoding="utf-8")
    for code, kind in catalogue().items():
        section = text.split(f"\n## {code}\n", 1)[1].split("\n## ", 1)[0]
        assert kind.clause in section
        assert NOTES["notes"][code] in section
        for words in kind.words.values():
            assert words.message in section
            assert words.advice in section
        for name in kind.params:
            assert f"`{name}`" in section


def test_no_note_is_of_a_code_or_a_parameter_that_is_gone() -> None:
    assert set(NOTES["notes"]) == set(catalogue())
    assert set(NOTES["params"]) == {name for kind in catalogue().values() for name in kind.params}


@pytest.mark.parametrize("code", sorted(catalogue()))
def test_words_use_only_the_codes_own_parameters(code: str) -> None:
    kind = catalogue()[code]
    params = {name: f"<{name}>" for name in kind.params}
    for language, words in kind.words.items():
        used = {
            field
            for text in (words.message, words.advice)
            for _, field, _, _ in string.Formatter().parse(text)
            if field
        }
        assert used <= set(kind.params), language
        assert render(code, params, language).message


def test_terms_are_the_same_in_every_language() -> None:
    first, *others = (set(terms(language)) for language in LANGUAGES)
    assert all(other == first for other in others)
    assert {"field", "reason", "owner", "check", "signs"} <= CODED


def test_lists_and_nothing_are_rendered_for_people() -> None:
    assert (
        "姓名、专业"
        in render("entry-missing", {"fields": ["student.name", "student.major"]}, "zh-CN").message
    )
    assert "everything" in render("entry-missing", {"fields": []}, "en").message
