"""What was laid over the paper: a pasted patch's edges, the rim and tone of correction fluid."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from scanservice.detect.canvas import DOTS_PER_MM, PAPER, Canvas, Plane
from scanservice.detect.ink import Layers
from scanservice.geometry import Box

RIM_REACH_MM = 3.5
"""How far around some ink the edge of what covers the paper below it is sought."""
LEAST_RIDGE_MM = 1.5
"""Shorter ridges are the paper's grain, or the ringing of strong compression around ink."""
TONE_INNER_MM, TONE_GAP_MM, TONE_OUTER_MM = 0.2, 1.5, 6.0


def rim_length(canvas: Canvas, layers: Layers, mask: Plane, rows: slice, columns: slice) -> float:
    """Millimetres of thin faint edges around ink, in `RIM_REACH_MM` of it.

    A patch or a layer of fluid casts a thin shadow. A white top-hat of the darkness keeps what is
    narrower than 0.8 mm; ink, print and their surroundings are left out, and of the rest counts what
    stands four times above the noise and hangs together.

    Args:
        mask: bool, the ink, in a window `rows`, `columns` of the canvas.
    """
    near = cv2.dilate(
        (layers.ink[rows, columns] | (layers.seal[rows, columns] > 15)).astype(np.uint8), _square(9)
    )
    near = cv2.max(near, cv2.dilate(layers.print_zone[rows, columns].astype(np.uint8), _square(5)))
    own = cv2.dilate(mask.astype(np.uint8), _square(9))
    around = cv2.dilate(own, _square(2 * round(RIM_REACH_MM * DOTS_PER_MM) + 1))
    free = (around > 0) & (own == 0) & (near == 0)
    if np.count_nonzero(free) < 200:
        return 0.0
    flat = cv2.GaussianBlur(canvas.flat[rows, columns], (0, 0), 0.8).min(axis=2)
    dark = PAPER - np.minimum(flat, PAPER)
    ridge = cv2.subtract(dark, cv2.morphologyEx(dark, cv2.MORPH_OPEN, _square(7)))
    noise = 1.48 * float(np.median(ridge[free])) + 1
    strong = ((ridge > 4 * noise) & (ridge > 4) & free).astype(np.uint8)
    joined = cv2.morphologyEx(strong, cv2.MORPH_CLOSE, _square(3))
    _, _, stats, _ = cv2.connectedComponentsWithStats(joined)
    lengths = stats[1:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max(axis=1, initial=0) / DOTS_PER_MM
    return float(lengths[lengths >= LEAST_RIDGE_MM].sum())


def _square(side: int) -> Plane:
    return np.ones((side, side), np.uint8)


@dataclass(frozen=True, eq=False)
class Tone:
    """The paper's brightness away from all ink, at 2 dots/mm.

    Attributes:
        weight: share of each dot that is bare paper; bright: its brightness times that share.
    """

    weight: Plane
    bright: Plane

    def step(self, canvas: Canvas, extent: Box) -> float | None:
        """Per cent by which the paper between some ink differs from that around it; None: too little."""
        inner = self._mean(canvas, extent.grown(TONE_INNER_MM), None)
        outer = self._mean(canvas, extent.grown(TONE_OUTER_MM), extent.grown(TONE_GAP_MM))
        if inner is None or outer is None:
            return None
        return float(np.log(inner / outer) * 100)

    def _mean(self, canvas: Canvas, box: Box, without: Box | None) -> float | None:
        window = _small(canvas, box)
        weight, bright = self.weight[window], self.bright[window]
        total, light = float(weight.sum()), float(bright.sum())
        if without is not None:
            hole = _small(canvas, without)
            total, light = total - float(self.weight[hole].sum()), light - float(self.bright[hole].sum())
        return light / total if total > 20 else None


def paper_tone(canvas: Canvas, layers: Layers) -> Tone:
    """Brightness of the bare paper, ink and print left out with a margin of 0.4 mm."""
    busy = (layers.ink | layers.print_zone | (layers.seal > 12)).astype(np.uint8)
    bare = 1 - cv2.dilate(busy, _square(7))
    size = (canvas.background.shape[1], canvas.background.shape[0])
    weight = cv2.resize(bare * 255, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    masked = cv2.bitwise_and(canvas.colour, canvas.colour, mask=bare)
    bright = cv2.resize(masked, size, interpolation=cv2.INTER_AREA).astype(np.float32).mean(axis=2)
    return Tone(weight, bright)


def _small(canvas: Canvas, box: Box) -> tuple[slice, slice]:
    rows, columns = canvas.window(box.clipped(canvas.box))
    return slice(rows.start // 4, -(-rows.stop // 4)), slice(columns.start // 4, -(-columns.stop // 4))
