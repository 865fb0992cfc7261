"""The network that sees fluid and patches below printed numbers: its training, and its threshold.

Trained on sheets full of numbers, half of them on fluid or a patch, and on the numbers of forms. The
threshold comes from the numbers of other forms.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.marks.calibrate import uploads
from benchmarks.marks.calibrate.convolving import Design, Layer, Trainee, Tree, fresh, store
from benchmarks.marks.calibrate.fitting import keep_network
from benchmarks.marks.calibrate.numbersheets import COVERED, NumberPaper, form_numbers, sheet_numbers
from scanservice.detect.canvas import Plane
from scanservice.detect.network import Network, total
from scanservice.detect.numberpaper import ASKED, PLANES, POOLED, ROWS

DESIGN = Design(
    (
        Layer(3, PLANES, 16, stride=2),
        Layer(3, 16, 24),
        Layer(3, 24, 24, pooled=True),
        Layer(3, 24, 32, pooled=True),
    ),
    hidden=24,
)
COLUMNS = 24
"""Answers to the width of what is trained on: 48 mm."""
BATCH, STEPS, RATE = 24, 1500, 2e-3
BURNT, CUT = 0.12, (-0.5, 0.35)
"""So many numbers are trained on with their paper burnt out, from such a step of tone on."""
FIRST_SHEET, FIRST_SEED, UNSEEN_SEED = 60000, 500000, 700000
FORMS_SHARE, UNSEEN_SHARE = 1.1, 1.1
"""Uploads of forms to train on, and for the threshold, to a sheet of numbers."""
CLEAN_SHARES = (0.001, 0.01)
"""Shares of the numbers as printed that may be taken for covered, and that may be suspected."""


class Numbers:
    """Batches of numbers, half of them covered; turned over, their tones changed at random."""

    def __init__(self, papers: Sequence[NumberPaper], seed: int) -> None:
        self._rng = np.random.default_rng(seed)
        self._planes = np.zeros((len(papers), ROWS * POOLED, COLUMNS * POOLED, PLANES), np.float16)
        self._covered = np.full((len(papers), ROWS, COLUMNS), -1, np.float32)
        for index, paper in enumerate(papers):
            part = paper.planes[:, : COLUMNS * POOLED]
            self._planes[index, :, : part.shape[1]] = part
            columns = slice(paper.asked.start, min(paper.asked.stop, COLUMNS))
            self._covered[index, ASKED, columns] = float(paper.variant in COVERED)
        covered = self._covered.max((1, 2)) > 0.5
        self._kinds = np.flatnonzero(covered), np.flatnonzero(~covered)

    def next(self) -> tuple[Any, Any]:
        rng = self._rng
        chosen = np.concatenate([rng.choice(kind, BATCH // 2) for kind in self._kinds])
        planes, covered = self._planes[chosen].astype(np.float32), self._covered[chosen].copy()
        for axis in (1, 2):
            turned = rng.random(BATCH) < 0.5
            planes[turned] = np.flip(planes[turned], axis)
            covered[turned] = np.flip(covered[turned], axis)
        planes[..., :3] *= rng.uniform(0.6, 1.25, (BATCH, 1, 1, 1))
        # Inks and papers of other colours.
        mixed = rng.random(BATCH) < 0.3
        planes[mixed, :, :, :3] = planes[mixed][:, :, :, rng.permutation(3)]
        for index in np.flatnonzero(rng.random(BATCH) < BURNT):
            planes[index] = _burnt(planes[index], float(rng.uniform(*CUT)))
        return planes, covered


def _burnt(planes: Plane, cut: float) -> Plane:
    """The same with the white cut off at a step of tone, as software does that makes paper white."""
    tones, seen = planes[..., :3], (planes[..., :3] != 0).any(axis=-1, keepdims=True)
    gone = (tones >= cut).all(axis=-1)
    cut_off = np.minimum(tones, cut) - cut * seen
    return np.dstack([cut_off, planes[..., 3], np.maximum(planes[..., 4], gone)])


def trained(papers: Sequence[NumberPaper]) -> Tree:
    """A network after `STEPS` steps."""
    trainee = Trainee(DESIGN, fresh(DESIGN, 1), STEPS, RATE)
    trainee.train(STEPS, Numbers(papers, 5).next)
    return trainee.tree


def scores(net: Network, papers: Sequence[NumberPaper]) -> dict[str, Any]:
    """Scores of numbers, by how they stand; those as printed are `clean`."""
    told: dict[str, list[float]] = {"clean": [], "overpainted": [], "pasted": []}
    for paper in papers:
        kind = paper.variant if paper.variant in COVERED else "clean"
        told[kind].append(total(net.logits(paper.planes)[ASKED, paper.asked]))
    return {kind: np.array(found) for kind, found in told.items()}


def calibrate(size: int, *, write: bool) -> None:
    """Trains on so many sheets and on forms, and sets the threshold on other forms."""
    forms = uploads.pages(round(FORMS_SHARE * size), FIRST_SEED, uploads.known())
    tree = trained([*sheet_numbers(size, FIRST_SHEET), *form_numbers(forms)])
    other = list(form_numbers(uploads.pages(round(UNSEEN_SHARE * size), UNSEEN_SEED, uploads.unseen())))
    keep_network(
        "numberpaper",
        lambda path: store(DESIGN, tree, path),
        lambda net: scores(net, other),
        CLEAN_SHARES,
        {"made_by": f"python -m benchmarks.marks.calibrate numbers --size {size}"},
        write=write,
    )
