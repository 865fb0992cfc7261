"""The network that sees painted paper in fields: its training, and its threshold.

Trained on forms with fluid below some of their fields, photographed in every way. The threshold comes from
other forms, by hands of which two are held out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import cv2
import numpy as np

from benchmarks.marks.calibrate import uploads
from benchmarks.marks.calibrate.convolving import Design, Layer, Trainee, Tree, fresh, store
from benchmarks.marks.calibrate.fitting import SCRATCH, keep_network
from benchmarks.marks.calibrate.papers import Paper, paper_of
from scanservice.detect.barepaper import PLANES
from scanservice.detect.network import Network
from scanservice.detect.paint import POOLED, score_under

DESIGN = Design(
    (Layer(3, PLANES, 24, stride=2), Layer(3, 24, 24), Layer(3, 24, 24, pooled=True), Layer(3, 24, 40)),
    hidden=24,
)
HEIGHT, WIDTH = 12, 16
"""Answers of the windows that are trained on: 24 x 32 mm."""
BATCH, STEPS, RATE = 32, 7000, 1.5e-3
ROUNDS = (0.45, 0.6, 0.75, 0.9, 1.0)
"""Shares of the steps after which the clean places are sought anew that look most like paint."""
HARD_SHARE, HARDEST = 0.5, 12
"""Of the clean windows so many lie around such places; of every page so many places are looked at."""
NUMBERS_SHARE = 0.15
"""Of the painted windows: around numbers."""
FIRST_SEED, UNSEEN_SEED = 500000, 700000
UNSEEN_SHARE = 3 / 7
"""Uploads for the threshold, to one to train on."""
CLEAN_SHARES = (0.0002, 0.01)
"""Shares of the clean lines that may be taken for painted, and that may be suspected."""
Place = tuple[int, int, int]


class Windows:
    """Windows of papers: half of them around paint, half around any line; turned over at random."""

    def __init__(self, papers: Sequence[Paper], seed: int) -> None:
        self._rng = np.random.default_rng(seed)
        self._papers = papers
        self._hard: list[Place] = []
        self._paint, self._numbers, self._clean = [], [], []
        for index, paper in enumerate(papers):
            for row, column in np.argwhere(paper.painted > 0.5):
                (self._numbers if paper.number[row, column] else self._paint).append((index, row, column))
            for row, column in np.argwhere(paper.painted == 0):
                self._clean += [(index, row, column)] * (3 if paper.number[row, column] else 1)

    def harden(self, net: Network) -> None:
        """Seeks the clean places, far from paint, that a network takes for painted."""
        found = []
        for index, paper in enumerate(self._papers):
            near = cv2.dilate((paper.painted > 0).astype(np.uint8), np.ones((5, 5), np.uint8))
            logits = net.logits(paper.planes.astype(np.float32))
            places = np.argwhere((paper.painted == 0) & (near == 0))
            scored = [(float(logits[row, column]), index, int(row), int(column)) for row, column in places]
            found += sorted(scored, reverse=True)[:HARDEST]
        found.sort(reverse=True)
        self._hard = [(index, row, column) for _, index, row, column in found[: max(len(found) // 4, 200)]]

    def next(self) -> tuple[Any, Any]:
        planes, painted = zip(*(self._window(bool(index % 2)) for index in range(BATCH)), strict=True)
        return np.stack(planes), np.stack(painted)

    def _places(self, painted: bool) -> Sequence[Place]:
        if painted:
            return self._numbers if self._numbers and self._rng.random() < NUMBERS_SHARE else self._paint
        return self._hard if self._hard and self._rng.random() < HARD_SHARE else self._clean

    def _window(self, painted: bool) -> tuple[Any, Any]:
        rng, places = self._rng, self._places(painted)
        index, row, column = places[int(rng.integers(len(places)))]
        paper = self._papers[index]
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
        # Other cameras, other papers: steps of tone may be weaker or stronger.
        cells[:, :, :6] *= rng.uniform(0.6, 1.2)
        return cells, answers


def trained(papers: Sequence[Paper]) -> Tree:
    """A network after `STEPS` steps."""
    trainee, windows = Trainee(DESIGN, fresh(DESIGN, 1), STEPS, RATE), Windows(papers, 2)
    for share in ROUNDS:
        trainee.train(round(share * STEPS), windows.next)
        path = SCRATCH / "paint.onnx"
        store(DESIGN, trainee.tree, path)
        windows.harden(Network(path.read_bytes()))
    return trainee.tree


def scores(net: Network, papers: Iterable[Paper]) -> dict[str, Any]:
    """Scores of lines: of those that are clean, those that are painted, and these by the way of
    photographing.
    """
    told: dict[str, list[float]] = defaultdict(list)
    for paper in papers:
        planes = paper.planes.astype(np.float32)
        logits = net.logits(planes)
        for painted, under in paper.lines:
            for kind in ("painted", paper.look) if painted else ("clean",):
                told[kind].append(score_under(planes, logits, under, coarse=paper.coarse))
    return {kind: np.array(found) for kind, found in told.items()}


def calibrate(size: int, *, write: bool) -> None:
    """Trains, and sets the threshold on other forms."""

    def papers(count: int, first: int, plan: uploads.Plan) -> list[Paper]:
        found = (paper_of(page) for page in uploads.pages(count, first, plan))
        return [paper for paper in found if paper is not None]

    tree = trained(papers(size, FIRST_SEED, uploads.known()))
    other = papers(round(UNSEEN_SHARE * size), UNSEEN_SEED, uploads.unseen())
    keep_network(
        "paint",
        lambda path: store(DESIGN, tree, path),
        lambda net: scores(net, other),
        CLEAN_SHARES,
        {"made_by": f"python -m benchmarks.marks.calibrate paint --size {size}"},
        write=write,
    )
