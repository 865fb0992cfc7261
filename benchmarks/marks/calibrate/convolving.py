"""Training of the networks of `scanservice.detect.network` by JAX, and their files for onnxruntime.

A window is clean where the summed odds of its cells are low, and corrected where those inside the correction
are high: no cell is told what it shows, so that a line's score is what is learnt.
Needs `pip install 'jax>=0.10,<0.11' 'onnx>=1.20,<2'`, which nothing else does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import jax  # pyright: ignore[reportMissingImports]
import jax.numpy as jnp  # pyright: ignore[reportMissingImports]
import numpy as np
import onnx  # pyright: ignore[reportMissingImports]
from onnx import TensorProto, helper, numpy_helper  # pyright: ignore[reportMissingImports]

Tree = Any
"""A dictionary of arrays by name."""
DECAY = 1e-4
FIRST_MOMENT, SECOND_MOMENT = 0.9, 0.999
WARM_UP = 100
"""Steps until the rate is full."""
LEAST_RATE = 1e-5


@dataclass(frozen=True, slots=True)
class Layer:
    """A convolution: its side, inputs, outputs, stride, and whether the largest of each 2 x 2 goes on."""

    side: int
    depth: int
    out: int
    stride: int = 1
    pooled: bool = False


@dataclass(frozen=True, slots=True)
class Design:
    """A network: its convolutions, and the width of the layer before the answer."""

    layers: tuple[Layer, ...]
    hidden: int


def fresh(design: Design, seed: int) -> Tree:
    """Weights drawn at random, scaled to their inputs."""
    rng = np.random.default_rng(seed)
    tree: dict[str, Any] = {}
    for number, layer in enumerate(design.layers):
        spread = np.sqrt(2 / (layer.side**2 * layer.depth))
        tree[f"{number}.weight"] = rng.normal(0, spread, (layer.side, layer.side, layer.depth, layer.out))
        tree[f"{number}.bias"] = np.zeros(layer.out)
    deep = design.layers[-1].out
    tree["own.weight"] = rng.normal(0, np.sqrt(1 / deep), (deep, design.hidden))
    tree["own.bias"] = np.zeros(design.hidden)
    tree["last.weight"] = rng.normal(0, np.sqrt(1 / design.hidden), (design.hidden, 1))
    tree["last.bias"] = np.full(1, -3.0)
    return {name: jnp.asarray(value, jnp.float32) for name, value in tree.items()}


def logits_of(design: Design, tree: Tree, planes: Any) -> Any:
    """Answers, N x rows x columns, for pictures N x H x W x K."""
    values = planes
    for number, layer in enumerate(design.layers):
        values = jax.lax.conv_general_dilated(
            values,
            tree[f"{number}.weight"],
            (layer.stride, layer.stride),
            "SAME",
            dimension_numbers=("NHWC", "HWIO", "NHWC"),
        )
        values = jax.nn.relu(values + tree[f"{number}.bias"])
        if layer.pooled:
            n, h, w, c = values.shape
            values = values.reshape(n, h // 2, 2, w // 2, 2, c).max((2, 4))
    hidden = values @ tree["own.weight"] + tree["own.bias"]
    return (jax.nn.relu(hidden) @ tree["last.weight"] + tree["last.bias"])[..., 0]


def losses_of(logits: Any, altered: Any) -> Any:
    """The loss of each picture.

    Args:
        altered: N x rows x columns, share of each cell that is corrected. Cells at a correction's edge are
            left alone, and so are those below 0, which nobody asks about.
    """
    inside, outside = altered > 0.5, (altered >= 0) & (altered < 0.05)
    corrected = inside.any((1, 2))
    clean = jax.nn.softplus(_summed(logits, outside))
    told = jax.nn.softplus(-_summed(logits, inside | ~corrected[:, None, None]))
    return clean + told * corrected


def _summed(logits: Any, which: Any) -> Any:
    """Logarithm of the summed odds of some cells of each picture."""
    return jax.nn.logsumexp(jnp.where(which, logits, -30.0), axis=(1, 2))


@partial(jax.jit, static_argnums=0, donate_argnums=(1, 2, 3))
def _step(
    design: Design, tree: Tree, first: Tree, second: Tree, count: Any, planes: Any, altered: Any, rate: Any
) -> Any:
    def loss(values: Tree) -> Any:
        losses = losses_of(logits_of(design, values, planes), altered)
        return losses.mean(), losses

    (_, losses), slopes = jax.value_and_grad(loss, has_aux=True)(tree)
    moved: tuple[dict[str, Any], ...] = ({}, {}, {})
    for name, value in tree.items():
        slope = slopes[name]
        m = FIRST_MOMENT * first[name] + (1 - FIRST_MOMENT) * slope
        v = SECOND_MOMENT * second[name] + (1 - SECOND_MOMENT) * slope**2
        size = (m / (1 - FIRST_MOMENT**count)) / (jnp.sqrt(v / (1 - SECOND_MOMENT**count)) + 1e-8)
        shrunk = DECAY * value if name.endswith("weight") else 0.0
        for part, new in zip(moved, (value - rate * (size + shrunk), m, v), strict=True):
            part[name] = new
    return (*moved, losses)


@dataclass(eq=False)
class Trainee:
    """Weights in training for so many steps, with Adam's moments; the rate falls as a cosine."""

    design: Design
    tree: Tree
    steps: int
    rate: float

    def __post_init__(self) -> None:
        self._first = {name: jnp.zeros_like(value) for name, value in self.tree.items()}
        self._second = {name: jnp.zeros_like(value) for name, value in self.tree.items()}
        self.done = 0

    def step(self, planes: Any, altered: Any) -> Any:
        """One step on a batch; the loss of each of its pictures (`losses_of`)."""
        falling = 0.5 + 0.5 * np.cos(np.pi * self.done / self.steps)
        rate = self.rate * min(1.0, self.done / WARM_UP) * falling + LEAST_RATE
        self.done += 1
        self.tree, self._first, self._second, losses = _step(
            self.design, self.tree, self._first, self._second, float(self.done), planes, altered, rate
        )
        return np.asarray(losses)

    def train(self, until: int, batch: Callable[[], tuple[Any, Any]]) -> None:
        """Steps on batches, up to a number of them."""
        losses = []
        while self.done < until:
            losses.append(float(self.step(*batch()).mean()))
            if self.done % 100 == 0:
                print(f"step {self.done} of {self.steps}: loss {np.mean(losses[-100:]):.3f}", flush=True)


