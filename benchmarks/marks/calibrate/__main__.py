"""Fits the classifiers of marks: `python -m benchmarks.marks.calibrate WHAT [--write]`.

What `fields` fits takes the network's answers: it is to be fitted anew after `corrections`.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import cv2

from benchmarks.marks.calibrate import fields, hand

USUAL_SIZE = {"hand": 12, "paint": 90, "numbers": 84, "corrections": 260, "fields": 144}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=sorted(USUAL_SIZE))
    parser.add_argument("--size", type=int, help="sheets or uploads that are drawn for it")
    parser.add_argument(
        "--steps",
        type=int,
        nargs=2,
        metavar=("FIRST", "HARD"),
        help="of the training of `corrections`, and of its second part",
    )
    parser.add_argument(
        "--keep", type=Path, help="folder that keeps what was seen in fields for the next run"
    )
    parser.add_argument(
        "--write", action="store_true", help="keep the result beside the module that reads it"
    )
    given = parser.parse_args()
    cv2.setNumThreads(1)
    size = given.size or USUAL_SIZE[given.what]
    if given.what == "hand":
        hand.calibrate(size, write=given.write)
    elif given.what == "fields":
        fields.calibrate(size, write=given.write, keep=given.keep)
    else:
        # Only these need JAX.
        from benchmarks.marks.calibrate import corrections, numbers, paint

        if given.what == "corrections":
            steps, hard_steps = given.steps or (corrections.STEPS, corrections.HARD_STEPS)
            corrections.calibrate(size, write=given.write, steps=steps, hard_steps=hard_steps)
        else:
            (paint if given.what == "paint" else numbers).calibrate(size, write=given.write)


if __name__ == "__main__":
    main()
