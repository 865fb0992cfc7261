"""Scanned blanks set straight: boxes are upright, so the form they lie on has to be."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pymupdf

from scanservice.geometry import MM_PER_INCH, Image

DPI = 200
KEPT_DPI = 300
"""At which a page is looked at, and at which a turned page is kept."""
MIN_LINE_MM = 40.0
"""Rules of this length tell a turn of 0.1 degree: it lifts their end by less than a pixel of noise."""
MIN_LINES = 4
MIN_DEGREES = 0.1
"""A smaller turn shifts the ends of a 170 mm table by less than 0.3 mm, a rule's width."""
MAX_DEGREES = 10.0
"""A larger one is no scanner's: such a page is left as it is."""


def straightened(data: bytes) -> bytes:
    """A PDF whose scanned pages stand upright; pages with a text layer, and straight ones, are kept.

    The turn is the median slope of the page's long rules, found by the line segment detector (LSD; Grompone
    von Gioi et al., 2010).
    """
    with pymupdf.open(stream=data, filetype="pdf") as document:
        turned = {}
        for number in range(len(document)):
            page = document[number]
            if page.get_text("words"):
                continue
            angle = skew(render(page, DPI))
            if angle is not None and abs(angle) >= MIN_DEGREES:
                turned[number] = _turned(render(page, KEPT_DPI), angle)
        if not turned:
            return data
        with pymupdf.open() as result:
            for number in range(len(document)):
                if number in turned:
                    _add_picture(result, document[number].rect, turned[number])
                else:
                    result.insert_pdf(document, from_page=number, to_page=number)
            return result.tobytes(garbage=4, deflate=True, no_new_id=True)


def render(page: pymupdf.Page, dpi: int) -> Image:
    """A page as a picture, H x W x 3, uint8, BGR."""
    pixels = page.get_pixmap(dpi=dpi, alpha=False, annots=False)
    rgb = np.frombuffer(pixels.samples, dtype=np.uint8).reshape(pixels.height, pixels.width, pixels.n)
    return np.ascontiguousarray(rgb[:, :, ::-1])


def skew(image: Image) -> float | None:
    """Degrees clockwise by which a page at `DPI` is turned; None where too few long rules tell."""
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    _, ink = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    segments = cv2.createLineSegmentDetector().detect(ink)[0]
    slopes = []
    for x0, y0, x1, y1 in np.asarray([] if segments is None else segments).reshape(-1, 4).tolist():
        if math.hypot(x1 - x0, y1 - y0) < MIN_LINE_MM * DPI / MM_PER_INCH:
            continue
        # The same turn shows in rules along and across, drawn in either direction.
        slope = (math.degrees(math.atan2(y1 - y0, x1 - x0)) + 45) % 90 - 45
        if abs(slope) <= MAX_DEGREES:
            slopes.append(slope)
    return float(np.median(slopes)) if len(slopes) >= MIN_LINES else None


def _turned(image: Image, degrees: float) -> Image:
    height, width = image.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    white = (255, 255, 255)
    return np.asarray(
        cv2.warpAffine(image, matrix, (width, height), flags=cv2.INTER_CUBIC, borderValue=white),
        dtype=np.uint8,
    )


def _add_picture(document: pymupdf.Document, rect: pymupdf.Rect, image: Image) -> None:
    page = document.new_page(width=rect.width, height=rect.height)
    _, jpeg = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 92])
    page.insert_image(page.rect, stream=jpeg.tobytes())
