"""A page of the upload in the lights and scales that finding the form asks for, each made once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from scanservice.detect.features import Features, find_features
from scanservice.detect.inkmap import Channel, ink_map, light, reduced
from scanservice.detect.library import FEATURE_DOTS_PER_MM
from scanservice.evidence import ScanPage
from scanservice.geometry import Box, FloatArray, Image, PageMap

SIDES = (420, 900, 2000)
"""Longer side of the reduced picture in which features are sought, one after the other until a page is
found: a page that fills the picture has about the library's scale in the first."""
FEATURES = (1200, 3000, 6000)


@dataclass(frozen=True, eq=False)
class Seen:
    """Features of one picture at one scale; `step` leads from its pixels to those of the full upload."""

    features: Features
    step: FloatArray


class Picture:
    """One page of the upload.

    Reductions are by whole numbers, which is quick and free of aliasing; they are kept, because a page is
    looked at in few scales many times.
    """

    def __init__(self, index: int, source: ScanPage) -> None:
        self.index = index
        self.source = source
        self._reduced: dict[tuple[Channel | None, int], Image] = {}
        self._seen: dict[int, Seen] = {}

    @cached_property
    def size(self) -> tuple[int, int]:
        """Width and height of the full page in pixels."""
        return self.source.width, self.source.height

    def view(self, channel: Channel | None, whole: int) -> tuple[Image, float]:
        """The picture in one light (None: BGR) reduced by a whole number, and its scale."""
        whole = max(1, min(whole, min(self.source.image.shape[:2]) // 8))
        key = (channel, whole)
        if key not in self._reduced:
            self._reduced[key] = self._made(channel, whole)
        return self._reduced[key], self.source.scale / whole

    def _made(self, channel: Channel | None, whole: int) -> Image:
        if whole == 1:
            return self.source.image if channel is None else light(self.source.image, channel)
        # From the smallest that is there and can be divided on: most of the cost is in reading the full one.
        known = (size for seen_in, size in self._reduced if seen_in == channel and whole % size == 0)
        finer = max(known, default=1)
        part, step = self.view(channel, finer)[0], whole // finer
        width, height = part.shape[1] // step, part.shape[0] // step
        part = part[: height * step, : width * step]
        return np.asarray(cv2.resize(part, (width, height), interpolation=cv2.INTER_AREA), np.uint8)

    def let_go(self) -> None:
        """Gives the reductions back, of up to 16 MB a page; they are made again for whoever asks."""
        self._reduced.clear()

    def rectified(
        self, page_map: PageMap, channel: Channel | None, dots_per_mm: float, border: int = 255
    ) -> Image:
        """A whole page flat and straight, at a scale, in one light; `border` outside the picture."""
        page = Box(0, 0, *page_map.size)
        whole = int(page_map.dots_per_mm(page) * self.source.scale / dots_per_mm)
        image, scale = self.view(channel, whole)
        return page_map.rectify(image, page, dots_per_mm, scale=scale, border=border)

    def ink(self, page_map: PageMap, channel: Channel, dots_per_mm: float) -> Image:
        """As `rectified`, as an ink map."""
        return ink_map(self.rectified(page_map, channel, dots_per_mm), dots_per_mm)

    def seen(self, attempt: int) -> Seen:
        """Its features, in finer pictures with each attempt."""
        if attempt not in self._seen:
            side = SIDES[attempt]
            grey, _ = self.view("red", max(self.source.image.shape[:2]) // (2 * side))
            small, _ = reduced(grey, side)
            found = find_features(255 - ink_map(small, FEATURE_DOTS_PER_MM), FEATURES[attempt])
            # A whole-number reduction may cut off a few pixels at the far edges.
            whole = max(1, max(self.source.image.shape[:2]) // (2 * side))
            back = grey.shape[1] / small.shape[1] * whole / self.source.scale
            shift = (back - 1) / 2
            step = np.array([[back, 0, shift], [0, back, shift], [0, 0, 1.0]])
            self._seen[attempt] = Seen(found, step)
        return self._seen[attempt]

    def attempts(self) -> int:
        """In how many scales it is worth looking for features."""
        longest = max(self.source.image.shape[:2])
        return 1 + sum(longest > 1.2 * side for side in SIDES[:-1])
