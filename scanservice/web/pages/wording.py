"""The pages' own words, by language, beside those of the shared catalogues."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from fastapi import Request

from scanservice.findings import LANGUAGES, Language
from scanservice.web.pages.forms import one_of
from scanservice.wording import words

COOKIE = "scanservice_language"


@dataclass(frozen=True)
class Words:
    """`words("queue.title")`; with keywords, the places in braces are filled."""

    language: Language
    texts: Mapping[str, str]

    def __call__(self, key: str, **values: Any) -> str:
        text = self.texts[key]
        return text.format_map(values) if values else text

    def __contains__(self, key: str) -> bool:
        return key in self.texts


@cache
def page_words(language: Language) -> Words:
    """The catalogue of a language, its keys dotted; the groups of `interface.toml` come with it."""
    text = resources.files("scanservice.words").joinpath("pages.toml").read_text(encoding="utf-8")
    shared = {
        f"{group}.{key}": value for group, found in words(language).items() for key, value in found.items()
    }
    return Words(language, {**shared, **dict(_dotted(tomllib.loads(text)[language], ""))})


def _dotted(group: Mapping[str, Any], before: str) -> Iterator[tuple[str, str]]:
    for key, value in group.items():
        if isinstance(value, dict):
            yield from _dotted(value, f"{before}{key}.")
        else:
            yield f"{before}{key}", value


def language_of(request: Request, fallback: Language = "zh-CN") -> Language:
    """As chosen on the page before, else `fallback`: what a browser prefers says little of a student
    whose phone came with another language than the notice's."""
    return one_of(request.cookies.get(COOKIE), LANGUAGES) or fallback
