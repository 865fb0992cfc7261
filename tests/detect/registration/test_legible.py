"""Another document is told from a picture in which nothing can be told."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from fixtures.maker import foreign
from fixtures.maker.options import preset
from fixtures.maker.photograph import photograph
from scanservice.detect import Library, find
from scanservice.detect.legible import holds_sharp_text
from scanservice.evidence import Relation, Scan, ScanPage, Standing
from scanservice.geometry import Image

TRANSCRIPT = photograph(foreign.transcript(3, dpi=200), 200.0, options=preset("phone_good", 3), seed=3).image


def grey(image: Image) -> Image:
    return np.ascontiguousarray(image[:, :, 2])


def blurred(image: Image, sigma: float) -> Image:
    return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma), np.uint8)


@pytest.mark.parametrize("image", [TRANSCRIPT, foreign.offer_notice(1, dpi=150), foreign.screenshot(1)])
def test_documents(image: Image) -> None:
    assert holds_sharp_text(grey(image))


@pytest.mark.parametrize("image", [blurred(TRANSCRIPT, 4), foreign.wall(1), foreign.blank_paper(1, dpi=120)])
def test_pictures_that_say_nothing(image: Image) -> None:
    assert not holds_sharp_text(grey(image))


@pytest.mark.parametrize(
    ("images", "standing", "relations"),
    [
        ([TRANSCRIPT], "foreign", ("extra",)),
        ([TRANSCRIPT, foreign.blank_paper(1, dpi=120)], "foreign", ("extra", "blank")),
        ([blurred(TRANSCRIPT, 4)], "unsure", ("unknown",)),
        ([TRANSCRIPT, blurred(TRANSCRIPT, 4)], "unsure", ("extra", "unknown")),
        ([foreign.blank_paper(1, dpi=120)], "unsure", ("blank",)),
    ],
)
def test_an_upload_without_the_form(
    library: Library, images: list[Image], standing: Standing, relations: tuple[Relation, ...]
) -> None:
    pages = [ScanPage(i, 0, image, image.shape[1], image.shape[0]) for i, image in enumerate(images)]
    layout = find(Scan(tuple(pages), ("0" * 64,) * len(pages)), library)
    assert (layout.template, layout.standing, layout.relations) == (None, standing, relations)
