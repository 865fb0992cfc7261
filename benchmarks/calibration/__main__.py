"""Sets `scanservice/verify/calibration.json`: `python -m benchmarks.calibration [--size N] [--keep FOLDER]`.

Good forms by the hands that are not held out, hurried single lines and strings of real digits are each read
once and judged against their own text and near misses. `--keep` keeps what was read for the next run.
"""

from __future__ import annotations

import argparse
import json
import pickle
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np

from benchmarks.agreement.subjects import digit_subjects, form_subjects, line_subjects
from benchmarks.agreement.trials import Subject, edits, measured
from benchmarks.calibration.curves import Trial, differ_threshold, logistic, reliability, threshold
from benchmarks.calibration.diagram import draw
from scanservice.verify.calibration import Curve

OUTPUT = Path(__file__).parents[2] / "scanservice" / "verify" / "calibration.json"
SEEDS = {"forms": 31, "lines": 11, "digits": 21}
ALLOWED = {"agree": 0.0005, "differ": 0.001}
"""Accepted near misses on forms, and right lines on forms that are called different."""
LEAST = -0.5
"""No threshold is lower, whatever the corpus allows: hands that were held out had 3 of 1,199 near misses
accepted there, and 9 at -2."""
ALIKE, LONGER = {"digits": 0.0, "words": 2.0}, {"digits": 3.0, "words": 2.0}
REPEATED, SHORTER, LISTED, IMPOSSIBLE = 1.0, -1.0, 4.0, 20.0
"""Of 1,240 right lines on 40 forms and 6,472 near misses of them: words' look-alikes were accepted 5 of
2,810 times where they ask 1, and once where they ask 2, for 2 more lines refused; texts that lack a character
3 of 857 times where a longer rival asks nothing, and once where it asks 2, for 1 more line refused. Of 469
right numbers and 4,536 near misses of them: 46 were refused where digits' look-alikes ask 1 and a shorter
rival nothing, 37 where they ask 0 and -1, for the same 6 accepted, of which 4 are left where a longer number
asks 3 (all of hands that were held out). What is impossible asks more than any ink can show."""
GRID = [step / 4 for step in range(-16, 17)]
SAFETY = 0.5
"""Added to each threshold: the next corpus is not this one."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--size", type=int, default=20, help="forms; lines and digit strings five times as many"
    )
    parser.add_argument("--edits", type=int, default=3, help="near misses a line")
    parser.add_argument("--keep", type=Path, help="folder that keeps what was read")
    chosen = parser.parse_args()
    makers: dict[str, Callable[[], list[Subject]]] = {
        "forms": lambda: form_subjects(SEEDS["forms"], chosen.size),
        "lines": lambda: line_subjects(SEEDS["lines"], 5 * chosen.size),
        "digits": lambda: digit_subjects(SEEDS["digits"], 5 * chosen.size),
    }
    trials = {name: tried(kept(name, maker, chosen.keep), chosen.edits) for name, maker in makers.items()}
    stored, points = fitted(trials)
    OUTPUT.write_text(json.dumps(stored, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    draw(points)
    print(json.dumps(stored, indent=2))


def kept(name: str, maker: Callable[[], list[Subject]], folder: Path | None) -> list[Subject]:
    """Made, or taken from an earlier run of the same size."""
    path = None if folder is None else folder / f"{name}.pickle"
    if path is not None and path.is_file():
        return pickle.loads(path.read_bytes())
    subjects = maker()
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(pickle.dumps(subjects))
    return subjects


def tried(subjects: list[Subject], count: int) -> list[Trial]:
    rng = np.random.default_rng(3)
    found = []
    for subject in subjects:
        compare = subject.region.compare or "text"
        texts = [subject.expected]
        if compare not in ("choice", "date"):
            texts += [other for _, other in edits(subject.expected, compare, rng, count)]
        found += [trial for text in texts if (trial := measured(subject, text)) is not None]
    return found


def fitted(
    trials: dict[str, list[Trial]],
) -> tuple[dict[str, object], dict[str, list[tuple[float, float, int]]]]:
    """What goes into the file, and the points of the reliability diagram."""
    every = [trial for some in trials.values() for trial in some]
    agree, differ, points = {}, {}, {}
    right = np.array([trial.right for trial in every])
    margins = np.array([trial.margin for trial in every])
    slope, intercept = logistic(margins, right)
    wrong_count = int((~right).sum())
    for kind in ("digits", "words"):
        limit = max(threshold(trials["forms"], kind, ALLOWED["agree"], GRID) + SAFETY, LEAST)
        agree[kind] = asdict(Curve(round(slope, 3), round(intercept, 3), limit, _ceiling(wrong_count)))
    agree["serial"] = agree["digits"] | {"threshold": 2.0}
    believable = [trial for trial in every if trial.believable]
    against = np.array([trial.against for trial in believable])
    other = np.array([not trial.right for trial in believable])
    d_slope, d_intercept = logistic(-against, ~other)
    limit = differ_threshold(trials["forms"] + trials["digits"], ALLOWED["differ"], GRID[16:]) + SAFETY
    for kind in ("digits", "words"):
        differ[kind] = asdict(
            Curve(round(d_slope, 3), round(-d_intercept, 3), limit, _ceiling(int((~other).sum())))
        )
    points["agree"] = reliability(1 / (1 + np.exp(-(slope * margins + intercept))), right)
    counts = {
        name: {"right": sum(t.right for t in some), "near_misses": sum(not t.right for t in some)}
        for name, some in trials.items()
    }
    provenance = {
        "made_by": "python -m benchmarks.calibration",
        "seeds": SEEDS,
        "trials": counts,
        "allowed": ALLOWED,
        "safety": SAFETY,
        "least": LEAST,
    }
    return {
        "agree": agree,
        "differ": differ,
        "alike": ALIKE,
        "repeated": REPEATED,
        "longer": LONGER,
        "shorter": SHORTER,
        "listed": LISTED,
        "impossible": IMPOSSIBLE,
        "provenance": provenance,
    }, points


def _ceiling(count: int) -> float:
    """What a sample without a failure vouches for: one failure in as many trials (at 3 % of the lines)."""
    return round(1 - 0.03 * 3 / max(count, 10) - 1e-4, 5)


if __name__ == "__main__":
    main()
