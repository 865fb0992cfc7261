"""Characters of a text that the words around them foresee: regions in their order, set phrases, numbering.

In 上海市徐汇区 the second region can only be one of Shanghai's: a reading that is no region there is most
likely a misreading, and no evidence of a difference. Nor is it evidence of agreement: readers know such words
too, and take a wrong character in one for the right one more often than elsewhere.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

from scanservice.verify.regions_table import stages

WORDY = frozenset({"address", "organisation", "text"})
"""Comparators of texts in which words stand; names and numbers are foreseen by nothing."""
_NUMBERED = re.compile(
    r"(?<=[\d一二三四五六七八九十])(?:号楼|号院|号|室|层|楼|栋|幢|座|单元)|(?:大道|大街|路|街|道|巷|弄)(?=\d)"
)
_POLICE = re.compile(r"公安局?([\u4e00-\u9fff]{2,5}?)分局")


@cache
def _phrases() -> re.Pattern[str]:
    text = resources.files("scanservice.verify").joinpath("data", "phrases.txt").read_text(encoding="utf-8")
    words = sorted(set(text.split()), key=lambda word: (-len(word), word))
    return re.compile("|".join(map(re.escape, words)))


@cache
def foreseen(text: str) -> tuple[bool, ...]:
    """Whether each character of a text (without signs and spaces) stands in a word that is foreseen."""
    marks = [False] * len(text)
    region = _region(text)
    spans = [(0, region), *(match.span() for match in _phrases().finditer(text))]
    spans += [match.span() for match in _NUMBERED.finditer(text)]
    police = _POLICE.search(text)
    if police is not None:
        # A branch of the police is called by its district: 青岛市公安局市南分局.
        place = text[: min(region, police.start())] + police[1]
        if any(_region(place + suffix) >= len(place) for suffix in ("区", "县", "市", "")):
            spans.append(police.span(1))
    for start, end in spans:
        marks[start:end] = [True] * (end - start)
    return tuple(marks)


def _region(text: str) -> int:
    """How many leading characters name regions, each inside the one before it."""
    return max(len(text) - len(stage.rest) for stage in stages(text))


def garbles(reading: str, text: str) -> bool:
    """Whether a reading differs from a text only in words that were foreseen, and makes none of them."""
    if len(reading) != len(text) or reading == text:
        return False
    marks, found = foreseen(text), foreseen(reading)
    places = [place for place, (a, b) in enumerate(zip(text, reading, strict=True)) if a != b]
    return all(marks[place] for place in places) and not all(found[place] for place in places)
