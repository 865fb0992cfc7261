"""From rules to the cells of a table, and from characters to the words in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from scanservice.drafting.paper import Glyph, Paper, Rule
from scanservice.geometry import Box

SNAP_MM = 0.6
"""Rules this near each other are one: double strokes of neighbouring frames, and a scanner's wobble."""
MIN_CELL_MM = 4.0
"""A cell that is smaller on a side cannot be filled in."""
WORD_GAP_EMS = 2.3
"""A wider gap on a line begins another run of words: labels set apart by hand reach about 2 ems."""


@dataclass(frozen=True)
class Run:
    """Words on one line with no wide gap between them."""

    glyphs: tuple[Glyph, ...]

    @property
    def text(self) -> str:
        return "".join(glyph.char for glyph in self.glyphs)

    @property
    def box(self) -> Box:
        return around(glyph.box for glyph in self.glyphs)


@dataclass(frozen=True)
class Cell:
    """A cell of a table with its lines, top to bottom, each of its runs from left to right."""

    box: Box
    lines: tuple[tuple[Run, ...], ...]

    @property
    def text(self) -> str:
        return "".join(run.text for line in self.lines for run in line)

    @property
    def runs(self) -> tuple[Run, ...]:
        return tuple(run for line in self.lines for run in line)


@dataclass(frozen=True)
class Grid:
    """Cells in reading order; the lines that stand in none; the rules that belong to none."""

    cells: tuple[Cell, ...]
    loose: tuple[tuple[Run, ...], ...]
    underlines: tuple[Rule, ...]


def around(boxes: Iterable[Box]) -> Box:
    """The smallest box around boxes."""
    found = list(boxes)
    return Box(
        min(box.left for box in found),
        min(box.top for box in found),
        max(box.right for box in found),
        max(box.bottom for box in found),
    )


def grid(paper: Paper) -> Grid:
    """The cells that a page's rules enclose, with the words in them."""
    boxes = _cells(paper.rules)
    inside: list[list[Glyph]] = [[] for _ in boxes]
    loose: list[Glyph] = []
    for glyph in paper.glyphs:
        x, y = glyph.box.center
        home = next((i for i, box in enumerate(boxes) if _holds(box, x, y)), None)
        (loose if home is None else inside[home]).append(glyph)
    cells = tuple(Cell(box, _lines(glyphs)) for box, glyphs in zip(boxes, inside, strict=True))
    underlines = tuple(
        rule for rule in paper.rules if rule.horizontal and not any(_touches(box, rule) for box in boxes)
    )
    return Grid(cells, _lines(loose), underlines)


def _holds(box: Box, x: float, y: float) -> bool:
    return box.left <= x <= box.right and box.top <= y <= box.bottom


def _touches(box: Box, rule: Rule) -> bool:
    """Whether a horizontal rule is an edge of a cell."""
    meets = min(rule.end, box.right) - max(rule.start, box.left) > SNAP_MM
    return meets and min(abs(rule.at - box.top), abs(rule.at - box.bottom)) <= SNAP_MM


def _cells(rules: Sequence[Rule]) -> list[Box]:
    """Boxes enclosed by rules.

    The rules' positions cut the page into a fine grid; neighbours in it with no rule between them are
    one cell; what is joined to the outside is none. Cells that are not rectangular are left out.
    """
    xs = _levels([rule.at for rule in rules if not rule.horizontal])
    ys = _levels([rule.at for rule in rules if rule.horizontal])
    if len(xs) < 2 or len(ys) < 2:
        return []
    # Field (r, c) lies between ys[r-1], ys[r] and xs[c-1], xs[c]; the outermost ring is the outside.
    rows, columns = len(ys) + 1, len(xs) + 1
    wall_right = np.zeros((rows, columns), dtype=bool)
    wall_below = np.zeros((rows, columns), dtype=bool)
    for rule in rules:
        if rule.horizontal:
            wall_below[_index(ys, rule.at), _between(xs, rule)] = True
        else:
            wall_right[_between(ys, rule), _index(xs, rule.at)] = True
    boxes = []
    for fields in _regions(wall_right, wall_below):
        if (0 in fields[:, 0] or 0 in fields[:, 1]) or fields[:, 0].max() == rows - 1:
            continue
        (top, left), (bottom, right) = fields.min(axis=0), fields.max(axis=0)
        if right == columns - 1 or len(fields) != (bottom - top + 1) * (right - left + 1):
            continue
        box = Box(xs[left - 1], ys[top - 1], xs[right], ys[bottom])
        if box.width >= MIN_CELL_MM and box.height >= MIN_CELL_MM:
            boxes.append(box)
    return sorted(boxes, key=lambda box: (box.top, box.left))


def _levels(values: list[float]) -> list[float]:
    """Positions with those that are nearly one merged to their mean."""
    groups: list[list[float]] = []
    for value in sorted(values):
        if groups and value - groups[-1][-1] <= SNAP_MM:
            groups[-1].append(value)
        else:
            groups.append([value])
    return [sum(group) / len(group) for group in groups]


def _index(levels: list[float], value: float) -> int:
    return int(np.argmin(np.abs(np.asarray(levels) - value)))


def _between(levels: list[float], rule: Rule) -> list[int]:
    """Fields of the fine grid, counted across the rule's length, that the rule passes whole."""
    return [
        i
        for i in range(1, len(levels))
        if rule.start <= levels[i - 1] + 2 * SNAP_MM and rule.end >= levels[i] - 2 * SNAP_MM
    ]


def _regions(wall_right: np.ndarray, wall_below: np.ndarray) -> list[np.ndarray]:
    """Sets of fields (N x 2, row and column) that are joined without a wall between."""
    rows, columns = wall_right.shape
    seen = np.zeros((rows, columns), dtype=bool)
    regions = []
    for start in np.ndindex(rows, columns):
        if seen[start]:
            continue
        seen[start] = True
        stack, fields = [start], []
        while stack:
            row, column = stack.pop()
            fields.append((row, column))
            steps = (
                (row, column + 1, column + 1 < columns and not wall_right[row, column]),
                (row, column - 1, column > 0 and not wall_right[row, column - 1]),
                (row + 1, column, row + 1 < rows and not wall_below[row, column]),
                (row - 1, column, row > 0 and not wall_below[row - 1, column]),
            )
            for next_row, next_column, free in steps:
                if free and not seen[next_row, next_column]:
                    seen[next_row, next_column] = True
                    stack.append((next_row, next_column))
        regions.append(np.array(fields))
    return regions


def _lines(glyphs: Sequence[Glyph]) -> tuple[tuple[Run, ...], ...]:
    """Characters as lines of runs: one line where their middles are within half an em."""
    lines: list[list[Glyph]] = []
    for glyph in sorted(glyphs, key=lambda item: (item.box.center[1], item.box.left)):
        line = lines[-1] if lines else None
        if line and abs(glyph.box.center[1] - line[0].box.center[1]) <= 0.5 * max(glyph.size, line[0].size):
            line.append(glyph)
        else:
            lines.append([glyph])
    return tuple(_runs(sorted(line, key=lambda item: item.box.left)) for line in lines)


def _runs(line: Sequence[Glyph]) -> tuple[Run, ...]:
    runs: list[list[Glyph]] = []
    for glyph in line:
        if runs and glyph.box.left - runs[-1][-1].box.right <= WORD_GAP_EMS * glyph.size:
            runs[-1].append(glyph)
        else:
            runs.append([glyph])
    return tuple(Run(tuple(run)) for run in runs)
