"""Readings made by hand: posteriors of a recogniser that saw certain characters, without any picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

from scanservice.case import Case
from scanservice.evidence import LineReading, Posterior, RegionReading
from scanservice.template import Region
from scanservice.verify.recogniser import KEPT, recogniser

Doubt = Mapping[int, Mapping[str, float]]
"""At the character of an index: other characters' probabilities; the rest is the character's own."""
GONE = ""
"""In a doubt: the probability that nothing stands there."""


@cache
def index_of() -> dict[str, int]:
    return {character: index for index, character in enumerate(recogniser().characters)}


def posterior(
    text: str, doubt: Doubt | None = None, *, sure: float = 0.995, source: str = "made"
) -> Posterior:
    """Steps blank, character, blank, character ... blank, each almost sure of itself."""
    rows: list[dict[int, float]] = [{0: sure}]
    for place, character in enumerate(text):
        others = (doubt or {}).get(place, {})
        own = max(sure - sum(others.values()), 1e-6)
        rows.append({index_of()[character]: own})
        for other, share in others.items():
            rows[-1][0 if other == GONE else index_of()[other]] = share
        rows.append({0: sure})
    symbols = np.zeros((len(rows), KEPT), np.int32)
    logs = np.full((len(rows), KEPT), -14.0, np.float16)
    for step, row in enumerate(rows):
        spare = (index for index in range(1, 200) if index not in row)
        ranked = sorted(row.items(), key=lambda item: -item[1])
        for rank in range(KEPT):
            symbol, share = ranked[rank] if rank < len(ranked) else (next(spare), 1e-6)
            symbols[step, rank], logs[step, rank] = symbol, np.log(share)
    return Posterior(symbols, logs, source)


def line(
    text: str, doubt: Doubt | None = None, *, second: str | None = None, sure: float = 0.995
) -> LineReading:
    return LineReading((posterior(text, doubt, sure=sure),), text, sure, second)


def reading(*lines: LineReading, cells: bool = False) -> RegionReading:
    return RegionReading("field", tuple(lines), cells)


def region(compare: str, value: str, **more: Any) -> Region:
    content = {"id": "field", "kind": "text", "box": [0, 0, 60, 8], "compare": compare, "value": value}
    return Region.model_validate(content | more)


def case(student: Mapping[str, Any] | None = None, entry: Mapping[str, Any] | None = None) -> Case:
    return Case.model_validate(
        {
            "case": "1",
            "student": {"name": "张海洋"} | dict(student or {}),
            "entry": dict(entry or {}),
            "workflow": {"state": "entry_confirmed"},
        }
    )


def texts(lines: Sequence[str]) -> RegionReading:
    return reading(*(line(text) for text in lines))
