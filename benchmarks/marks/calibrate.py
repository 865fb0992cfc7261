"""Fits the classifier of corrections: `python -m benchmarks.marks.calibrate [--size N] [--write]`.

Forms are filled in by every hand, photographed in every way, and two thirds of them hold corrections in
nearly half of their fields. Weights are fitted on all; the threshold is the highest score that an
uncorrected line gets when it is scored by weights fitted without its page, plus a margin.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize

from benchmarks.marks import corpus
from fixtures.maker.fill import FillOptions
from fixtures.maker.fonts import hands
from fixtures.maker.options import PRESETS
from fixtures.maker.truth import PageTruth
from scanservice.detect.alteration import oddities
from scanservice.detect.lines import split_lines
from scanservice.detect.regionink import region_ink
from scanservice.detect.sheet import take_apart
from scanservice.evidence import Layout, Scan
from scanservice.template import Template

FIRST_SEED = 1000
MARGIN = 1.5
"""Added to the highest score of uncorrected lines: real hands are wilder than fonts."""
PENALTY = 0.3
TARGET = Path(__file__).resolve().parents[2] / "scanservice" / "detect" / "alteration.json"
KINDS = ("strike", "overwrite", "strike", "overwrite", "fluid")


@dataclass(frozen=True, eq=False)
class Line:
    """One line's measures, what was done to it, and the page that it stands on."""

    vector: Any
    kind: str | None
    page: str


def uploads(form: Template, size: int) -> Iterator[tuple[str, Scan, Layout, tuple[PageTruth, ...]]]:
    """Scans with corrections, by seed."""
    texts = [region.id for _, region in form.regions() if region.kind == "text"]
    names = list(hands())
    for seed in range(FIRST_SEED, FIRST_SEED + size):
        rng = np.random.default_rng([seed, 77])
        chosen = (
            {name: KINDS[int(rng.integers(5))] for name in texts if rng.random() < 0.45} if seed % 3 else {}
        )
        made = corpus.sample(
            form,
            seed,
            hand=names[seed % len(names)],
            photo=PRESETS[(seed // 6 + seed) % len(PRESETS)],
            options=FillOptions(dpi=220, alterations=chosen),  # type: ignore[arg-type]
        )
        yield str(seed), made.scan, made.layout, made.filled.truth


def lines(form: Template, made: Iterable[tuple[str, Scan, Layout, tuple[PageTruth, ...]]]) -> Iterator[Line]:
    """Every written line of every field."""
    for name, scan, layout, truth in made:
        for fit, page in zip(layout.fits, truth, strict=True):
            sheet = take_apart(scan.pages[fit.scan_page], fit, form)
            if sheet is None:
                continue
            for known in page.regions:
                region = form.region(known.region)
                if region.kind != "text" or known.text is None or known.printed:
                    continue
                for box in region.cells or (region.box,):
                    touched = known.altered_box is not None and known.altered_box.clipped(box).area > 0
                    ink = region_ink(
                        sheet.canvas, sheet.layers, box, None if region.cells else sheet.others(region)
                    )
                    for mask in [ink.mask] if region.cells else split_lines(ink.mask):
                        if not mask.any():
                            continue
                        dark = sheet.layers.writing[ink.rows, ink.columns] * mask
                        y, x = np.nonzero(mask)
                        dark = dark[y.min() : y.max() + 1, x.min() : x.max() + 1]
                        found = oddities(dark, sheet.pen)
                        yield Line(
                            found.vector(), known.alteration if touched else None, f"{name}/{fit.page}"
                        )


def fit(vectors: Any, altered: Any) -> Any:
    """Weights of a logistic regression with a quadratic penalty; the last one is the constant."""
    mean, spread = vectors.mean(axis=0), vectors.std(axis=0) + 1e-9
    scaled = np.column_stack([(vectors - mean) / spread, np.ones(len(vectors))])

    def loss(weights: Any) -> float:
        scores = scaled @ weights
        return float(
            np.logaddexp(0, np.where(altered, -scores, scores)).sum() + PENALTY * (weights[:-1] ** 2).sum()
        )

    found = minimize(loss, np.zeros(scaled.shape[1]), method="BFGS").x
    weights = found[:-1] / spread
    return np.append(weights, found[-1] - weights @ mean)


def calibrate(found: list[Line]) -> dict[str, Any]:
    """Weights, threshold, and what they achieve on pages that were left out of the fit."""
    found = [line for line in found if line.kind != "fluid"]
    vectors = np.array([line.vector for line in found])
    altered = np.array([line.kind is not None for line in found])
    pages = sorted({line.page for line in found})
    fold = np.array([pages.index(line.page) % 5 for line in found])
    scores = np.zeros(len(found))
    for left_out in range(5):
        weights = fit(vectors[fold != left_out], altered[fold != left_out])
        scores[fold == left_out] = (
            np.column_stack([vectors, np.ones(len(vectors))])[fold == left_out] @ weights
        )
    threshold = float(scores[~altered].max()) + MARGIN
    kinds = np.array([line.kind or "" for line in found])
    return {
        "made_by": "python -m benchmarks.marks.calibrate",
        "first_seed": FIRST_SEED,
        "pages": len(pages),
        "uncorrected_lines": int((~altered).sum()),
        "found_when_left_out": {
            kind: round(float((scores[kinds == kind] > threshold).mean()), 3)
            for kind in ("strike", "overwrite")
        },
        "threshold": round(threshold, 4),
        "weights": [round(float(weight), 6) for weight in fit(vectors, altered)],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=72, help="uploads of two pages")
    parser.add_argument("--form", default="ouc-2019")
    parser.add_argument("--write", action="store_true", help=f"keep the result as {TARGET.name}")
    given = parser.parse_args()
    form = corpus.template(given.form)
    result = calibrate(list(lines(form, uploads(form, given.size))))
    text = json.dumps(result, indent=2) + "\n"
    print(text)
    if given.write:
        TARGET.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
