"""Correction fluid, tape or a pasted patch under some writing: paper of another tone, within an edge.

Paint has not quite the paper's colour, and its rim casts a thin shadow or catches the light. Both are faint;
a small network gathers them from the page's bare paper (`barepaper`). Its weights come from `python -m
benchmarks.marks.calibrate paint` and lie in `paint.onnx` beside this module.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import cv2
import numpy as np

from scanservice.detect.barepaper import BARE, BURNT_OUT, CELL_MM, PaperLook, around, paper_look
from scanservice.detect.canvas import Canvas, Plane
from scanservice.detect.ink import Layers, even_tint
from scanservice.detect.network import beyond, network, total
from scanservice.geometry import Box

POOLED = 4
"""Cells of paper, in both directions, to each answer of the network."""
ANSWER_MM = POOLED * CELL_MM
BESIDE_MM = 0.6
"""Paint reaches so far beyond the writing on it."""
PARTLY_BURNT, DOUBT = 0.02, 2.5
"""Where more of the paper around a line is burnt out than the first, the score is less by the second: the
edges of what is burnt out look like those of paint. Of 1,239 clean lines of that kind 4 scored more than the
threshold without it and none with it, of 28 painted ones 5 either way."""
COARSE, COARSE_DOUBT = 7.0, 1.0
"""Dots per mm below which a picture is enlarged before it is looked at, and what its lines score less: a
messenger's compression draws edges of its own. Of 1,880 clean lines of such pictures one in a thousand scored
more than 5.1, of 5,040 others more than 2.7; in 136 clean scans two of others scored 4.2 and 8.0."""
BLIND, NOTHING = 0.98, -20.0
"""Where more is, nothing is to be seen, and the score is the second: of 11 painted lines and 624 clean ones
none scored more than the threshold."""
MOST_USUAL = -3.0
"""Score that a fifth of the other fields' lines may have: of 451 pages of the maker's 98 in 100 have at most
-3.4."""
TINTED_MM = 4.0
"""Around a line in which the form must be evenly tinted."""
AROUND = 2
"""Answers around a line over which that is told."""


def answers(look: PaperLook) -> Plane:
    """The network's answers for the paper of a page, one for every 2 x 2 mm."""
    height, width, _ = look.planes.shape
    below, right = -height % POOLED, -width % POOLED
    return network("paint").logits(np.pad(look.planes, ((0, below), (0, right), (0, 0))))


def answers_under(look: PaperLook, box: Box, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """Rows and columns of the answers that a line of writing asks for: those whose middle lies under it."""
    found = []
    for low, high, begin, most in (
        (box.top, box.bottom, look.box.top, shape[0]),
        (box.left, box.right, look.box.left, shape[1]),
    ):
        first = int(np.ceil((low - BESIDE_MM - begin) / ANSWER_MM - 0.5))
        last = int(np.floor((high + BESIDE_MM - begin) / ANSWER_MM - 0.5))
        first = min(max(first, 0), most - 1)
        found.append(slice(first, min(max(last, first) + 1, most)))
    return found[0], found[1]


def score_under(planes: Plane, logits: Plane, under: tuple[slice, slice], *, coarse: bool) -> float:
    """The score of a line that asks for some of the answers; coarse: in a picture of less than `COARSE`."""
    cells = tuple(
        slice(max(part.start - AROUND, 0) * POOLED, (part.stop + AROUND) * POOLED) for part in under
    )
    around = planes[cells]
    bare = around[:, :, BARE] > 0.5
    burnt = float(around[:, :, BURNT_OUT][bare].mean()) if bare.any() else 1.0
    if burnt > BLIND:
        return NOTHING
    doubt = (DOUBT if burnt > PARTLY_BURNT else 0.0) + (COARSE_DOUBT if coarse else 0.0)
    return total(logits[under]) - doubt


def painted_lines(
    canvas: Canvas, layers: Layers, lines: Mapping[str, Sequence[Box]], dots_per_mm: float
) -> Mapping[str, tuple[float, Box | None]]:
    """Probability that some of a field stands on paint, and where, by the field's name.

    Args:
        lines: the lines of each field of a page, mm.
        dots_per_mm: of the picture itself.
    """
    lines = {name: found for name, found in lines.items() if found}
    tints = {
        name: even_tint(layers, *canvas.window(found[0].grown(TINTED_MM))) for name, found in lines.items()
    }
    papers: dict[int, tuple[PaperLook, Plane]] = {}
    for tint in set(tints.values()):
        boxes = [box for name, found in lines.items() if tints[name] == tint for box in found]
        look = paper_look(canvas, layers, around(boxes, canvas), tint)
        papers[tint] = look, answers(look)

    def score(name: str, box: Box) -> float:
        look, logits = papers[tints[name]]
        under = answers_under(look, box, logits.shape)
        return score_under(look.planes, logits, under, coarse=dots_per_mm < COARSE)

    scores = {name: [score(name, box) for box in found] for name, found in lines.items()}
    judged: dict[str, tuple[float, Box | None]] = {}
    for name, own in scores.items():
        usual = [score for other, found in scores.items() if other != name for score in found]
        most = int(np.argmax(own))
        chance = network("paint").chance(own[most] - beyond(usual, MOST_USUAL))
        judged[name] = chance, _place(*papers[tints[name]], lines[name][most])
    return judged


def _place(look: PaperLook, logits: Plane, box: Box) -> Box:
    """The part of a line around its most suspect place."""
    rows, columns = answers_under(look, box, logits.shape)
    part = logits[rows, columns]
    near = (part > float(part.max()) - 1.5).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(near, connectivity=4)
    row, column = np.unravel_index(int(np.argmax(part)), part.shape)
    x, _, width, _ = (int(value) for value in stats[labels[row, column], :4])
    left = look.box.left + (columns.start + x) * ANSWER_MM
    place = Box(left, box.top, left + width * ANSWER_MM, box.bottom)
    return place.clipped(box.grown(BESIDE_MM))
