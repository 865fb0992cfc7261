"""Whether the print in a picture is this form's: the evidence, glyph by glyph, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from scanservice.detect.excuses import excused, nothing_there
from scanservice.detect.glyphmatch import SEARCH_MM, View, compare, finely, look
from scanservice.detect.library import KnownPage, Print
from scanservice.detect.refine import Refined
from scanservice.evidence import PrintMatch
from scanservice.geometry import Box, FloatArray

JUDGED_SHARE = 0.65
"""A region is judged where at least this share of its glyphs can be."""
CLEAN_SHARE = 0.9
"""Share of the glyphs that can be seen which must be clearly the blank's for the form to be accepted."""
FOREIGN_NAMED = 2
FOREIGN_GLYPHS = 4
"""One glyph may be torn, scratched or painted over, and leaves the form unsure; so many, in regions that
tell this form from its neighbours or anywhere, are another form's. Where nothing stands instead of a glyph,
no other print does: glare on white paper leaves no other trace."""
LEAST_GLYPHS = 8
"""With fewer glyphs that are the blank's nothing is accepted, whatever the regions say."""
SETTLED_MM = 0.5
"""Nine of ten glyphs of genuine print lie nearer to their place than this; typed again, they do not."""


@dataclass(frozen=True, eq=False)
class Examination:
    """What the print of one page says.

    Attributes:
        matches: one for each print region, and one for each other glyph that is not the blank's.
        clean: positively the blank's print: all print regions judged, nothing that is not the blank's.
        foreign: positively other print.
        likeness: share of the judged glyphs that are the blank's, 0 to 1; 0 where none is judged.
        strangers: glyphs that are not the blank's, without an excuse.
        points, offsets: N x 2, mm: where glyphs of the blank were found, and how far off.
        unreached: whether glyphs are missing where the map may be off by more than is searched.
    """

    matches: tuple[PrintMatch, ...]
    clean: bool
    foreign: bool
    likeness: float
    strangers: int
    points: FloatArray
    offsets: FloatArray
    unreached: bool


@dataclass(frozen=True, eq=False)
class _Told:
    """The glyphs of one print, told apart."""

    owners: NDArray[np.object_]
    boxes: FloatArray
    scores: FloatArray
    offsets: FloatArray
    good: NDArray[np.bool_]
    bad: NDArray[np.bool_]
    empty: NDArray[np.bool_]
    counted: NDArray[np.bool_]
    unreached: NDArray[np.bool_]


def examine(page: KnownPage, view: View, refined: Refined) -> Examination:
    """The print of a page in a view of it, summed up by region.

    Args:
        refined: what the view's map rests on.
    """
    told = [_tell(known, view, refined) for known in page.prints]
    owners, boxes, scores, offsets, good, bad, empty, counted, unreached = (
        np.concatenate([getattr(part, field.name) for part in told]) for field in fields(_Told)
    )
    matches = _matches(owners, boxes, scores, good, bad)
    named = [match for match in matches if match.region is not None]
    strangers = int(bad.sum())
    other = bad & ~empty
    foreign = (other & (owners != "")).sum() >= FOREIGN_NAMED or other.sum() >= FOREIGN_GLYPHS
    distances = np.linalg.norm(offsets[good], axis=1)
    clean = (
        strangers == 0
        and good.sum() >= LEAST_GLYPHS
        and all(match.judged for match in named)
        and good.sum() >= CLEAN_SHARE * counted.sum()
        and float(np.quantile(distances, 0.9)) <= SETTLED_MM
    )
    centers = (boxes[:, :2] + boxes[:, 2:]) / 2
    likeness = float(good.sum() / max((good | bad).sum(), 1))
    return Examination(
        matches,
        bool(clean),
        bool(foreign),
        likeness,
        strangers,
        centers[good],
        offsets[good],
        bool(unreached.any()),
    )


def _tell(known: Print, view: View, refined: Refined) -> _Told:
    glyphs = known.glyphs
    if known.channel != view.channel:
        view = look(view.picture, view.page_map, known)
    found = compare(known, view)
    enough, too_little = found.limits()
    scores = found.scores.copy()
    suspects = np.flatnonzero((scores < too_little) & found.inside & ~glyphs.contested)
    scores[suspects] = finely(known, view, suspects, found.chosen(suspects), too_little)
    good = scores >= enough
    bad = (scores < too_little) & found.inside & ~glyphs.contested
    suspects, unreached, empty = np.flatnonzero(bad), np.zeros_like(bad), np.zeros_like(bad)
    if len(suspects):
        bad[suspects] &= ~excused(known, view, suspects, found.chosen(suspects), np.flatnonzero(good))
        # Where the map may be off by more than is searched, another glyph stands in the glyph's place.
        centers = (glyphs.boxes[suspects, :2] + glyphs.boxes[suspects, 2:]) / 2
        unreached[suspects] = bad[suspects] & (refined.may_be_off(centers) > SEARCH_MM)
        bad &= ~unreached
        empty[suspects] = nothing_there(known, view, suspects)
    names = np.array([*glyphs.names, ""], object)
    grey = ~good & (scores >= too_little) & found.inside & ~glyphs.contested
    return _Told(
        names[glyphs.regions],
        glyphs.boxes,
        scores,
        found.offsets,
        good,
        bad,
        empty,
        good | bad | grey | unreached,
        unreached,
    )


def _matches(
    owners: NDArray[np.object_],
    boxes: FloatArray,
    scores: FloatArray,
    good: NDArray[np.bool_],
    bad: NDArray[np.bool_],
) -> tuple[PrintMatch, ...]:
    matches = []
    for name in dict.fromkeys(owners[owners != ""].tolist()):
        of_region = owners == name
        told = of_region & (good | bad)
        judged = bool(told.sum() >= JUDGED_SHARE * of_region.sum())
        # The lowest, not the mean: one character makes another school or another year.
        score = float(np.clip(scores[told].min(), 0, 1)) if judged else 0.0
        matches.append(PrintMatch(name, _around(boxes[of_region]), score, judged))
    matches += [
        PrintMatch(None, _around(boxes[index : index + 1]), float(np.clip(scores[index], 0, 1)), True)
        for index in np.flatnonzero(bad & (owners == ""))
    ]
    return tuple(matches)


def _around(boxes: FloatArray) -> Box:
    left, top = boxes[:, :2].min(axis=0).tolist()
    right, bottom = boxes[:, 2:].max(axis=0).tolist()
    return Box(left, top, right, bottom)
