"""Training of the network of `scanservice.detect.strokenet`: its gradient in numpy, and Adam.

A line is clean where the summed odds of all its cells are low, and corrected where those inside the
correction are high: no cell is told what it shows, so that a line's score is what is learnt.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from scanservice.detect.strokenet import POOLED, StrokeNet

SHAPES = ((3, 2, 10), (3, 10, 16), (3, 16, 28), (3, 28, 28), (1, 28, 1))
"""Side, inputs and outputs of each layer."""
DECAY = 1e-4


@dataclass(eq=False)
class Trainee:
    """Weights and biases in training, with Adam's moments."""

    weights: list[Any]
    biases: list[Any]

    def __post_init__(self) -> None:
        self._first = [np.zeros_like(p) for p in (*self.weights, *self.biases)]
        self._second = [np.zeros_like(p) for p in (*self.weights, *self.biases)]
        self._steps = 0

    @classmethod
    def fresh(cls, seed: int) -> Trainee:
        rng = np.random.default_rng(seed)
        weights = [
            rng.normal(0, np.sqrt(2 / (side * side * depth)), (side * side * depth, out)).astype(np.float32)
            for side, depth, out in SHAPES
        ]
        biases = [np.zeros(out, np.float32) for _, _, out in SHAPES]
        biases[-1][:] = -2
        return cls(weights, biases)

    @classmethod
    def of(cls, net: StrokeNet) -> Trainee:
        return cls([w.copy() for w in net.weights], [b.copy() for b in net.biases])

    def net(self, threshold: float = 0.0) -> StrokeNet:
        return StrokeNet(tuple(self.weights), tuple(self.biases), threshold)

    def step(self, planes: Any, altered: Any, rate: float) -> float:
        """One step on a batch; its loss.

        Args:
            planes: N x H x W x 2. altered: N x H/8 x W/8, share of each cell that is corrected.
        """
        logits, tape = self._forward(planes)
        loss, slope = loss_of(logits, altered)
        by_weight, by_bias = self._backward(tape, slope)
        self._steps += 1
        for index, (value, gradient) in enumerate(
            zip((*self.weights, *self.biases), (*by_weight, *by_bias), strict=True)
        ):
            slope = gradient + DECAY * value if index < len(self.weights) else gradient
            first, second = self._first[index], self._second[index]
            first += 0.1 * (slope - first)
            second += 0.001 * (slope * slope - second)
            mean, square = first / (1 - 0.9**self._steps), second / (1 - 0.999**self._steps)
            value -= rate * mean / (np.sqrt(square) + 1e-8)
        return loss

    def _forward(self, values: Any) -> tuple[Any, list[Any]]:
        tape = []
        for index, ((side, depth, out), pooled) in enumerate(zip(SHAPES, POOLED, strict=True)):
            count, height, width, _ = values.shape
            columns = _columns(values, side)
            result = (columns @ self.weights[index] + self.biases[index]).reshape(count, height, width, out)
            last = index == len(SHAPES) - 1
            if not last:
                np.maximum(result, 0, out=result)
            passed: Any = None if last else result > 0
            if pooled:
                cells = result.reshape(count, height // 2, 2, width // 2, 2, out)
                result = cells.max(axis=(2, 4))
                best = result[:, :, None, :, None]
                passed = ((cells == best) & (best > 0)).astype(np.float32)
                # Where several are the largest, each has its share: paper is even over wide areas.
                passed /= np.maximum(passed.sum(axis=(2, 4), keepdims=True), 1)
            tape.append((columns, (count, height, width, depth), passed))
            values = result
        return values[..., 0], tape

    def _backward(self, tape: list[Any], slope: Any) -> tuple[list[Any], list[Any]]:
        by_weight, by_bias = [], []
        slope = slope[..., None].astype(np.float32)
        for index in range(len(SHAPES) - 1, -1, -1):
            columns, (count, height, width, depth), passed = tape[index]
            side, _, out = SHAPES[index]
            if POOLED[index]:
                slope = (passed * slope[:, :, None, :, None]).reshape(count, height, width, out)
            elif passed is not None:
                slope = slope * passed
            flat = np.ascontiguousarray(slope.reshape(-1, out))
            by_weight.append(columns.T @ flat)
            by_bias.append(flat.sum(axis=0))
            if index:
                slope = _folded(flat @ self.weights[index].T, (count, height, width, depth), side)
        return by_weight[::-1], by_bias[::-1]


def _columns(values: Any, side: int) -> Any:
    """What each output of a convolution sees, a row each."""
    if side == 1:
        return values.reshape(-1, values.shape[-1])
    padded = np.pad(values, ((0, 0), (1, 1), (1, 1), (0, 0)))
    windows = sliding_window_view(padded, (side, side), (1, 2))
    return windows.transpose(0, 1, 2, 4, 5, 3).reshape(-1, side * side * values.shape[-1])


def _folded(columns: Any, shape: tuple[int, int, int, int], side: int) -> Any:
    """The transpose of `_columns`."""
    if side == 1:
        return columns.reshape(shape)
    count, height, width, depth = shape
    parts = columns.reshape(count, height, width, side, side, depth)
    padded = np.zeros((count, height + 2, width + 2, depth), np.float32)
    for row in range(side):
        for column in range(side):
            padded[:, row : row + height, column : column + width] += parts[:, :, :, row, column]
    return padded[:, 1:-1, 1:-1]


def loss_of(logits: Any, altered: Any) -> tuple[float, Any]:
    """Loss of a batch and its slope by each logit; cells at a correction's edge are left alone."""
    inside, outside = altered > 0.5, altered < 0.05
    corrected = inside.any(axis=(1, 2))
    count = len(logits)
    total, share = _summed(logits, outside)
    loss = float(np.logaddexp(0, total).sum())
    slope = share / (1 + np.exp(-total))[:, None, None]
    total, share = _summed(logits, inside | ~corrected[:, None, None])
    loss += float((np.logaddexp(0, -total) * corrected).sum())
    slope -= share * (corrected / (1 + np.exp(total)))[:, None, None]
    return loss / count, slope / count


def _summed(logits: Any, which: Any) -> tuple[Any, Any]:
    """Logarithm of the summed odds of some cells of each line, and each cell's share in it."""
    chosen = np.where(which, logits, -30.0)
    most = chosen.max(axis=(1, 2), keepdims=True)
    parts = np.exp(chosen - most)
    whole = parts.sum(axis=(1, 2), keepdims=True)
    return (most + np.log(whole))[:, 0, 0], parts / whole
