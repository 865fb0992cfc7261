"""The line recogniser: PP-OCRv6 small, from rapidocr's package, driven for its per-step probabilities.

Only the model file of the package is used, as it is and with its weights tuned for writing by hand
(`tuned`). A session is loaded once a process and runs on one thread; lines are padded to few fixed widths,
because onnxruntime keeps memory for every shape it has seen.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from scanservice.evidence import Posterior
from scanservice.geometry import Image
from scanservice.inference import session
from scanservice.verify.tuned import tuned_model, tuned_name

HEIGHT = 48
"""Pixels: the height that the model was trained at."""
STEP = 8
"""Pixels of width to one step of the model's output."""
WIDTHS = tuple(range(64, 1281, 16))
"""Padded widths. The time of a run grows with the width, so the steps are near one another: with 13 widths
an eighth of the time went into padding. Memory does not grow with their number (docs/performance.md)."""
KEPT = 24
"""Symbols kept at each step: on degraded writing the true one lay beyond them in under 1 step of 1,000."""
SMALLEST = -16.0
"""Natural logarithm; less likely symbols are not told apart (float32 softmax does not either)."""
MODEL = "PP-OCRv6_rec_small.onnx"
PLAIN, TUNED = "ppocr-v6", "ppocr-v6-tuned"
"""What the sources of posteriors begin with: of the model as it is, and of the tuned one."""


class Recogniser:
    """One loaded model and its characters.

    Args:
        model: its file, or the file's content.

    Attributes:
        characters: by index of the output; 0 is the CTC blank (an empty string).
    """

    def __init__(self, model: Path | bytes) -> None:
        self._session = session(model)
        self._input = self._session.get_inputs()[0].name
        listed = self._session.get_modelmeta().custom_metadata_map["character"].split("\n")
        self.characters: tuple[str, ...] = ("", *listed, " ")

    def posterior(self, line: Image, source: str) -> Posterior:
        """The sparse probabilities over one line.

        Args:
            line: H x W x 3, uint8, BGR, upright, one line of writing with little margin.
            source: names the preparation, for the record.

        Returns:
            A posterior of T x K, T the line's width at the model's height over `STEP`.
        """
        batch, width = _prepared(line)
        probabilities = np.asarray(self._session.run(None, {self._input: batch})[0])[0]
        steps = max(1, -(-width // STEP))
        return sparse(probabilities[:steps], source)


@cache
def recogniser() -> Recogniser:
    """The process's one recogniser; loading takes about a third of a second.

    Raises:
        FileNotFoundError: rapidocr is installed without its model.
    """
    return Recogniser(model_path())


@cache
def tuned_recogniser() -> Recogniser:
    """The process's one recogniser tuned for writing by hand; its characters are the same.

    Raises:
        FileNotFoundError: rapidocr is installed without its model.
        OtherModelError: rapidocr is installed with another model.
    """
    return Recogniser(tuned_model(model_path()))


def model_path() -> Path:
    """Where rapidocr keeps the model, without importing the package (which loads far more)."""
    spec = importlib.util.find_spec("rapidocr")
    places = [] if spec is None else list(spec.submodule_search_locations or ())
    for place in places:
        path = Path(place) / "models" / MODEL
        if path.is_file():
            return path
    raise FileNotFoundError(f"rapidocr's model {MODEL} is not installed: pip install 'rapidocr>=3.10,<3.11'")


@cache
def recogniser_name() -> str:
    """Name and versions of what reads, for the verdict."""
    versions = {name: importlib.metadata.version(name) for name in ("rapidocr", "onnxruntime")}
    parts = ", ".join(f"{name} {version}" for name, version in versions.items())
    return f"{MODEL.removesuffix('.onnx')} ({parts}, {tuned_name()})"


def _prepared(line: Image) -> tuple[np.ndarray, int]:
    """The model's input (1 x 3 x HEIGHT x padded width, float32) and the width before padding."""
    height, width = line.shape[:2]
    scaled = int(np.clip(round(width * HEIGHT / max(height, 1)), 16, WIDTHS[-1]))
    shrinking = scaled < width
    resized = cv2.resize(
        line, (scaled, HEIGHT), interpolation=cv2.INTER_AREA if shrinking else cv2.INTER_CUBIC
    )
    padded = next(bucket for bucket in WIDTHS if bucket >= scaled)
    batch = np.zeros((1, 3, HEIGHT, padded), dtype=np.float32)
    batch[0, :, :, :scaled] = resized.transpose(2, 0, 1).astype(np.float32) / 127.5 - 1.0
    return batch, scaled


def sparse(probabilities: np.ndarray, source: str, kept: int = KEPT) -> Posterior:
    """The `kept` likeliest symbols of each step of T x C probabilities."""
    # Of 18,710 symbols a line holds some tens; looking for the likeliest among these is ten times faster.
    told_apart = np.flatnonzero(probabilities.max(axis=0) > np.exp(SMALLEST))
    if len(told_apart) < kept:
        told_apart = np.arange(probabilities.shape[1])
    few = probabilities[:, told_apart]
    best = np.argpartition(few, -kept, axis=1)[:, -kept:]
    values = np.take_along_axis(few, best, axis=1)
    order = np.argsort(-values, axis=1, kind="stable")
    symbols = told_apart[np.take_along_axis(best, order, axis=1)].astype(np.int32)
    ranked = np.take_along_axis(values, order, axis=1)
    logs = np.log(np.maximum(ranked, np.exp(SMALLEST))).astype(np.float16)
    return Posterior(symbols, logs, source)
