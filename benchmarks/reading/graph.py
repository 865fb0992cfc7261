"""The recogniser's ONNX graph run by PyTorch, its weights as parameters.

Only the operators of that graph. Needs `pip install 'torch>=2.5,<3' 'onnx>=1.20,<2'`, which nothing else
does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx  # pyright: ignore[reportMissingImports]
import torch  # pyright: ignore[reportMissingImports]
import torch.nn.functional as functional  # pyright: ignore[reportMissingImports]
from onnx import helper, numpy_helper  # pyright: ignore[reportMissingImports]

from scanservice.verify.tuned import MARK

Tensor = Any
Attributes = dict[str, Any]
HEAD = ("linear_8.w_0", "linear_8.b_0")
"""Weights and offsets of the last layer: 120 features to the characters."""


class Graph(torch.nn.Module):
    """The model up to its features.

    Attributes:
        weights: the trained ones, by name; the head and what normalisation counted are left as they are.
        head: weights (120 x C) and offsets (C) of the last layer.
        mark: those of `MARK` (120 and 1), which are trained: nothing that it stood for is written.
        characters: by index of the output; 0 is the blank.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        model = onnx.load(str(path))
        listed = {one.key: one.value for one in model.metadata_props}["character"].split("\n")
        self.characters = ["", *listed, " "]
        counted = {
            name
            for node in model.graph.node
            if node.op_type == "BatchNormalization"
            for name in node.input[3:5]
        }
        self.constants: dict[str, Tensor] = {}
        self.weights: dict[str, Tensor] = {}
        for one in model.graph.initializer:
            values = numpy_helper.to_array(one)
            tensor = torch.tensor(values.copy())
            trained = (
                values.dtype == np.float32 and values.size > 1 and not one.name.startswith("helper.constant")
            )
            if trained and one.name not in counted and one.name not in HEAD:
                self.weights[one.name] = torch.nn.Parameter(tensor)
            else:
                self.constants[one.name] = tensor
        self.head: tuple[Tensor, Tensor] = (self.constants[HEAD[0]], self.constants[HEAD[1]])
        own = self.characters.index(MARK)
        self.mark = (
            torch.nn.Parameter(self.head[0][:, own].clone()),
            torch.nn.Parameter(self.head[1][own : own + 1].clone()),
        )
        self._nodes = [
            (node.op_type, list(node.input), node.output[0], _attributes(node)) for node in model.graph.node
        ]
        self._input = model.graph.input[0].name

    def parameters(self, recurse: bool = True) -> Any:
        return iter([*self.weights.values(), *self.mark])

    def logits(self, features: Tensor, columns: Sequence[int]) -> Tensor:
        """Of some characters, by their index; N x T x len(columns)."""
        chosen = torch.tensor(list(columns))
        own = list(columns).index(self.characters.index(MARK))
        weights, offsets = self.head[0][:, chosen], self.head[1][chosen]
        weights = torch.cat([weights[:, :own], self.mark[0][:, None], weights[:, own + 1 :]], dim=1)
        offsets = torch.cat([offsets[:own], self.mark[1], offsets[own + 1 :]])
        return features @ weights + offsets

    def forward(self, pictures: Tensor) -> Tensor:
        """Features of pictures (N x 3 x 48 x W, -1 to 1), N x W/8 x 120."""
        values = {**self.constants, **self.weights, self._input: pictures}
        for kind, inputs, output, attributes in self._nodes:
            if HEAD[0] in inputs:
                return values[inputs[0]]
            given = [values[name] for name in inputs if name]
            values[output] = OPERATORS[kind](given, attributes)
        raise ValueError("the graph has no head")


def _attributes(node: Any) -> Attributes:
    return {one.name: helper.get_attribute_value(one) for one in node.attribute}


def _conv(given: Sequence[Tensor], attributes: Attributes) -> Tensor:
    image, weight, *offset = given
    strides, groups = attributes.get("strides", [1, 1]), attributes.get("group", 1)
    before = _padded(image, weight.shape[2:], strides, attributes, 0.0)
    return functional.conv2d(before, weight, offset[0] if offset else None, strides, 0, 1, groups)


def _pool(pool: Callable[..., Tensor], outside: float) -> Callable[[Sequence[Tensor], Attributes], Tensor]:
    def run(given: Sequence[Tensor], attributes: Attributes) -> Tensor:
        side, strides = attributes["kernel_shape"], attributes.get("strides", [1, 1])
        return pool(_padded(given[0], side, strides, attributes, outside), side, strides)

    return run


