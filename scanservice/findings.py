"""The catalogue of findings: code, severity, clause, and words in Simplified Chinese and English."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, Literal, get_args

from scanservice.verdict import Severity

Language = Literal["zh-CN", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


@dataclass(frozen=True, slots=True)
class Words:
    message: str
    advice: str


@dataclass(frozen=True, slots=True)
class Kind:
    """A code's entry in the catalogue; `severities` are those that it may have, worst first."""

    code: str
    severities: tuple[Severity, ...]
    clause: str
    params: tuple[str, ...]
    words: Mapping[Language, Words]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something found, in its place: a region of the form until the verdict makes it a quad.

    Attributes:
        region: id of the region; None where it is about the upload or the case.
        scan_page: index into the upload's pages, where it is about a page and no region.
        params: exactly the catalogue's parameters of the code; strings, numbers or lists of them.
        internal: for reviewers only (another student's case); never sent to the student.
    """

    code: str
    severity: Severity
    region: str | None = None
    scan_page: int | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    internal: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        kind = catalogue()[self.code]
        if self.severity not in kind.severities:
            raise ValueError(f"{self.code} may not be {self.severity}")
        if set(self.params) != set(kind.params):
            raise ValueError(f"{self.code} takes the parameters {kind.params}")


@cache
def catalogue() -> Mapping[str, Kind]:
    """Every code with its entry, in the order of the file."""
    text = resources.files("scanservice.words").joinpath("findings.toml").read_text(encoding="utf-8")
    return {
        code: Kind(
            code=code,
            severities=tuple(entry["severity"]),
            clause=entry["clause"],
            params=tuple(entry["params"]),
            words={language: Words(**entry[language]) for language in LANGUAGES},
        )
        for code, entry in tomllib.loads(text).items()
    }


CODED = frozenset({"field", "fields", "page", "owner", "reason", "signs", "check"})
"""Parameters whose values are codes, shown by what people call them."""


@cache
def terms(language: Language) -> Mapping[str, str]:
    """What people call a code: a path into the case, a page, an owner, a reason."""
    text = resources.files("scanservice.words").joinpath("terms.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)[language]


def render(code: str, params: Mapping[str, Any], language: Language) -> Words:
    """Message and advice of a finding in a language."""
    words = catalogue()[code].words[language]
    shown = {key: _shown(key, value, language) for key, value in params.items()}
    return Words(words.message.format_map(shown), words.advice.format_map(shown))


def _shown(key: str, value: Any, language: Language) -> str:
    if isinstance(value, (list, tuple)):
        value = value or ["everything"]
        return ("、" if language == "zh-CN" else ", ").join(_shown(key, item, language) for item in value)
    text = "" if value is None else str(value)
    return terms(language).get(text, text) if key in CODED else text
