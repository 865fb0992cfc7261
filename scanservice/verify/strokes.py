"""How much ink a character takes: the length of its strokes."""

from __future__ import annotations

from functools import cache
from importlib import resources

DEFAULT = 3.5
"""Of a character that the table lacks: the middle of the common ones."""


def stroke_length(character: str) -> float:
    """In sizes of the character, about; by `data/stroke_lengths.txt`."""
    return _lengths().get(character, DEFAULT)


@cache
def _lengths() -> dict[str, float]:
    """Each row of the table is a length and the characters that have it (see the data's README)."""
    text = resources.files("scanservice.verify").joinpath("data", "stroke_lengths.txt").read_text("utf-8")
    rows = (line.partition(" ") for line in text.splitlines())
    return {character: float(length) for length, _, characters in rows for character in characters}
