"""The reliability diagram: what the confidence says, and how often it was so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot as plt

OUTPUT = Path(__file__).parents[2] / "docs" / "benchmarks" / "reliability.svg"


def draw(points: Mapping[str, Sequence[tuple[float, float, int]]], path: Path = OUTPUT) -> None:
    """Writes the diagram of curves of (mean prediction, share that was right, count)."""
    matplotlib.rcParams["svg.hashsalt"] = "reliability"
    figure, axes = plt.subplots(figsize=(4.6, 4.4))
    axes.plot([0, 1], [0, 1], color="0.7", linewidth=1)
    for name, rows in points.items():
        axes.plot([row[0] for row in rows], [row[1] for row in rows], marker="o", label=name)
        for predicted, observed, count in rows:
            axes.annotate(
                str(count), (predicted, observed), textcoords="offset points", xytext=(5, -9), fontsize=7
            )
    axes.set_xlabel("confidence")
    axes.set_ylabel("share that was right, at 3 % wrong lines")
    axes.legend()
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
