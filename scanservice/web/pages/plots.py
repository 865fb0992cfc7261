"""Plots as places of bars: what a template needs to draw them as SVG, without a library."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 720.0, 200.0
LEFT, BOTTOM, TOP = 40.0, 22.0, 8.0
"""Room for the axes' words, in the plot's own units."""
MOST_DATES = 8


@dataclass(frozen=True, slots=True)
class Bar:
    kind: str
    label: str
    count: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Plot:
    """Attributes:
    bars: one rectangle a kind and day, stacked.
    steps: lines across, as their height and their number; dates: words below, as place and text.
    """

    bars: tuple[Bar, ...]
    steps: tuple[tuple[float, int], ...]
    dates: tuple[tuple[float, str], ...]
    width: float = WIDTH
    height: float = HEIGHT


def every_day(days: Mapping[str, Mapping[str, int]]) -> dict[str, Mapping[str, int]]:
    """The days from the first to the last, with those on which nothing happened."""
    if not days:
        return {}
    first, last = (dt.date.fromisoformat(choose(days)) for choose in (min, max))
    dates = [(first + dt.timedelta(n)).isoformat() for n in range((last - first).days + 1)]
    return {date: days.get(date, {}) for date in dates}


def stacked(days: Mapping[str, Mapping[str, int]], kinds: Sequence[str]) -> Plot:
    """Bars by day, one on the other in the order of `kinds`; days are ISO 8601, in their order."""
    most = max((sum(counts.values()) for counts in days.values()), default=0)
    step = _step(most)
    top = max(step, math.ceil(most / step) * step)
    scale = (HEIGHT - BOTTOM - TOP) / top
    room = (WIDTH - LEFT) / max(1, len(days))
    bars = []
    for index, (day, counts) in enumerate(days.items()):
        floor = HEIGHT - BOTTOM
        for kind in kinds:
            count = counts.get(kind, 0)
            if count:
                floor -= count * scale
                bars.append(
                    Bar(kind, day, count, LEFT + room * index, floor, min(room * 0.8, 28), count * scale)
                )
    every = math.ceil(len(days) / MOST_DATES) or 1
    dates = [(LEFT + room * i, day[5:]) for i, day in enumerate(days) if i % every == 0]
    steps = [(HEIGHT - BOTTOM - value * scale, value) for value in range(0, top + 1, step)]
    return Plot(tuple(bars), tuple(steps), tuple(dates))


def _step(most: int) -> int:
    """A round number that goes into the highest bar four times at most."""
    rough = max(1.0, most / 4)
    power = 10 ** math.floor(math.log10(rough))
    return int(next(power * unit for unit in (1, 2, 5, 10) if power * unit >= rough))
