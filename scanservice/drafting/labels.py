"""What a form's labels mean: the dictionary behind drafts, and how a printed label is looked up in it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal, cast

from scanservice.template import Comparator, Owner

Group = Literal["student", "employer", "archive"]

MIN_SHARE = 0.6
"""A label that only contains a known word is taken for it where the word is this share of it: below
that the other words usually make it another label (学校联系人 is not 联系人)."""


@dataclass(frozen=True)
class Meaning:
    """A label's values by group; `sure` where it is printed exactly as the dictionary has it."""

    label: str
    values: Mapping[Group, tuple[str, ...]]
    sure: bool = True

    def group(self, context: Group | None) -> Group:
        """The group in which it is read: the context's where it has a meaning there, else its first."""
        return context if context is not None and context in self.values else next(iter(self.values))


@dataclass(frozen=True)
class Dictionary:
    comparators: Mapping[str, Comparator]
    optional: frozenset[str]
    natures: Mapping[str, str]
    parties: tuple[tuple[Owner, tuple[str, ...]], ...]
    labels: Mapping[str, Mapping[Group, tuple[str, ...]]]


@cache
def dictionary() -> Dictionary:
    """The dictionary as shipped."""
    text = resources.files("scanservice.drafting").joinpath("labels.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    labels = {}
    for entry in data["labels"]:
        values = {
            cast(Group, group): tuple([value] if isinstance(value, str) else value)
            for group, value in entry.items()
            if group != "words"
        }
        labels.update({plain(word): values for word in entry["words"]})
    return Dictionary(
        comparators=data["comparators"],
        optional=frozenset(data["optional"]["values"]),
        natures=data["natures"],
        parties=tuple((entry["owner"], tuple(entry["words"])) for entry in data["parties"]),
        labels=labels,
    )


def plain(words: str) -> str:
    """A label without spaces, punctuation and remarks in brackets: `学历（学位）：` is `学历`."""
    words = re.sub(r"[\s\u3000:：;；,，、.。*＊_＿\-—]", "", words)
    inner = re.sub(r"[（(][^）)]*[）)]", "", words)
    return inner or re.sub(r"[（()）]", "", words)


def meaning(words: str) -> Meaning | None:
    """What a printed label means, or None where the dictionary has nothing near it."""
    labels, key = dictionary().labels, plain(words)
    if key in labels:
        return Meaning(key, labels[key])
    inside = [word for word in labels if len(word) >= 2 and word in key and len(word) >= MIN_SHARE * len(key)]
    if inside:
        return Meaning(key, labels[max(inside, key=len)], sure=False)
    # One misread character in a label of four or more still leaves it unlike any other.
    near = [word for word in labels if len(word) == len(key) >= 4 and _differences(word, key) == 1]
    return Meaning(key, labels[near[0]], sure=False) if len(near) == 1 else None


def _differences(first: str, second: str) -> int:
    return sum(a != b for a, b in zip(first, second, strict=True))


def party(words: str) -> Owner | None:
    """Whose part of the form these words head, or None."""
    squeezed = re.sub(r"\s", "", words)
    for owner, marks in dictionary().parties:
        if any(mark in squeezed for mark in marks):
            return owner
    return None
