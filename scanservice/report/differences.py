"""Which characters of two texts differ, for people's eyes."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher


@dataclass(frozen=True, slots=True)
class Span:
    text: str
    differs: bool


def differing_spans(expected: str, read: str) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    """Both texts cut into spans that are common and spans that are not; an empty text has no spans."""
    if not expected or not read:
        return tuple(_whole(expected)), tuple(_whole(read))
    left: list[Span] = []
    right: list[Span] = []
    for tag, a, b, c, d in SequenceMatcher(None, expected, read, autojunk=False).get_opcodes():
        if b > a:
            left.append(Span(expected[a:b], tag != "equal"))
        if d > c:
            right.append(Span(read[c:d], tag != "equal"))
    return tuple(left), tuple(right)


def _whole(text: str) -> list[Span]:
    return [Span(text, False)] if text else []