class _Graph:
    """A model being put together, node by node."""

    def __init__(self) -> None:
        self.constants: list[Any] = []
        self.nodes: list[Any] = []

    def constant(self, name: str, value: Any) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(self, kind: str, inputs: list[str], output: str, **how: Any) -> str:
        self.nodes.append(helper.make_node(kind, inputs, [output], **how))
        return output

    def single(self, tree: Tree, name: str, value: str) -> str:
        """A convolution of one cell: a product with a matrix."""
        inputs = [
            value,
            self.constant(f"{name}.weight", np.asarray(tree[f"{name}.weight"]).T[:, :, None, None]),
        ]
        if f"{name}.bias" in tree:
            inputs.append(self.constant(f"{name}.bias", np.asarray(tree[f"{name}.bias"])))
        return self.node("Conv", inputs, f"{name}.out")


def store(design: Design, tree: Tree, path: Path) -> None:
    """Keeps a network for onnxruntime: input `picture`, 1 x K x H x W; output `logits`, rows x columns."""
    graph, value = _Graph(), "picture"
    for number, layer in enumerate(design.layers):
        weights = np.asarray(tree[f"{number}.weight"]).transpose(3, 2, 0, 1)
        bias = graph.constant(f"{number}.bias", np.asarray(tree[f"{number}.bias"]))
        inputs = [value, graph.constant(f"{number}.weight", weights), bias]
        how = {"strides": [layer.stride, layer.stride], "auto_pad": "SAME_UPPER"}
        value = graph.node("Relu", [graph.node("Conv", inputs, f"{number}.sum", **how)], f"{number}.out")
        if layer.pooled:
            value = graph.node("MaxPool", [value], f"{number}.pooled", kernel_shape=[2, 2], strides=[2, 2])
    hidden = graph.single(tree, "own", value)
    answer = graph.single(tree, "last", graph.node("Relu", [hidden], "hidden"))
    graph.node("Squeeze", [answer, graph.constant("single", np.array([0, 1]))], "logits")
    picture = [1, design.layers[0].depth, "height", "width"]
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            path.stem,
            [helper.make_tensor_value_info("picture", TensorProto.FLOAT, picture)],
            [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["rows", "columns"])],
            graph.constants,
        ),
        opset_imports=[helper.make_opsetid("", 17)],
        ir_version=8,
    )
    onnx.checker.check_model(model)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(model.SerializeToString())
