"""Trains the recogniser further: `python -m benchmarks.reading draw|train FOLDER`, or `measure`.

`draw` makes lines and keeps them in the folder, `train` learns from them, `measure` reads hands that were not
among them. Needs `npm ci --prefix benchmarks/reading` and `apt-get install fonts-seto fonts-kiloji`; `train`
needs `pip install 'torch>=2.5,<3' 'onnx>=1.20,<2'` too, `measure` only `apt-get install
fonts-kouzan-mouhitsu fonts-aoyagi-kouzan-t`.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from scanservice.verify.tuned import PATH


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    jobs = parser.add_subparsers(dest="what", required=True)
    draw, train, measure = (jobs.add_parser(name) for name in ("draw", "train", "measure"))
    for job in (draw, train):
        job.add_argument("folder", type=Path, help="of the drawn lines")
        job.add_argument("--seed", type=int, default=1)
    draw.add_argument("--count", type=int, default=60_000, help="lines to draw")
    train.add_argument("--minutes", type=float, default=60, help="of training, on two cores")
    train.add_argument("--begin", type=Path, help="weights to go on from (.pt)")
    train.add_argument("--write", action="store_true", help=f"put the result in the place of {PATH.name}")
    measure.add_argument("--size", type=int, default=90, help="lines by each hand")
    measure.add_argument("--edits", type=int, default=6, help="near misses of each line")
    measure.add_argument("--write", action="store_true", help="keep the table in docs/benchmarks/")
    _do(parser.parse_args())


def _do(given: argparse.Namespace) -> None:
    """Each job loads what it needs: only the training needs PyTorch."""
    if given.what == "draw":
        from benchmarks.reading.drawn import draw

        draw(given.folder, given.seed, given.count)
    elif given.what == "measure":
        from benchmarks.reading.unseen import measure

        measure(given.size, given.edits, write=given.write)
    else:
        from benchmarks.reading.training import train

        differences = PATH if given.write else given.folder / PATH.name
        train(given.folder, given.minutes, begin=given.begin, differences=differences, seed=given.seed)


if __name__ == "__main__":
    main()
