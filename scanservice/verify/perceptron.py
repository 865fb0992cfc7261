"""A small perceptron: what a linear score cannot tell, such as inputs that matter only together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from scanservice.verify.dense import Floats


@dataclass(frozen=True, eq=False)
class Perceptron:
    """A linear score, and hidden units (hyperbolic tangents) beside it.

    Attributes:
        direct: K weights of the inputs. constant: added to the score.
        hidden: K x H. shifts, outer: H, what is added to each unit, and its weight.
    """

    direct: Floats
    constant: float
    hidden: Floats
    shifts: Floats
    outer: Floats

    def scores(self, rows: Floats) -> Floats:
        """The logarithm of the odds for each of N x K inputs."""
        units = np.tanh(rows @ self.hidden + self.shifts)
        return np.asarray(rows @ self.direct + units @ self.outer + self.constant, np.float64)

    def kept(self, names: Sequence[str], digits: int = 5) -> dict[str, Any]:
        """What JSON keeps of it: of each input, its direct weight and then those of the hidden units."""
        table = np.column_stack([self.direct, self.hidden]).round(digits).tolist()
        return {
            "constant": round(self.constant, digits),
            "shifts": self.shifts.round(digits).tolist(),
            "outer": self.outer.round(digits).tolist(),
            "weights": dict(zip(names, table, strict=True)),
        }

    @classmethod
    def of(cls, content: Mapping[str, Any], names: Sequence[str]) -> Perceptron:
        """What `kept` has kept.

        Raises:
            KeyError: an input has no weights.
        """
        table = np.array([content["weights"][name] for name in names], np.float64)
        shifts, outer = (np.array(content[name], np.float64) for name in ("shifts", "outer"))
        return cls(table[:, 0], float(content["constant"]), table[:, 1:], shifts, outer)


def mean(several: Sequence[Perceptron]) -> Perceptron:
    """One whose score is the mean of theirs: they err in different places."""
    count = len(several)
    return Perceptron(
        np.mean([one.direct for one in several], axis=0),
        float(np.mean([one.constant for one in several])),
        np.concatenate([one.hidden for one in several], axis=1),
        np.concatenate([one.shifts for one in several]),
        np.concatenate([one.outer for one in several]) / count,
    )
