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

from benchmarks.marks.calibrate.fitting import FOLDER, fitted, kept, rounded
from benchmarks.marks.calibrate.training import Trainee
from benchmarks.marks.calibrate.written import Line, lines, overwritten, struck
from fixtures.maker.fonts import HELD_OUT
from fixtures.maker.pen import pen_hands
from scanservice.detect.alteration import PRESSED_SHARE, pressed
from scanservice.detect.logistic import Logistic
from scanservice.detect.strokenet import CELL, StrokeNet, corrections_net, line_planes, total

HEIGHT, WIDTH = 40, 96
"""Pixels of the windows that are trained on: one line, three to five characters."""
MIX = {"corrected": 14, "struck": 8, "overwritten": 5, "clean": 21}
"""Windows of a batch."""
STEPS = 1400
RATE = 1.5e-3
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
    corrected: Sequence[Line],
    clean: Sequence[Line],
    pages: Mapping[str, Sequence[Line]],
    rng: np.random.Generator,
) -> tuple[Any, Any]:
    """Windows of lines, in the proportions of `MIX`."""

    def some(of: Sequence[Line], count: int) -> list[Line]:
        return [of[int(rng.integers(len(of)))] for _ in range(count)]

    chosen = [
        *some(corrected, MIX["corrected"]),
        *(struck(line, rng) for line in some(clean, MIX["struck"])),
        *(overwritten(line, pages, rng) for line in some(clean, MIX["overwritten"])),
        *some(clean, MIX["clean"]),
    ]
    planes, cells = zip(*(window(line, rng) for line in chosen), strict=True)
    return np.stack(planes).astype(np.float32), np.stack(cells)


def trained(found: Sequence[Line], steps: int, start: StrokeNet | None) -> StrokeNet:
    """A network after so many steps, fresh or going on from another."""
    rng = np.random.default_rng(1)
    clean = [line for line in found if line.kind is None]
    corrected = [line for line in found if line.kind is not None]
    pages: dict[str, list[Line]] = defaultdict(list)
    for line in clean:
        pages[line.page].append(line)
    trainee = Trainee.fresh(0) if start is None else Trainee.of(start)
    for step in range(steps):
        rate = RATE * min(1.0, step / 50) * (0.5 + 0.5 * np.cos(np.pi * step / steps)) + 2e-5
        loss = trainee.step(*batch(corrected, clean, pages, rng), rate)
        if step % 100 == 0:
            print(f"step {step} of {steps}: loss {loss:.3f}", flush=True)
    return trainee.net()


def scores(net: StrokeNet, weight: Logistic, found: Sequence[Line]) -> Any:
    """Of whole lines, as `alteration.suspicion` works them out."""
    return np.array(
        [
            total(net.logits(line_planes(line.dark, line.pen)))
            + PRESSED_SHARE * weight.score(pressed(line.dark, line.pen))
            for line in found
        ]
    )


def calibrate(size: int, *, write: bool, steps: int = STEPS, go_on: bool = False) -> None:
    """Trains, fits the weight of the ink, and sets the threshold on unseen hands."""
    found = list(lines(size))
    net = trained(found, steps, corrections_net() if go_on else None)
    plain = [line for line in found if line.kind != "strike"]
    inputs = np.array([pressed(line.dark, line.pen) for line in plain])
    weights = fitted(inputs, np.array([line.kind is not None for line in plain]))
    weight = Logistic(weights, 0.0)
    names = [*HELD_OUT, *pen_hands()]
    unseen = list(lines(max(1, round(UNSEEN_SHARE * size)), names, UNSEEN_FIRST_SEED))
    told, kinds = scores(net, weight, unseen), np.array([line.kind or "" for line in unseen])
    clean = np.sort(told[kinds == ""])[::-1]
    threshold = float(clean[int(FALSE_SHARE * len(clean))]) + MARGIN
    made_by = f"python -m benchmarks.marks.calibrate corrections --size {size} --steps {steps}"
    content = {
        "made_by": made_by + (" --go-on" if go_on else ""),
        "lines": len(found),
        "unseen_hands": names,
        "unseen_clean_lines": len(clean),
        "found_by_unseen_hands": {
            kind: round(float((told[kinds == kind] > threshold).mean()), 3)
            for kind in ("strike", "overwrite")
        },
        "threshold": 0.0,
        "weights": rounded(weights),
    }
    kept("pressed", content, write=write)
    if write:
        store(net, threshold)


def store(net: StrokeNet, threshold: float) -> None:
    """Keeps a network as `strokenet.corrections_net` reads it; half precision changes no score by 0.01."""
    pairs = zip(net.weights, net.biases, strict=True)
    flat = np.concatenate([part.ravel() for pair in pairs for part in pair]).astype(np.float16)
    shapes = np.array([weight.shape for weight in net.weights])
    np.savez(FOLDER / "corrections.npz", weights=flat, shapes=shapes, threshold=np.float64(threshold))
