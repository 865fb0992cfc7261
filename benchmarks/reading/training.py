"""The training: connectionist temporal classification over the drawn lines, the last layer left as it is.

The last layer holds one direction for each of 18,710 characters, most of which no hand here writes. With it
fixed, what is learnt is to turn ink into the features that the model already has for a character, and a
character that was never drawn gains as well. Only the direction of `MARK` is learnt, which stands for what
the pen put right. What is kept is the running mean of the weights.
"""

from __future__ import annotations

import hashlib
import math
import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch  # pyright: ignore[reportMissingImports]
import torch.nn.functional as functional  # pyright: ignore[reportMissingImports]

from benchmarks.reading.bent import LONGEST, bent
from benchmarks.reading.drawn import Drawn, kept
from benchmarks.reading.graph import HEAD, Graph
from scanservice.geometry import Image
from scanservice.verify.recogniser import HEIGHT, STEP, model_path
from scanservice.verify.tuned import MARK

WEIGHTS = "weights.pt"
RATE, WARM_UP, LEAST_RATE = 1.2e-4, 60, 0.01
COLUMNS, LINES = 16 * 480, 32
"""Most pixels of width, and most lines, of one step."""
POOL = 2048
"""Lines that are put in order of their width at a time."""
OTHERS = 1200
"""Characters that no line holds, against which each step is weighed too."""
WORST = 4.0
"""Most that a line's loss counts for, by character: what no eye could read must not pull."""
MEAN = 0.999
"""How much of the running mean of the weights stays at each step."""


def train(folder: Path, minutes: float, *, begin: Path | None, differences: Path, seed: int = 1) -> None:
    """Trains on the lines in `folder`, and keeps the weights there (`WEIGHTS`).

    Args:
        begin: weights of an earlier training to go on from.
        differences: where what the service reads is kept.
    """
    graph = Graph(model_path())
    trained = {**graph.weights, HEAD[0]: graph.mark[0], HEAD[1]: graph.mark[1]}
    if begin is not None:
        for name, weight in torch.load(begin).items():
            trained[name].data.copy_(weight)
    mean = {name: weight.detach().clone() for name, weight in trained.items()}
    rows = list(kept(folder))
    optimiser = torch.optim.AdamW(graph.parameters(), lr=RATE, betas=(0.9, 0.99), weight_decay=0.0)
    started, lost = time.monotonic(), 0.0
    batches = _batches(rows, random.Random(seed), np.random.default_rng(seed))
    for step, batch in enumerate(batches, start=1):
        passed = (time.monotonic() - started) / (60 * minutes)
        if passed > 1:
            break
        slope = 0.5 * (1 + math.cos(math.pi * passed)) + LEAST_RATE
        optimiser.param_groups[0]["lr"] = RATE * min(1, step / WARM_UP) * slope
        loss = _loss(graph, batch, np.random.default_rng([seed, step]))
        optimiser.zero_grad()
        loss.backward()
        size = torch.nn.utils.clip_grad_norm_(graph.parameters(), 1.0)
        if not torch.isfinite(size):
            continue
        optimiser.step()
        stays = min(MEAN, (1 + step) / (10 + step))
        with torch.no_grad():
            for name, weight in trained.items():
                mean[name].lerp_(weight, 1 - stays)
        lost = loss.item() if step == 1 else 0.98 * lost + 0.02 * loss.item()
        if step % 50 == 0:
            print(f"{100 * passed:.0f} %, step {step}: {lost:.4f} a character", flush=True)
    torch.save(mean, folder / WEIGHTS)
    pack(mean, differences)