def _padded(
    image: Tensor, side: Sequence[int], strides: Sequence[int], attributes: Attributes, outside: float
) -> Tensor:
    """Padding as ONNX defines it: top, left, bottom, right, or as much as keeps the size over the stride."""
    top, left, bottom, right = attributes.get("pads", [0, 0, 0, 0])
    if attributes.get("auto_pad", b"NOTSET") == b"SAME_UPPER" or attributes.get("ceil_mode", 0):
        sizes = image.shape[2:]
        rows, columns = (
            max(0, (-(-size // step) - 1) * step + reach - size)
            for size, step, reach in zip(sizes, strides, side, strict=True)
        )
        top, left, bottom, right = rows // 2, columns // 2, rows - rows // 2, columns - columns // 2
    if not any((top, left, bottom, right)):
        return image
    return functional.pad(image, (left, right, top, bottom), value=outside)


def _normalised(given: Sequence[Tensor], attributes: Attributes) -> Tensor:
    image, scale, offset, mean, variance = given
    slope = scale / torch.sqrt(variance + attributes.get("epsilon", 1e-5))
    return image * slope[None, :, None, None] + (offset - mean * slope)[None, :, None, None]


def _reshaped(given: Sequence[Tensor], attributes: Attributes) -> Tensor:
    sizes = [int(size) for size in given[1].reshape(-1).tolist()]
    return given[0].reshape([given[0].shape[at] if size == 0 else size for at, size in enumerate(sizes)])


def _sliced(given: Sequence[Tensor], attributes: Attributes) -> Tensor:
    if len(given) > 1:
        starts, ends, axes = (part.tolist() for part in given[1:4])
    else:
        starts, ends, axes = attributes["starts"], attributes["ends"], attributes["axes"]
    picked = [slice(None)] * given[0].dim()
    for start, end, axis in zip(starts, ends, axes, strict=True):
        picked[axis] = slice(start, min(end, given[0].shape[axis]))
    return given[0][tuple(picked)]


def _squeezed(given: Sequence[Tensor], attributes: Attributes) -> Tensor:
    found = given[0]
    for axis in sorted(attributes["axes"], reverse=True):
        found = found.squeeze(axis)
    return found


def _unsqueezed(given: Sequence[Tensor], attributes: Attributes) -> Tensor:
    found = given[0]
    for axis in attributes["axes"]:
        found = found.unsqueeze(axis)
    return found


OPERATORS: dict[str, Callable[[Sequence[Tensor], Attributes], Tensor]] = {
    "Identity": lambda given, _: given[0],
    "Add": lambda given, _: given[0] + given[1],
    "Sub": lambda given, _: given[0] - given[1],
    "Mul": lambda given, _: given[0] * given[1],
    "Div": lambda given, _: given[0] / given[1],
    "Pow": lambda given, _: given[0] ** float(given[1]),
    "Sqrt": lambda given, _: torch.sqrt(given[0]),
    "Erf": lambda given, _: torch.erf(given[0]),
    "Relu": lambda given, _: functional.relu(given[0]),
    "Sigmoid": lambda given, _: torch.sigmoid(given[0]),
    "HardSigmoid": lambda given, of: torch.clamp(given[0] * of.get("alpha", 0.2) + of.get("beta", 0.5), 0, 1),
    "MatMul": lambda given, _: torch.matmul(given[0], given[1]),
    "Softmax": lambda given, of: torch.softmax(given[0], of.get("axis", -1)),
    "Transpose": lambda given, of: given[0].permute(*of["perm"]),
    "ReduceMean": lambda given, of: given[0].mean(dim=tuple(of["axes"]), keepdim=bool(of.get("keepdims", 1))),
    "Concat": lambda given, of: torch.cat(list(given), of["axis"]),
    "Shape": lambda given, _: torch.tensor(list(given[0].shape)),
    "Reshape": _reshaped,
    "Slice": _sliced,
    "Squeeze": _squeezed,
    "Unsqueeze": _unsqueezed,
    "Conv": _conv,
    "MaxPool": _pool(functional.max_pool2d, float("-inf")),
    "AveragePool": _pool(functional.avg_pool2d, 0.0),
    "BatchNormalization": _normalised,
}
