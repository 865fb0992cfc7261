"""Errors in millimetres of the form, at the corners of every region."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np

from benchmarks.registration.corpus import Sample
from benchmarks.registration.peers import PEERS
from scanservice.detect import Library, find
from scanservice.geometry import MM_PER_INCH, FloatArray

LOST_MM = 20.0
"""A page whose regions lie further off than this on the median was not found, whatever the recipe says."""
OFF_MM = 1.5


@dataclass
class Tally:
    """What one recipe did under one condition.

    Attributes:
        errors, believed: mm, by region: the furthest corner, and what the program says of itself.
        milliseconds: processor time of one core for a page.
    """

    pages: int = 0
    lost: int = 0
    errors: list[float] = field(default_factory=list)
    believed: list[float] = field(default_factory=list)
    milliseconds: list[float] = field(default_factory=list)

    def share(self, quantile: float) -> float:
        return float(np.quantile(self.errors, quantile)) if self.errors else float("nan")

    @property
    def unknown(self) -> int:
        """Regions further off than `OFF_MM` that the program believes to be nearer."""
        return sum(e > OFF_MM and b <= OFF_MM for e, b in zip(self.errors, self.believed, strict=True))

    @property
    def alarms(self) -> int:
        """Regions nearer than a third of `OFF_MM` that the program believes to be further off."""
        return sum(e < OFF_MM / 3 and b > OFF_MM for e, b in zip(self.errors, self.believed, strict=True))


def run_ours(samples: Iterable[Sample], library: Library, tally: Tally) -> None:
    for sample in samples:
        scan = sample.scan()
        begun = time.process_time()
        layout = find(scan, library)
        tally.milliseconds.append(1000 * (time.process_time() - begun))
        tally.pages += 1
        fit = next(
            (f for f in layout.fits if f.page == sample.page and f.template == sample.template.id), None
        )
        if fit is None:
            tally.lost += 1
            continue
        errors = _errors(sample, lambda points, of=fit: of.map.to_picture(points))
        tally.errors += errors
        tally.believed += [fit.residual_at[region.id] for region in sample.template.page(sample.page).regions]


def run_peer(name: str, samples: Sequence[Sample], tally: Tally) -> None:
    """A peer is told which page it is: it only has to align it."""
    for sample in samples:
        begun = time.process_time()
        homography = PEERS[name](sample.template, sample.page, sample.photo.image)
        tally.milliseconds.append(1000 * (time.process_time() - begun))
        tally.pages += 1
        if homography is None:
            tally.lost += 1
            continue
        errors = _errors(sample, lambda points, h=homography: cv2.perspectiveTransform(points[None], h)[0])
        if float(np.median(errors)) > LOST_MM:
            tally.lost += 1
        else:
            tally.errors += errors


def _errors(sample: Sample, to_picture: Callable[[FloatArray], FloatArray]) -> list[float]:
    """Of each region of the page, the distance (mm) by which its furthest corner is off."""
    truth = sample.photo.truth
    corners = np.concatenate([region.box.corners() for region in sample.template.page(sample.page).regions])
    off: FloatArray = np.linalg.norm(to_picture(corners) - truth.to_picture(corners), axis=1)
    return (off * MM_PER_INCH / truth.dpi()).reshape(-1, 4).max(axis=1).tolist()
