"""What is added to the recogniser's weights for writing by hand on forms.

The package's model was trained on all kinds of text; `benchmarks/reading` trains it further on lines of many
hands, with random characters and numbers, so that it learns strokes and not words. Only the differences are
kept (`tuned.npz`), in 8 bits each: the model itself comes with its package.

Of the symbols that nobody writes one has another meaning for it: `MARK` stands where the pen struck something
out or wrote over it.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import numpy as np

PATH = Path(__file__).parent / "data" / "tuned.npz"

MARK = "█"


@cache
def tuned_name() -> str:
    """Which differences these are, for the verdict."""
    return f"tuned {hashlib.sha256(PATH.read_bytes()).hexdigest()[:8]}"


class OtherModelError(RuntimeError):
    """The installed model is not the one that the differences were made for."""


def tuned_model(model: Path, differences: Path = PATH) -> bytes:
    """The package's model with its weights tuned, as an ONNX file's bytes.

    The differences' file holds `sha256` (of the model's file, 32 bytes), `places`, `sizes` and `units` (of
    each array of weights: its first byte in the model's file, how many float32 it has, what a step is) and
    `steps` (int8, of all arrays one after another).

    Raises:
        OtherModelError: the model is another than the differences were made for.
    """
    content = bytearray(model.read_bytes())
    with np.load(differences, allow_pickle=False) as kept:
        if hashlib.sha256(content).digest() != kept["sha256"].tobytes():
            raise OtherModelError(
                f"{model.name} is not the model that {differences.name} belongs to: "
                "install rapidocr in the version of the lock file"
            )
        steps, begin = kept["steps"], 0
        arrays = zip(kept["places"].tolist(), kept["sizes"].tolist(), kept["units"].tolist(), strict=True)
        for place, size, unit in arrays:
            weights = np.frombuffer(content, "<f4", size, place)
            weights += np.float32(unit) * steps[begin : begin + size]
            begin += size
    return bytes(content)