def pack(mean: dict[str, Any], path: Path) -> None:
    """The differences as `scanservice.verify.tuned` reads them; of the last layer, those of `MARK` alone."""
    content, graph = model_path().read_bytes(), Graph(model_path())
    kept_of_head, changes = graph.characters.index(MARK), []
    for name, weight in mean.items():
        whole = graph.constants[name] if name in HEAD else graph.weights[name].detach()
        before = whole.numpy().astype("<f4")
        begin = content.find(before.tobytes())
        if begin < 0 or content.find(before.tobytes(), begin + 1) >= 0:
            raise ValueError(f"{name}: its place in {model_path().name} is not certain")
        if name not in HEAD:
            changes.append((begin, weight.numpy() - before))
            continue
        # A column of the last layer is one number in each row.
        rows = before.reshape(-1, before.shape[-1])
        for row, value in enumerate(weight.numpy().ravel()):
            at = row * rows.shape[1] + kept_of_head
            changes.append((begin + before.itemsize * at, value - rows[row, kept_of_head : kept_of_head + 1]))
    changes = [(place, change) for place, change in changes if np.abs(change).max() > 0]
    units = np.array([np.abs(change).max() / 127 for _, change in changes], np.float32)
    np.savez_compressed(
        path,
        sha256=np.frombuffer(hashlib.sha256(content).digest(), np.uint8),
        places=np.array([place for place, _ in changes], np.int64),
        sizes=np.array([change.size for _, change in changes], np.int64),
        units=units,
        steps=np.concatenate(
            [
                np.round(change / unit).astype(np.int8).ravel()
                for (_, change), unit in zip(changes, units, strict=True)
            ]
        ),
    )


def _batches(
    rows: Sequence[Drawn], chance: random.Random, rng: np.random.Generator
) -> Iterator[list[tuple[Image, str]]]:
    """Lines of about the same width together, most of them bent, without end."""
    while True:
        picked = [(row.image(), row.text) for row in chance.sample(rows, min(POOL, len(rows)))]
        picked = [(bent(image, rng), text) for image, text in picked if image.shape[1] <= LONGEST]
        picked.sort(key=lambda pair: pair[0].shape[1])
        batches: list[list[tuple[Image, str]]] = [[]]
        for image, text in picked:
            if (len(batches[-1]) + 1) * (image.shape[1] + 16) > COLUMNS or len(batches[-1]) >= LINES:
                batches.append([])
            batches[-1].append((image, text))
        chance.shuffle(batches)
        yield from (batch for batch in batches if batch)


def _loss(graph: Graph, batch: Sequence[tuple[Image, str]], rng: np.random.Generator) -> Any:
    """Mean loss of a character, weighed against the batch's characters and some others."""
    index = {character: at for at, character in enumerate(graph.characters)}
    known = [(image, [index[one] for one in text if one in index]) for image, text in batch]
    own = {one for _, codes in known for one in codes}
    columns = np.union1d([0, index[MARK], *own], rng.choice(len(graph.characters), OTHERS, replace=False))
    place = {int(one): at for at, one in enumerate(columns)}
    pictures, steps = _tensor([image for image, _ in known], rng)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        features = graph(pictures)
    logs = functional.log_softmax(graph.logits(features.float(), columns.tolist()), 2).transpose(0, 1)
    targets = torch.tensor([place[one] for _, codes in known for one in codes])
    lengths = torch.tensor([len(codes) for _, codes in known])
    each = functional.ctc_loss(
        logs, targets, steps, lengths, blank=place[0], reduction="none", zero_infinity=True
    )
    return torch.minimum(each, WORST * lengths).sum() / lengths.sum()


def _tensor(images: Sequence[Image], rng: np.random.Generator) -> tuple[Any, Any]:
    """Pictures with other contrasts, noise and blur, padded to one width, and how many steps each has."""
    width = -(-max(image.shape[1] for image in images) // 32) * 32
    made = np.zeros((len(images), 3, HEIGHT, width), np.float32)
    for number, image in enumerate(images):
        values = image.astype(np.float32)
        if rng.random() < 0.5:
            values = (values - values.mean()) * rng.uniform(0.6, 1.25) + values.mean() + rng.normal(0, 12)
        if rng.random() < 0.3:
            values = values + rng.normal(0, rng.uniform(1, 6), values.shape)
        if rng.random() < 0.15:
            values = cv2.GaussianBlur(values, (0, 0), rng.uniform(0.3, 0.9))
        made[number, :, :, : image.shape[1]] = (np.clip(values, 0, 255) / 127.5 - 1).transpose(2, 0, 1)
    steps = torch.tensor([max(1, -(-image.shape[1] // STEP)) for image in images])
    return torch.tensor(made).to(memory_format=torch.channels_last), steps
