"""Sparse posteriors of the lines of a region, as one dense lattice over the symbols that matter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from scanservice.evidence import Posterior
from scanservice.verify.alphabet import ANY, BORDER, Alphabet
from scanservice.verify.dense import Floats, Integers
from scanservice.verify.remembered import Remembered

FLOOR = -14.0
"""Natural logarithm of the least probability that a symbol is given at a step: what the recogniser did
not keep is unlikely, but one step must not decide alone."""
MATTERS = 1e-4
"""A class that is nowhere likelier than this is no rival: it could not come near any plausible reading."""


@dataclass(frozen=True, eq=False)
class Lattice:
    """T x C probabilities over one region.

    Attributes:
        weights: probability of each class at each step over that of the step's likeliest class:
            0 to 1, with a 1 in every row. Column 0 is the blank.
        classes: the alphabet's class of each column.
        confidence: mean over the emitted characters of the likeliest class's probability, 0 to 1.
        source: which look it is, as `Posterior.source`.
    """

    weights: Floats
    classes: tuple[int, ...]
    confidence: float
    source: str

    def columns(self, codes: Sequence[int]) -> Integers:
        """The columns of some classes; every class must be among those asked for when it was made."""
        place = {code: column for column, code in enumerate(self.classes)}
        return np.array([place[code] for code in codes], dtype=np.int32)

    def codes(self, columns: Iterable[int]) -> tuple[int, ...]:
        return tuple(self.classes[column] for column in columns)

    def greedy(self) -> tuple[int, ...]:
        """Classes of the best path, repeats and blanks taken out, `ANY` never among them."""
        usable = [column for column, code in enumerate(self.classes) if code != ANY]
        path = np.asarray(usable)[np.argmax(self.weights[:, usable], axis=1)]
        kept = path[np.flatnonzero(np.diff(path, prepend=-1))]
        return self.codes(int(column) for column in kept if column != 0)


_lattices: Remembered[Posterior, Lattice] = Remembered()


def lattice(
    lines: Sequence[Posterior], alphabet: Alphabet, wanted: Iterable[Sequence[int]], *, cells: bool
) -> Lattice:
    """The lines of a region one after another.

    Args:
        lines: of one reader and preparation, in reading order.
        wanted: class sequences that will be scored; their classes get columns.
        cells: the lines are cells, with a `BORDER` between each two; otherwise a blank step stands there,
            so that a character that ends one line and begins the next is not taken for one.
    """
    asked = tuple(tuple(codes) for codes in wanted)
    if not lines:
        return _joined(lines, alphabet, asked, cells=cells)
    # The classes of an alphabet live as long as the process, so their identity names them.
    key = (id(alphabet.classes), alphabet.permitted, tuple(lines[1:]), asked, cells)
    return _lattices.get(lines[0], key, lambda: _joined(lines, alphabet, asked, cells=cells))


def _joined(
    lines: Sequence[Posterior], alphabet: Alphabet, wanted: Sequence[Sequence[int]], *, cells: bool
) -> Lattice:
    folded = [_folded(line, alphabet) for line in lines]
    likely: set[int] = set()
    for symbols, probabilities in folded:
        likely.update(np.unique(symbols[probabilities > MATTERS]).tolist())
    if alphabet.permitted is not None:
        likely &= alphabet.permitted
    asked = {code for codes in wanted for code in codes}
    ordinary = sorted((likely | asked) - {0, ANY, BORDER})
    classes = (0, *ordinary, ANY, BORDER)
    blocks: list[Floats] = []
    for index, (symbols, probabilities) in enumerate(folded):
        if index:
            blocks.append(_between(classes, BORDER if cells else 0))
        blocks.append(_dense(symbols, probabilities, classes))
    logs = np.concatenate(blocks) if blocks else _between(classes, 0)
    weights = np.exp(logs - logs[:, :-2].max(axis=1, initial=FLOOR, keepdims=True))
    border = logs[:, -1] == 0.0
    weights[border] = np.exp(logs[border])
    return Lattice(weights, classes, _confidence(logs), lines[0].source if lines else "")


def _folded(line: Posterior, alphabet: Alphabet) -> tuple[Integers, Floats]:
    """Classes (T x K) and probabilities; several symbols of one class stay apart, to be added later."""
    return alphabet.classes[line.symbols], np.exp(line.log_probs.astype(np.float64))


def _dense(symbols: Integers, probabilities: Floats, classes: tuple[int, ...]) -> Floats:
    """Logarithms of T x C probabilities with the floor, the wildcard's column and the border's."""
    steps = len(symbols)
    place = np.full(max(max(classes), int(symbols.max(initial=0))) + 1, -1, dtype=np.int64)
    for column, code in enumerate(classes):
        if code >= 0:
            place[code] = column
    columns = place[symbols]
    dense = np.zeros((steps, len(classes)))
    rows = np.broadcast_to(np.arange(steps)[:, None], symbols.shape)
    known = columns >= 0
    np.add.at(dense, (rows[known], columns[known]), probabilities[known])
    dense[:, -2] = 1 - np.clip(dense[:, 0], 0, 1)
    logs = np.maximum(np.log(np.maximum(dense, 1e-30)), FLOOR)
    # What was not kept is less likely than the least that was.
    least = np.log(np.maximum(probabilities.min(axis=1), 1e-30))
    missing = dense == 0.0
    logs = np.where(missing, np.maximum(np.minimum(logs, least[:, None]), FLOOR), logs)
    logs[:, -1] = 2 * FLOOR
    return logs


def _between(classes: tuple[int, ...], code: int) -> Floats:
    """One step at which only the blank, or only the border, can stand."""
    logs = np.full((1, len(classes)), 2 * FLOOR)
    logs[0, classes.index(code)] = 0.0
    return logs


def _confidence(logs: Floats) -> float:
    best = np.argmax(logs[:, :-2], axis=1)
    emitted = best != 0
    return float(np.exp(logs[emitted, best[emitted]]).mean()) if emitted.any() else 0.0
