"""Known pages seen in one page of an upload."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from scanservice.detect.features import Features, find_features
from scanservice.detect.identity import Examination, examine
from scanservice.detect.inkmap import ink_map, light, reduced
from scanservice.detect.library import FEATURE_DOTS_PER_MM, KnownPage, Library
from scanservice.detect.refine import refine
from scanservice.detect.register import Placement, locate, vote
from scanservice.evidence import ScanPage
from scanservice.geometry import FloatArray, PageMap

SIDES = (600, 1100, 2000)
"""Longer side of the reduced picture in which features are sought, one after the other until a page is
found: a page that fills the picture has about the library's scale in the first."""
FEATURES = (1500, 3000, 6000)
CANDIDATES = 4
"""Pages matched in full, by their votes."""
EXAMINED = 3
"""Placed pages whose print is examined before the best is taken."""
PER_PICTURE = 3
LEAST_COVERAGE = 0.12


@dataclass(frozen=True, eq=False)
class Sighting:
    """A known page placed in a page of the upload, and what its print says."""

    scan_page: int
    page: KnownPage
    map: PageMap
    placement: Placement
    examination: Examination

    @property
    def worth(self) -> float:
        """To choose between sightings of one picture: the likeness of the print, clean ones first."""
        return self.examination.likeness + (1.0 if self.examination.clean else 0.0)


@dataclass(frozen=True, eq=False)
class Seen:
    """Features of one picture at one scale; `step` leads from its pixels to those of the full upload."""

    features: Features
    step: FloatArray


class Picture:
    """A page of the upload, and the lights and scales of it that have been asked for so far."""

    def __init__(self, index: int, source: ScanPage) -> None:
        self.index = index
        self.source = source
        self.grey = light(source.image, "red")

    def seen(self, attempt: int) -> Seen:
        """Its features, in finer pictures with each attempt."""
        small, ratio = reduced(_halved(self.grey, SIDES[attempt]), SIDES[attempt])
        ratio = small.shape[1] / self.source.width
        found = find_features(255 - ink_map(small, FEATURE_DOTS_PER_MM), FEATURES[attempt])
        back, shift = 1 / ratio, (1 / ratio - 1) / 2
        return Seen(found, np.array([[back, 0, shift], [0, back, shift], [0, 0, 1]]))


def _halved(grey: np.ndarray, side: int) -> np.ndarray:
    """The picture reduced by a whole number, which is quick, to no less than twice `side`."""
    whole = max(grey.shape) // (2 * side)
    if whole < 2:
        return grey
    size = (grey.shape[1] // whole, grey.shape[0] // whole)
    cut = grey[: size[1] * whole, : size[0] * whole]
    return cv2.resize(cut, size, interpolation=cv2.INTER_AREA)


def sightings(picture: Picture, library: Library) -> Iterator[Sighting]:
    """The known pages in a picture, the best for each place; nothing where there is none."""
    for attempt in range(len(SIDES)):
        if attempt and max(picture.grey.shape) <= 1.2 * SIDES[attempt - 1]:
            return
        seen = picture.seen(attempt)
        found = 0
        for _ in range(PER_PICTURE):
            best = _best(picture, library, seen)
            if best is None:
                break
            found += 1
            yield best
            seen = _outside(seen, best)
        if found:
            return


def sight(picture: Picture, page: KnownPage, placement: Placement) -> Sighting:
    """A placed page, refined and examined."""
    refined = refine(page, placement.map, picture.grey, picture.source.scale)
    examination = examine(page, refined, picture.source.image, picture.source.scale)
    return Sighting(picture.index, page, refined, placement, examination)


def _best(picture: Picture, library: Library, seen: Seen) -> Sighting | None:
    votes = vote(library.pages, seen.features)
    order = np.argsort(-votes, kind="stable")[:CANDIDATES]
    placed = [locate(library.pages[index], seen.features, seen.step) for index in order if votes[index] > 3]
    placements = sorted(
        (one for one in placed if one is not None and one.coverage >= LEAST_COVERAGE),
        key=lambda one: -one.inliers,
    )
    best: Sighting | None = None
    for placement in placements[:EXAMINED]:
        if best is not None and placement.inliers < 0.4 * best.placement.inliers:
            break
        sighting = sight(picture, placement.page, placement)
        if best is None or sighting.worth > best.worth:
            best = sighting
        if sighting.examination.clean:
            break
    return best


def _outside(seen: Seen, sighting: Sighting) -> Seen:
    """What is seen outside the page that was found."""
    pixels = cv2.perspectiveTransform(seen.features.points[None].astype(np.float64), seen.step)[0]
    on_page = cv2.perspectiveTransform(pixels[None], np.linalg.inv(sighting.map.homography))[0]
    width, height = sighting.map.size
    inside = (on_page > 0).all(axis=1) & (on_page[:, 0] < width) & (on_page[:, 1] < height)
    return Seen(seen.features.chosen(~inside), seen.step)
