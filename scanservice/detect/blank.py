"""The form as printed, rendered from the template package."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
import pymupdf

from scanservice.geometry import MM_PER_INCH, Image
from scanservice.template import Template

KEPT_PAGES = 6
"""Renderings kept: the pages of the form at hand. One at 8 dots/mm in colour takes 12 MB."""


def blank_image(template: Template, page: str, dots_per_mm: float) -> Image:
    """A page of the blank, H x W x 3, uint8, BGR, read-only; its size is the page's times the scale, rounded.

    Rendering takes tens of milliseconds, so the last few results are kept.
    """
    return _render(str(template.blank), template.version, template.page(page).page, dots_per_mm)


def blank_grey(template: Template, page: str, dots_per_mm: float) -> Image:
    """As `blank_image`, H x W, grey: what a scanner would see."""
    return _grey(str(template.blank), template.version, template.page(page).page, dots_per_mm)


@lru_cache(maxsize=KEPT_PAGES)
def _render(path: str, version: str, number: int, dots_per_mm: float) -> Image:
    return render(path, number, dots_per_mm)


def render(path: str, number: int, dots_per_mm: float) -> Image:
    """A page (from 1) of a PDF as `blank_image`, for callers who keep what they make of it."""
    scale = dots_per_mm * MM_PER_INCH / 72
    with pymupdf.open(path) as document:
        pixels = document[number - 1].get_pixmap(
            matrix=pymupdf.Matrix(scale, scale), alpha=False, annots=False
        )
    rgb = np.frombuffer(pixels.samples, dtype=np.uint8).reshape(pixels.height, pixels.width, pixels.n)
    image = np.ascontiguousarray(rgb[:, :, ::-1])
    image.flags.writeable = False
    return image


@lru_cache(maxsize=KEPT_PAGES)
def _grey(path: str, version: str, number: int, dots_per_mm: float) -> Image:
    grey = cv2.cvtColor(_render(path, version, number, dots_per_mm), cv2.COLOR_BGR2GRAY)
    grey.flags.writeable = False
    return np.asarray(grey, dtype=np.uint8)


def let_go() -> None:
    """Gives the kept renderings back, up to 100 MB: a check needs none of them."""
    _render.cache_clear()
    _grey.cache_clear()
