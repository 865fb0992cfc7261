"""Known pages seen in one page of an upload."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from scanservice.detect.glyphmatch import View, compare, look
from scanservice.detect.identity import Examination, examine
from scanservice.detect.library import KnownPage, Library
from scanservice.detect.picture import Picture, Seen
from scanservice.detect.refine import Refined, refine, refine_widely
from scanservice.detect.register import Match, match, place, vote
from scanservice.geometry import PageMap

CANDIDATES = 3
"""Pages, not kin to one another, that are matched in full, placed and examined at most, by their votes."""
RIVAL_VOTES = 0.2
"""A page with a smaller share of the best one's votes is not matched: half of `RIVAL_SHARE`, of which votes
are a sample."""
RIVAL_SHARE = 0.4
"""A page with a smaller share of the best one's matches is not looked at."""
NO_OWN_PRINT = 0.66
"""What a page scores that has no print of its own beside a rival's: between other glyphs and the same."""
PER_PICTURE = 3
LEAST_VOTES, MORE_VOTES = 4, 10
"""For a page to be matched in full: the first in a picture, and another beside one that was found."""
LEAST_COVERAGE = 0.12
LEAST_GLYPHS, LEAST_LIKENESS = 8, 0.12
"""Fewer of the form's glyphs than this, in number and in share, are what any document has by chance; it is
then not even a copy of the form (benchmarks.identity: offer notices, transcripts)."""


@dataclass(frozen=True, eq=False)
class Sighting:
    """A known page placed in a page of the upload, and what its print says.

    Attributes:
        index: of the page in `Library.pages`.
        margin: by how much its own print is there rather than that of the next of its kin, -1 to 1;
            1 where it has none, 0 where they do not differ.
    """

    index: int
    page: KnownPage
    view: View
    refined: Refined
    examination: Examination
    margin: float

    @property
    def map(self) -> PageMap:
        return self.view.page_map

    @property
    def picture(self) -> Picture:
        return self.view.picture

    @property
    def recognised(self) -> bool:
        """Whether enough of the page's print is there for it to be this page, or a copy of it, at all."""
        examined = self.examination
        return len(examined.points) >= LEAST_GLYPHS and examined.likeness >= LEAST_LIKENESS

    @property
    def worth(self) -> float:
        """To choose between sightings: print that is the form's counts, print that is not weighs more."""
        examined = self.examination
        return (
            examined.likeness * min(1.0, len(examined.points) / 20)
            + (1.0 if examined.clean else 0.0)
            - (0.5 if examined.foreign else 0.0)
        )


def sightings(picture: Picture, library: Library) -> Iterator[Sighting]:
    """The known pages in a picture, the best for each place; nothing where there is none."""
    for attempt in range(picture.attempts()):
        seen = picture.seen(attempt)
        found = 0
        for turn in range(PER_PICTURE):
            best = _best(picture, library, seen, MORE_VOTES if turn else LEAST_VOTES)
            if best is None:
                break
            found += 1
            yield best
            seen = _outside(seen, best.map)
        if found:
            return


def as_page(sighting: Sighting, library: Library, index: int) -> Sighting:
    """A place taken for another page, kin to the one that was found there."""
    page = library.pages[index]
    margin = _duel(library, sighting.view, index, sighting.index)
    examination = examine(page, sighting.view, sighting.refined)
    return Sighting(index, page, sighting.view, sighting.refined, examination, margin)


def _best(picture: Picture, library: Library, seen: Seen, votes: int) -> Sighting | None:
    best: Sighting | None = None
    for matched in _candidates(library, seen, votes):
        index = library.index(matched.page)
        start = place(matched, seen.features, seen.step)
        refined = refine(matched.page, start, picture)
        view = look(picture, refined.map, matched.page.prints[0])
        winner, margin = _winner(library, view, index, library.kin_of(index))
        page = library.pages[winner]
        if winner != index:
            refined = refine(page, refined.map, picture)
            view = look(picture, refined.map, page.prints[0])
        sighting = _reached(Sighting(winner, page, view, refined, examine(page, view, refined), margin))
        if sighting.recognised and (best is None or sighting.worth > best.worth):
            best = sighting
        if sighting.examination.clean:
            break
    return best


def _reached(sighting: Sighting) -> Sighting:
    """The same, or one whose map was sought more widely, where print was out of reach and is found so."""
    if not sighting.examination.unreached:
        return sighting
    page, picture = sighting.page, sighting.picture
    refined = refine_widely(page, sighting.map, picture)
    view = look(picture, refined.map, page.prints[0])
    found = examine(page, view, refined)
    if len(found.points) <= len(sighting.examination.points):
        return sighting
    return replace(sighting, view=view, refined=refined, examination=found)


def _candidates(library: Library, seen: Seen, least: int) -> list[Match]:
    """Pages that features agree on, the best first; of pages that are kin, the one with the most votes."""
    votes = vote(library, seen.features)
    order = np.argsort(-votes, kind="stable").tolist()
    least = max(least, round(RIVAL_VOTES * int(votes[order[0]])))
    passed: set[int] = set()
    found: list[Match] = []
    for index in order:
        if votes[index] < least or len(found) == CANDIDATES:
            break
        if index in passed:
            continue
        passed |= set(library.kin_of(index))
        one = match(library.pages[index], seen.features)
        if one is not None and one.coverage >= LEAST_COVERAGE:
            found.append(one)
    found.sort(key=lambda one: -one.inliers)
    return [one for one in found if one.inliers >= RIVAL_SHARE * found[0].inliers]


def _winner(library: Library, view: View, index: int, kin: Sequence[int]) -> tuple[int, float]:
    """The page among a page and its kin whose own print is there, and its margin over the next."""
    best, margin = index, 1.0
    for rival in kin:
        if (best, rival) not in library.kin:
            continue
        duel = _duel(library, view, best, rival)
        best, margin = (rival, -duel) if duel < 0 else (best, min(margin, duel))
    return best, margin


def _duel(library: Library, view: View, index: int, rival: int) -> float:
    """How much more of a page's own print is there than of its rival's, -1 to 1; 0 where they agree."""
    shares: list[float] = []
    for page, other in ((index, rival), (rival, index)):
        known, own = library.pages[page].prints[0], library.kin[page, other]
        if len(own):
            shares.append(float(np.clip(compare(known, view, own).scores, 0, 1).mean()))
        else:
            shares.append(NO_OWN_PRINT)
    return shares[0] - shares[1] if shares[0] != shares[1] else 0.0


def _outside(seen: Seen, page_map: PageMap) -> Seen:
    """What is seen outside a page that was found."""
    pixels = cv2.perspectiveTransform(seen.features.points[None].astype(np.float64), seen.step)[0]
    on_page = page_map.to_page(pixels)
    width, height = page_map.size
    inside = (on_page > 0).all(axis=1) & (on_page[:, 0] < width) & (on_page[:, 1] < height)
    return Seen(seen.features.chosen(~inside), seen.step)
