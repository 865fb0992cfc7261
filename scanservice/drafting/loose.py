"""Regions outside tables: labels with lines to write on, the printed number, and the form's own print."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scanservice.drafting.grid import Grid, Run
from scanservice.drafting.labels import meaning
from scanservice.drafting.paper import Rule
from scanservice.drafting.proposal import (
    RULE_CLEARANCE_MM,
    WRITING_MM,
    Context,
    Proposal,
    date_proposal,
    dates,
    is_label,
    print_proposal,
    serial_label,
    text_proposal,
)
from scanservice.drafting.table import serial_proposal
from scanservice.geometry import Box

UNDERLINE_BELOW_MM = 6.0
"""A line to write on lies at most this far below the middle of its label."""
SERIAL_MM = (50.0, 8.4)
"""Room for a printed number: ten digits and a prefix at 16 pt are 45 mm wide."""
PRINT_LINES = 10
"""Print regions proposed for a page: the largest and the outermost lines tell forms apart; more only
cost time in every check."""
MIN_PRINT = 3
"""Characters from which a line is worth recognising."""


def propose_loose(grid: Grid, size: tuple[float, float]) -> Iterator[Proposal]:
    """The regions of the lines that stand in no cell."""
    context = Context()
    page = Box(0.0, 0.0, *size)
    prints: list[Run] = []
    for line in grid.loose:
        found = list(dates([line], page))
        taken = {key for _, _, ids in found for key in ids}
        for number, run in enumerate(line):
            if all(id(glyph) in taken for glyph in run.glyphs):
                continue
            after = line[number + 1].box.left if number + 1 < len(line) else size[0] - 5.0
            fields = list(_field(run, after, grid, context, line))
            yield from fields
            if not fields:
                prints.append(run)
        for box, cells, _ in found:
            yield date_proposal(None, box, cells)
    yield from _prints(prints, size)


def _field(run: Run, after: float, grid: Grid, context: Context, line: Sequence[Run]) -> Iterator[Proposal]:
    """What a label outside a table asks for, on the lines after it."""
    x, y = run.box.right, run.box.center[1]
    if serial_label(run.text):
        width, height = SERIAL_MM
        right = min(after, x + width) - 0.5
        yield serial_proposal(Box(x + 0.5, y - height / 2, max(right, x + 5.0), y + height / 2))
        return
    places = [place for place in _underlines(run, grid) if not _printed(place, line)]
    found = meaning(run.text) if places or is_label(run) else None
    if found is None or not places:
        return
    values = context.settle(found, y)
    label = run.text.rstrip("：:")
    remark = "" if found.sure else f"is {label} this value?"
    if len(values) != len(places):
        remark = f"{len(places)} lines for {', '.join(values)}: check which is which"
        values = (*values, *values[-1:] * len(places))[: len(places)]
    for value, rule in zip(values, places, strict=True):
        top = rule.at - max(WRITING_MM, 2.0 * run.glyphs[-1].size)
        box = Box(max(rule.start, x), top, rule.end, rule.at - RULE_CLEARANCE_MM)
        yield text_proposal(value, label, box, remark)


def _underlines(run: Run, grid: Grid) -> list[Rule]:
    """The lines to write on that follow a label, from left to right."""
    y = run.box.center[1]
    rules = [
        rule
        for rule in grid.underlines
        if -1.0 <= rule.at - y <= UNDERLINE_BELOW_MM and rule.end > run.box.right + 8.0
    ]
    return sorted((rule for rule in rules if rule.start > run.box.left), key=lambda rule: rule.start)


def _printed(rule: Rule, line: Sequence[Run]) -> bool:
    """Whether the form has already printed something on a line to write on."""
    return any(rule.start < run.box.center[0] < rule.end for run in line)


def _prints(runs: Sequence[Run], size: tuple[float, float]) -> Iterator[Proposal]:
    """The lines that tell this form from others: large ones, and those nearest to the page's edges."""
    worth = [run for run in runs if len(run.glyphs) >= MIN_PRINT]

    def rank(run: Run) -> tuple[float, float]:
        edge = min(run.box.top, size[1] - run.box.bottom)
        return (-round(run.glyphs[0].size, 1), edge)

    chosen = sorted(worth, key=rank)[: PRINT_LINES // 2]
    rest = [run for run in worth if run not in chosen]
    edges = sorted(rest, key=lambda run: min(run.box.top, size[1] - run.box.bottom))
    chosen += edges[: PRINT_LINES - len(chosen)]
    for run in sorted(chosen, key=lambda item: (item.box.top, item.box.left)):
        yield print_proposal(run, "print")
