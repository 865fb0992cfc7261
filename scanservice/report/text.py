"""A verdict as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from scanservice.findings import Language
from scanservice.verdict import Verdict
from scanservice.wording import words

SEVERITY_MARKS = {"return": "✗", "retake": "↻", "review": "?", "note": "·"}


def summary(verdict: Verdict, language: Language) -> str:
    """The verdict, its findings with advice, and how many regions are in which state."""
    return "\n".join(_lines(verdict, language))


def _lines(verdict: Verdict, language: Language) -> Iterator[str]:
    word = words(language)
    yield f"{word['verdict'][verdict.verdict]} ({verdict.verdict}) · {word['label']['preliminary']}"
    yield word["verdict_help"][verdict.verdict]
    yield f"{word['label']['case']}: {verdict.case}   {word['label']['serial']}: {verdict.serial.read or '-'}"
    for number, finding in enumerate(verdict.findings, start=1):
        page = "" if finding.page is None else f" · {word['label']['page'].format(number=finding.page + 1)}"
        region = "" if finding.region is None else f" · {finding.region}"
        yield f"{number}. {SEVERITY_MARKS[finding.severity]} {finding.message} [{finding.code}{page}{region}]"
        yield f"   → {finding.advice} ({word['label']['clause']} {finding.clause})"
    states: dict[str, int] = {}
    for region in verdict.regions:
        for state in (region.presence, region.agreement):
            if state is not None:
                states[state] = states.get(state, 0) + 1
    yield "  ".join(f"{word['state'][state]} {count}" for state, count in sorted(states.items()))
