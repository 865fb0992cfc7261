"""A photographed screen is told from paper by the wave that runs through it."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from fixtures.maker.options import PRESETS, Preset, preset
from fixtures.maker.photograph import Photo, photograph
from scanservice.detect.blank import blank_image
from scanservice.detect.screen import OWN_DOTS_PER_MM, WINDOW, plane_waves, screen_likeness
from scanservice.evidence import ScanPage
from scanservice.geometry import MM_PER_INCH, Image, PageMap
from scanservice.template import Template
from scanservice.verify.rules.form import SCREEN_FROM

WHITE = np.full((1800, 1300, 3), 255, np.uint8)
"""A blank without any pattern."""


def likeness(photo: Photo) -> float | None:
    """Measured where the page truly lies."""
    height, width = photo.image.shape[:2]
    size = photo.truth.size
    corners = np.array([(0, 0), (size[0], 0), size, (0, size[1])], np.float32)
    there = np.asarray(photo.truth.to_picture(corners), np.float32)
    where = PageMap(size, cv2.getPerspectiveTransform(corners, there))
    return screen_likeness(ScanPage(0, 0, photo.image, width, height), where, lambda: WHITE)


@pytest.fixture(scope="module")
def blank(form: Template) -> Image:
    return blank_image(form, form.pages[1].name, 200 / MM_PER_INCH)


@pytest.mark.parametrize("name", PRESETS)
def test_paper_is_no_screen(blank: Image, name: Preset) -> None:
    for seed in (1, 2):
        found = likeness(photograph(blank, 200.0, options=preset(name, seed), seed=seed))
        assert found is None or found < SCREEN_FROM / 2


@pytest.mark.parametrize("strength", [0.35, 0.5])
def test_a_screen_is_one(blank: Image, strength: float) -> None:
    for seed in (1, 2, 3):
        options = replace(preset("phone_good", seed), moire=strength, curl_mm=0.0)
        found = likeness(photograph(blank, 200.0, options=options, seed=seed))
        assert found is not None
        assert found >= SCREEN_FROM


def window(seed: int = 1) -> Image:
    grain = np.random.default_rng(seed).normal(200, 3, (WINDOW, WINDOW, 3))
    return np.asarray(np.clip(grain, 0, 255), np.uint8)


def test_waves_in_light_and_in_colour() -> None:
    y, x = np.mgrid[0:WINDOW, 0:WINDOW]
    wave = 4 * np.cos(2 * np.pi * (0.21 * x + 0.07 * y))
    assert not plane_waves(window())
    assert plane_waves(np.asarray(window() + wave[..., None], np.uint8))
    assert plane_waves(np.asarray(window() + wave[..., None] * [0, 0, 1.5], np.uint8))


def test_what_is_no_wave() -> None:
    blocks = window().copy()
    blocks[::8] -= 6
    ruled = window().copy()
    ruled[60:63] -= 90
    _, picture = cv2.imencode(".jpg", window(), [cv2.IMWRITE_JPEG_QUALITY, 40])
    squeezed = np.asarray(cv2.imdecode(picture, cv2.IMREAD_COLOR), np.uint8)
    assert not any(plane_waves(one) for one in (blocks, ruled, squeezed))


def test_too_little_paper_tells_nothing() -> None:
    image = np.full((200, 200, 3), 220, np.uint8)
    where = PageMap((200.0, 200.0), np.eye(3))
    assert screen_likeness(ScanPage(0, 0, image, 200, 200), where, lambda: WHITE) is None


def test_a_pattern_that_is_printed_on_the_form_makes_no_screen_of_it() -> None:
    """The same wave, of 1.5 mm, is the paper's where the blank has it, and a screen's where it has none."""
    size, dots = (100.0, 125.0), 8.0
    where = PageMap(size, np.diag([dots, dots, 1.0]))

    def waved(per_mm: float, level: float, wave: float, grain: float) -> Image:
        width, height = (round(side * per_mm) for side in size)
        x = np.arange(width) / per_mm
        row = level + wave * np.cos(2 * np.pi * x / 1.5)
        noise = np.random.default_rng(3).normal(0, grain, (height, width))
        return np.repeat(np.clip(row + noise, 0, 255).astype(np.uint8)[..., None], 3, axis=2)

    page = ScanPage(0, 0, waved(dots, 200, 5, 3), 800, 1000)
    plain = screen_likeness(page, where, lambda: WHITE)
    assert plain is not None
    assert plain >= SCREEN_FROM
    assert screen_likeness(page, where, lambda: waved(OWN_DOTS_PER_MM, 235, 12, 0)) == 0.0
    turned = np.ascontiguousarray(np.rot90(waved(OWN_DOTS_PER_MM, 235, 12, 0))[:750, :600])
    assert screen_likeness(page, where, lambda: turned) == plain
