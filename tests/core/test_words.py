from typing import get_args

import pytest

from scanservice.case import VALUE_PATHS
from scanservice.evidence import Trouble
from scanservice.findings import LANGUAGES, catalogue, render, terms
from scanservice.template import Owner
from scanservice.wording import words


@pytest.mark.parametrize("code", catalogue())
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_finding_has_its_words(code, language):
    kind = catalogue()[code]
    text = render(code, dict.fromkeys(kind.params, "1"), language)
    assert text.message and text.advice and "{" not in text.message + text.advice
    letters = [c for c in text.advice if c.isalpha()]
    latin = sum(c.isascii() for c in letters) / len(letters)
    assert latin > 0.7 if language == "en" else latin < 0.4


@pytest.mark.parametrize("language", LANGUAGES)
def test_codes_are_shown_by_what_people_call_them(language):
    assert VALUE_PATHS | set(get_args(Owner)) | set(get_args(Trouble)) <= terms(language).keys()
    shown = render("field-blank", {"field": "entry.archive_receiver"}, language)
    assert "entry." not in shown.message


def test_what_is_read_is_shown_as_read():
    text = render("serial-differs", {"read": "school", "expected": None}, "zh-CN")
    assert "school" in text.message and "None" not in text.message


def test_both_languages_have_the_same_words():
    first, second = (words(language) for language in LANGUAGES)
    assert {(g, k) for g, group in first.items() for k in group} == {
        (g, k) for g, group in second.items() for k in group
    }
    assert terms("zh-CN").keys() == terms("en").keys()
