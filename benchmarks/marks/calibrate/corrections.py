"""The network that sees corrections by the pen, and what the weight of the ink adds to it.

Trained on the hands that are not held out, each line turned, bent and blurred anew; beside the corrected
lines of forms it sees clean ones that are struck out or written over on the spot. The threshold comes from
hands that it has not seen: lines by held-out fonts and by pens.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import cv2
import numpy as np

from benchmarks.marks.calibrate.convolving import Design, Layer, Trainee, Tree, fresh, store
from benchmarks.marks.calibrate.fitting import FOLDER, SCRATCH, fitted, kept, rounded
from benchmarks.marks.calibrate.written import Line, lines, overwritten, struck
from fixtures.maker.fonts import HELD_OUT
from fixtures.maker.pen import pen_hands
from scanservice.detect.alteration import PRESSED_SHARE, pressed
from scanservice.detect.logistic import Logistic
from scanservice.detect.network import Network, total
from scanservice.detect.strokenet import CELL, line_planes

DESIGN = Design(
    (
        Layer(3, 2, 12, pooled=True),
        Layer(3, 12, 20),
        Layer(3, 20, 20, pooled=True),
        Layer(3, 20, 36),
        Layer(3, 36, 36, pooled=True),
        Layer(3, 36, 48),
    ),
    hidden=32,
)
HEIGHT, WIDTH = 56, 128
"""Pixels of the windows that are trained on: one line, three to five characters."""
MIX = {"overwrite": 12, "strike": 5, "struck": 4, "overwritten": 9, "clean": 17, "hard": 9}
"""Windows of a batch: lines that were corrected on the form, clean ones that are corrected on the spot, clean
ones, and those of them that look most like corrections. What is struck out is soon learnt."""
STEPS, HARD_STEPS = 3600, 6400
RATE, HARD_RATE = 1.5e-3, 1.2e-3
"""Of the first training, in which any clean line is as hard as another, and of a second one."""
HARD_SHARE, ROUNDS = 1 / 12, 8
"""Of the clean lines that are hard; they are sought anew so many times."""
UNSEEN_FIRST_SEED, UNSEEN_SHARE = 6000, 0.3
MARGIN = 0.5
"""Added to the threshold: real hands are wilder than these."""
FALSE_SHARE = 0.003
"""Share of the clean lines by unseen hands that may score more than the threshold."""


def window(line: Line, rng: np.random.Generator) -> tuple[Any, Any]:
    """A window of a line, changed at random: its planes, and the share of each cell that is corrected."""
    ink, mask = line.planes[:, :, 0], np.zeros(line.planes.shape[:2], np.float32)
    middle = rng.uniform(0, ink.shape[1])
    if line.place is not None:
        left, top, right, bottom = line.place
        mask[max(int(top), 0) : int(np.ceil(bottom)), max(int(left), 0) : int(np.ceil(right))] = 1
        middle = (left + right) / 2 + WIDTH * rng.uniform(-0.35, 0.35)
    ink = _bent(ink, rng)
    scale = rng.uniform(0.85, 1.2)
    turn = np.array([[scale, 0, WIDTH / 2 - scale * middle], [0, scale, (HEIGHT - scale * ink.shape[0]) / 2]])
    turn[1, 2] += rng.integers(-3, 4)
    ink, mask = (cv2.warpAffine(np.ascontiguousarray(p), turn, (WIDTH, HEIGHT)) for p in (ink, mask))
    for axis, chance in ((1, 0.5), (0, 0.3)):
        if rng.random() < chance:
            ink, mask = np.flip(ink, axis), np.flip(mask, axis)
    width = np.full_like(ink, float(line.planes[0, 0, 1]) * scale)
    cells = mask.reshape(HEIGHT // CELL, CELL, WIDTH // CELL, CELL).mean(axis=(1, 3))
    return np.dstack([ink * rng.uniform(0.85, 1.15), width]), cells


def _bent(ink: Any, rng: np.random.Generator) -> Any:
    """The line slanted and bent a little, as by another hand, and perhaps blurred."""
    height, width = ink.shape
    if rng.random() < 0.7:
        coarse = (max(3, height // 11 + 2), max(3, width // 11 + 2))
        fields = [rng.standard_normal(coarse).astype(np.float32) * rng.uniform(0.4, 1.8) for _ in range(2)]
        dx, dy = (cv2.resize(f, (width, height), interpolation=cv2.INTER_CUBIC) for f in fields)
        ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
        slant = (ys - height / 2) * np.float32(rng.normal(0, 0.12))
        ink = cv2.remap(ink, xs + dx + slant, ys + dy, cv2.INTER_LINEAR)
    return cv2.GaussianBlur(ink, (0, 0), rng.uniform(0.4, 1.1)) if rng.random() < 0.4 else ink


def batch(
    found: Mapping[str, Sequence[Line]], pages: Mapping[str, Sequence[Line]], rng: np.random.Generator
) -> tuple[Any, Any]:
    """Windows of lines, in the proportions of `MIX`.

    Args:
        found: lines by kind, `clean` and `hard` among them; pages: the clean ones by page.
    """

    def some(kind: str, count: int) -> list[Line]:
        of = found[kind]
        return [of[int(rng.integers(len(of)))] for _ in range(count)]

    chosen = [
        *some("overwrite", MIX["overwrite"]),
        *some("strike", MIX["strike"]),
        *(struck(line, rng) for line in some("clean", MIX["struck"])),
        *(overwritten(line, pages, rng) for line in some("clean", MIX["overwritten"])),
        *some("clean", MIX["clean"]),
        *some("hard", MIX["hard"]),
    ]
    planes, cells = zip(*(window(line, rng) for line in chosen), strict=True)
    return np.stack(planes).astype(np.float32), np.stack(cells)


def trained(found: Sequence[Line], steps: int, hard_steps: int) -> Tree:
    """A network after so many steps, and so many more with the clean lines that it takes for corrected."""
    rng = np.random.default_rng(1)
    kinds: dict[str, Sequence[Line]] = {
        kind: [line for line in found if (line.kind or "clean") == kind]
        for kind in ("clean", "overwrite", "strike")
    }
    kinds["hard"] = kinds["clean"]
    pages: dict[str, list[Line]] = defaultdict(list)
    for line in kinds["clean"]:
        pages[line.page].append(line)
    trainee = Trainee(DESIGN, fresh(DESIGN, 0), steps, RATE)
    trainee.train(steps, lambda: batch(kinds, pages, rng))
    trainee = Trainee(DESIGN, trainee.tree, hard_steps, HARD_RATE)
    for number in range(1, ROUNDS + 1):
        kinds["hard"] = _hardest(trainee.tree, kinds["clean"])
        trainee.train(round(hard_steps * number / ROUNDS), lambda: batch(kinds, pages, rng))
    return trainee.tree


def _hardest(tree: Tree, clean: Sequence[Line]) -> Sequence[Line]:
    path = SCRATCH / "corrections.onnx"
    store(DESIGN, tree, path)
    net = Network(path.read_bytes())
    told = np.array([total(net.logits(line_planes(line.dark, line.pen))) for line in clean])
    return [clean[index] for index in np.argsort(-told)[: max(round(HARD_SHARE * len(clean)), 1)].tolist()]


def scores(net: Network, weight: Logistic, found: Sequence[Line]) -> Any:
    """Of whole lines, as `alteration.suspicion` works them out."""
    return np.array(
        [
            total(net.logits(line_planes(line.dark, line.pen)))
            + PRESSED_SHARE * weight.score(pressed(line.dark, line.pen))
            for line in found
        ]
    )


def calibrate(size: int, *, write: bool, steps: int = STEPS, hard_steps: int = HARD_STEPS) -> None:
    """Trains, fits the weight of the ink, and sets the threshold on unseen hands."""
    found = list(lines(size))
    path = (FOLDER if write else SCRATCH) / "corrections.onnx"
    store(DESIGN, trained(found, steps, hard_steps), path)
    weights = weight_of(found)
    names = [*HELD_OUT, *pen_hands()]
    unseen = list(lines(max(1, round(UNSEEN_SHARE * size)), names, UNSEEN_FIRST_SEED))
    told = scores(Network(path.read_bytes()), Logistic(weights, 0.0), unseen)
    made_by = f"python -m benchmarks.marks.calibrate corrections --size {size} --steps {steps} {hard_steps}"
    kept("pressed", {"made_by": made_by, "threshold": 0.0, "weights": rounded(weights)}, write=write)
    content = {"made_by": made_by, "lines": len(found), "unseen_hands": names}
    kept("corrections", content | limits(told, unseen), write=write)


def weight_of(found: Sequence[Line]) -> Any:
    """How much more likely written over a line is by how heavy its ink is."""
    plain = [line for line in found if line.kind != "strike"]
    inputs = np.array([pressed(line.dark, line.pen) for line in plain])
    return fitted(inputs, np.array([line.kind is not None for line in plain]))


def limits(told: Any, unseen: Sequence[Line]) -> dict[str, Any]:
    """The threshold by unseen hands' clean lines, and what it finds of their corrected ones."""
    kinds = np.array([line.kind or "" for line in unseen])
    clean = np.sort(told[kinds == ""])[::-1]
    threshold = float(clean[int(FALSE_SHARE * len(clean))]) + MARGIN
    return {
        "unseen_clean_lines": len(clean),
        "found_by_unseen_hands": {
            kind: round(float((told[kinds == kind] > threshold).mean()), 3)
            for kind in ("strike", "overwrite")
        },
        "threshold": round(threshold, 4),
        "steepness": 1.0,
    }
