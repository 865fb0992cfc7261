"""The network that sees painted paper: its training, and its threshold.

Trained on sheets of lines and on forms with fluid and tape below some of them, photographed in every way. The
threshold comes from hands that it has not seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import cv2
import numpy as np

from benchmarks.marks.calibrate.convolving import Design, Layer, Trainee, Tree, fresh, store
from benchmarks.marks.calibrate.fitting import keep_network
from benchmarks.marks.calibrate.letters import UNSEEN, known_hand, unseen_hand
from benchmarks.marks.calibrate.papers import form_papers
from benchmarks.marks.calibrate.sheets import Paper, sheet_papers
from fixtures.maker.fonts import HELD_OUT
from scanservice.detect.barepaper import PLANES
from scanservice.detect.network import Network, total
from scanservice.detect.paint import POOLED

DESIGN = Design(
    (
        Layer(3, PLANES, 16),
        Layer(3, 16, 16, pooled=True),
        Layer(3, 16, 32),
        Layer(3, 32, 32, pooled=True),
        Layer(3, 32, 48),
    ),
    hidden=24,
)
HEIGHT, WIDTH = 12, 16
"""Answers of the windows that are trained on: 24 x 32 mm."""
BATCH, RATE = 32, 1.5e-3
SHEETS_ONLY, STEPS = 1200, 2200
FIRST_FORM, UNSEEN_FORM, UNSEEN_SHEET = 4000, 6000, 70000
FORMS_SHARE, UNSEEN_SHARE, UNSEEN_SHEETS = 0.45, 0.375, 0.175
"""Uploads of forms to train on, and forms and sheets for the threshold, to a sheet to train on."""
CLEAN_SHARES = (0.0015, 0.01)
"""Shares of what is clean, by unseen hands, that may be taken for corrected, and that may be suspected."""


class Windows:
    """Windows of papers: half of them around paint, half around any line; turned over at random."""

    def __init__(self, papers: Iterable[Paper], seed: int) -> None:
        self._rng = np.random.default_rng(seed)
        self._papers = list(papers)
        self._places = {
            painted: [
                (number, int(row), int(column))
                for number, paper in enumerate(self._papers)
                for row, column in np.argwhere(paper.painted > 0.5 if painted else paper.painted == 0)
            ]
            for painted in (True, False)
        }

    def next(self) -> tuple[Any, Any]:
        planes, painted = zip(*(self._window(bool(index % 2)) for index in range(BATCH)), strict=True)
        return np.stack(planes), np.stack(painted)

    def _window(self, painted: bool) -> tuple[Any, Any]:
        rng, places = self._rng, self._places[painted]
        number, row, column = places[int(rng.integers(len(places)))]
        paper = self._papers[number]
        top = row - int(rng.integers(1, HEIGHT - 1))
        left = column - int(rng.integers(1, WIDTH - 1))
        answers = np.full((HEIGHT, WIDTH), -1, np.float32)
        cells = np.zeros((HEIGHT * POOLED, WIDTH * POOLED, PLANES), np.float32)
        for whole, part, scale in ((paper.painted, answers, 1), (paper.planes, cells, POOLED)):
            y, x = top * scale, left * scale
            source = whole[max(y, 0) : y + part.shape[0], max(x, 0) : x + part.shape[1]]
            below, beside = max(-y, 0), max(-x, 0)
            part[below : below + source.shape[0], beside : beside + source.shape[1]] = source
        for axis in (0, 1):
            if rng.random() < 0.5:
                answers, cells = np.flip(answers, axis), np.flip(cells, axis)
        cells = cells.copy()
        # Other cameras, other papers, other paints: steps of tone may be weaker, and of either sign.
        cells[:, :, :6] *= rng.uniform(0.6, 1.2) * (1 if rng.random() < 0.8 else -1)
        return cells, answers


def trained(sheets: Iterable[Paper], forms: Iterable[Paper]) -> Tree:
    """A network after `STEPS` steps, the last of them with the paper of forms beside that of sheets."""
    trainee, papers = Trainee(DESIGN, fresh(DESIGN, 1), STEPS, RATE), list(sheets)
    trainee.train(SHEETS_ONLY, Windows(papers, 2).next)
    trainee.train(STEPS, Windows([*papers, *forms], 3).next)
    return trainee.tree


def scores(net: Network, papers: Sequence[Paper]) -> tuple[Any, Any]:
    """Scores of the connected pieces that lines ask about, clean and painted."""
    clean, painted = [], []
    for paper in papers:
        logits = net.logits(paper.planes)
        count, labels = cv2.connectedComponents((paper.painted >= 0).astype(np.uint8), connectivity=4)
        for label in range(1, count):
            of = labels == label
            share = paper.painted[of]
            if share.max() <= 0:
                clean.append(total(logits[of]))
            elif share.max() > 0.5:
                painted.append(total(logits[of]))
    return np.array(clean), np.array(painted)


def calibrate(size: int, *, write: bool) -> None:
    """Trains, and sets the threshold on unseen hands."""
    forms = form_papers(round(FORMS_SHARE * size), None, FIRST_FORM)
    tree = trained(sheet_papers(size, known_hand), forms)
    unseen = list(form_papers(round(UNSEEN_SHARE * size), [*HELD_OUT], UNSEEN_FORM))
    few = round(UNSEEN_SHEETS * size)
    unseen += sheet_papers(few, lambda number, _: unseen_hand(number), UNSEEN_SHEET)
    keep_network(
        "paint",
        lambda path: store(DESIGN, tree, path),
        lambda net: dict(zip(("clean", "painted"), scores(net, unseen), strict=True)),
        CLEAN_SHARES,
        {
            "made_by": f"python -m benchmarks.marks.calibrate paint --size {size}",
            "unseen_hands": [*HELD_OUT, *UNSEEN],
        },
        write=write,
    )
