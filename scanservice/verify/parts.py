"""A line read a few characters at a time: what stands further off can suggest nothing there."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from scanservice.evidence import Posterior
from scanservice.geometry import Image
from scanservice.verify.preparing import column_gaps, ink_box, trimmed
from scanservice.verify.recogniser import SMALLEST

WIDTH = 2.5
"""Of a part, in heights of the line. Of 34 doubtful lines 7 agreed with parts of 2.5, 2 with 4 and 3 with 6
heights as a further look; of 498 that differ in a character none did (docs/decisions/judging-the-ink.md)."""
REACH = 0.4
"""Share of a part's width by which it may be wider or narrower, to end in a wide gap."""
NEARNESS = 0.02
"""Of a pixel that a gap lies further from where the part should end, against one of the gap's width."""


def parts(line: Image) -> list[Image]:
    """A line cut at gaps between its characters, each part trimmed to its ink.

    Args:
        line: H x W x 3, trimmed to its ink.

    Returns:
        One part or more, from left to right; a line without gaps, or shorter than one and a half parts, is
        one part.
    """
    wanted = WIDTH * line.shape[0]
    gaps = column_gaps(line)
    borders = [0]
    while line.shape[1] - borders[-1] > 1.5 * wanted:
        end = borders[-1] + wanted
        near = [gap for gap in gaps if abs(sum(gap) / 2 - end) < REACH * wanted]
        if not near:
            break
        start, stop = max(near, key=lambda gap: gap[1] - gap[0] - NEARNESS * abs(sum(gap) / 2 - end))
        borders.append((start + stop) // 2)
    borders.append(line.shape[1])
    cut = [line[:, left:right] for left, right in itertools.pairwise(borders)]
    return [trimmed(part, ink_box(part)) for part in cut]


def joined(read: Sequence[Posterior], source: str) -> Posterior:
    """Parts' probabilities one after another, with a step of the blank between each two.

    Args:
        read: at least one, all with as many symbols a step.
    """
    kept = read[0].symbols.shape[1]
    nothing = np.arange(kept, dtype=np.int32)[None]
    sure = np.full((1, kept), SMALLEST, dtype=np.float16)
    sure[0, 0] = 0.0
    symbols, logs = [read[0].symbols], [read[0].log_probs]
    for part in read[1:]:
        symbols += [nothing, part.symbols]
        logs += [sure, part.log_probs]
    return Posterior(np.concatenate(symbols), np.concatenate(logs), source)
