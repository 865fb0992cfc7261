"""Small convolutional networks of the project's own, one answer (a logit) for each cell of a picture.

Trained by `python -m benchmarks.marks.calibrate`, kept beside this module as `NAME.onnx` with their threshold
and where they come from in `NAME.json`; onnxruntime runs them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from importlib import resources

import numpy as np

from scanservice.detect.canvas import Plane
from scanservice.detect.logistic import probability
from scanservice.inference import session

USUAL_SHARE = 0.8
"""Of the other places of a page, below whose score most of them must be: some may be corrected too."""
LEAST_PLACES = 3


class Network:
    """A loaded network; its session runs on one thread.

    Attributes:
        threshold: the score at which both answers are as likely; steepness: of the odds' logarithm over the
            score, so that a suspicion means the same whatever the network.
    """

    def __init__(self, model: bytes, threshold: float = 0.0, steepness: float = 1.0) -> None:
        self.threshold, self.steepness = threshold, steepness
        self._session = session(model, of_one_size=False)

    def logits(self, planes: Plane) -> Plane:
        """The answers, rows x columns of cells, from H x W x K inputs, sides whole cells."""
        picture = np.ascontiguousarray(planes.transpose(2, 0, 1)[None], np.float32)
        return np.asarray(self._session.run(None, {"picture": picture})[0])

    def chance(self, score: float) -> float:
        """Probability of what the network looks for, by a score."""
        return probability(self.steepness * (score - self.threshold))


def total(logits: Plane) -> float:
    """A score: the logarithm of the cells' summed odds."""
    most = float(logits.max())
    return most + float(np.log(np.exp(logits - most).sum()))


def beyond(usual: Sequence[float], most: float) -> float:
    """By how much a page's other places score more than those of a plain picture; 0 where they do not.

    Sharpening, noise and patterns of a camera's or a program's own making look like what the networks seek,
    and do so all over the page: what is sought in one place must stand out from the others.

    Args:
        usual: scores of other places of the page; few of them tell nothing.
        most: the score that a fifth of a plain picture's places may have.
    """
    if len(usual) < LEAST_PLACES:
        return 0.0
    return max(float(np.quantile(np.array(usual), USUAL_SHARE, method="lower")) - most, 0.0)


@cache
def network(name: str) -> Network:
    """A network of this package, loaded once a process."""
    folder = resources.files("scanservice.detect")
    kept = json.loads(folder.joinpath(f"{name}.json").read_text(encoding="utf-8"))
    return Network(folder.joinpath(f"{name}.onnx").read_bytes(), kept["threshold"], kept["steepness"])
