"""Trains the recogniser further: `python -m benchmarks.reading draw|train FOLDER`.

`draw` makes lines and keeps them in the folder, `train` learns from them. Needs `npm ci --prefix
benchmarks/reading`; `train` needs `pip install 'torch>=2.5,<3' 'onnx>=1.20,<2'` too.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from scanservice.verify.tuned import PATH


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("draw", "train"))
    parser.add_argument("folder", type=Path, help="of the drawn lines")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=60_000, help="lines to draw")
    parser.add_argument("--minutes", type=float, default=60, help="of training, on two cores")
    parser.add_argument("--begin", type=Path, help="weights to go on from (.pt)")
    parser.add_argument("--write", action="store_true", help=f"put the result in the place of {PATH.name}")
    given = parser.parse_args()
    if given.what == "draw":
        from benchmarks.reading.drawn import draw

        draw(given.folder, given.seed, given.count)
    else:
        # Only this needs PyTorch.
        from benchmarks.reading.training import train

        differences = PATH if given.write else given.folder / PATH.name
        train(given.folder, given.minutes, begin=given.begin, differences=differences, seed=given.seed)


if __name__ == "__main__":
    main()
