"""Whether a region can be judged in this picture, measured where it matters: at the region."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from scanservice.detect.canvas import DOTS_PER_MM, PAPER, Canvas, Plane
from scanservice.detect.printlayer import PrintLayer
from scanservice.evidence import PageFit, RegionQuality, ScanPage, Trouble
from scanservice.geometry import Box
from scanservice.template import RegionKind

LEAST_DOTS_PER_MM = 100 / 25.4
"""Below 100 dpi of the form a 5 mm character has fewer than 20 dots; the office promises 110 dpi."""
MOST_BLUR_MM = 0.34
"""Standard deviation of blur above which 0.4 mm strokes run together."""
LEAST_CONTRAST = 0.22
LEAST_LIGHT = 28
"""Grey level (of 255) of the paper under which noise and quantisation eat pen strokes."""
BURNT = 250
MOST_GLARE = 0.05
MOST_CUT_OFF = 0.02
MOST_COVERED: dict[RegionKind, float] = {"seal": 0.20, "free": 0.20, "signature": 0.10}
"""Share of a region that may be hidden; a seal's place is several times the seal."""
MOST_COVERED_ELSE = 0.05
FOREIGN_COLOUR = 0.28
"""Difference in log(red/green) plus log(blue/green) from the page's paper; skin shows 0.4 to 0.7."""
FOREIGN_DARK = 0.22
"""Light, relative to the page's own bright paper, of something dark that is not a shadow."""
AROUND_MM = 6.0


@dataclass(frozen=True, eq=False)
class PageLight:
    """What every region of a page is compared with.

    Attributes:
        level: grey level of bright paper; `ratios`: log(red/green) and log(blue/green) of the paper.
        foreign: h x w, bool, at 2 dots/mm: not paper at all.
        blur: standard deviation in mm, over the whole page.
    """

    level: float
    ratios: tuple[float, float]
    foreign: Plane
    blur: float


def page_light(canvas: Canvas, layer: PrintLayer) -> PageLight:
    """The page's own light, colour and blur."""
    light = canvas.background.astype(np.float32) + 1
    green = light[:, :, 1]
    level = float(np.quantile(green, 0.9))
    red, blue = np.log(light[:, :, 2] / green), np.log(light[:, :, 0] / green)
    bright = green > 0.5 * level
    ratios = float(np.median(red[bright])), float(np.median(blue[bright]))
    off = np.abs(red - ratios[0]) + np.abs(blue - ratios[1])
    foreign = ((off > FOREIGN_COLOUR) & (green > 12)) | (green < FOREIGN_DARK * level)
    return PageLight(level, ratios, foreign, _blur(canvas.darkness, layer.darkness))


def region_quality(
    page: ScanPage,
    fit: PageFit,
    box: Box,
    kind: RegionKind,
    canvas: Canvas,
    layer: PrintLayer,
    light: PageLight,
) -> RegionQuality:
    """Measures one region.

    Sharpness and contrast come from the form's own print in and around the region; where there is too
    little of it, from the whole page's.
    """
    dots = fit.map.dots_per_mm(box)
    near = canvas.window(box.grown(AROUND_MM))
    inside = canvas.window(box)
    dark, expected = canvas.darkness[near], layer.darkness[near]
    blur = _blur(dark, expected)
    blur = light.blur if np.isnan(blur) else blur
    sharpest = 0.35 / max(dots * page.scale, 1e-6)
    contrast = _contrast(dark, expected)
    small = (
        slice(inside[0].start // 4, -(-inside[0].stop // 4)),
        slice(inside[1].start // 4, -(-inside[1].stop // 4)),
    )
    background = canvas.background[small]
    paper = float(np.median(background[:, :, 1])) if background.size else 0.0
    covered = float(light.foreign[small].mean()) if background.size else 0.0
    glare = _glare(canvas.colour[inside], canvas.darkness[inside], layer.darkness[inside], light.level)
    cut_off = _cut_off(page, fit, box)
    troubles: list[Trouble] = []
    if cut_off > MOST_CUT_OFF:
        troubles.append("cut_off")
    if covered > MOST_COVERED.get(kind, MOST_COVERED_ELSE):
        troubles.append("covered")
    if glare > MOST_GLARE:
        troubles.append("glare")
    if dots * page.scale < LEAST_DOTS_PER_MM:
        troubles.append("low_resolution")
    if not np.isnan(blur) and blur > MOST_BLUR_MM:
        troubles.append("blur")
    if paper < LEAST_LIGHT:
        troubles.append("shadow")
    elif not np.isnan(contrast) and contrast < LEAST_CONTRAST:
        troubles.append("low_contrast")
    sharpness = 1.0 if np.isnan(blur) else float(np.clip((sharpest + 0.05) / (blur + 0.05), 0, 1))
    return RegionQuality(
        round(dots, 2),
        round(sharpness, 3),
        round(0.0 if np.isnan(contrast) else contrast, 3),
        round(glare, 3),
        round(cut_off, 3),
        round(covered, 3),
        tuple(troubles),
    )


def _blur(dark: Plane, expected: Plane) -> float:
    """Standard deviation (mm) of the blur between print as drawn and as seen; NaN without print.

    Blur of variance s^2 takes energy from the gradient faster than from the print itself. The ratio of
    both is compared with that of the blank under two known blurs; between them its reciprocal is
    nearly linear in s^2.
    """
    dark, expected = dark[::1, ::1], expected
    if np.count_nonzero(expected > PAPER // 3) < 150:
        return float("nan")
    zone = cv2.dilate(expected, np.ones((7, 7), np.uint8)) > PAPER // 8
    seen = _roughness(dark, zone)
    inverse = [
        1 / max(_roughness(cv2.GaussianBlur(expected, (0, 0), s * DOTS_PER_MM), zone), 1e-9)
        for s in (0.1, 0.3)
    ]
    slope = (inverse[1] - inverse[0]) / (0.3**2 - 0.1**2)
    variance = 0.1**2 + (1 / max(seen, 1e-9) - inverse[0]) / max(slope, 1e-9)
    return float(np.sqrt(np.clip(variance, 0.0, 1.0)))


def _roughness(plane: Plane, zone: Plane) -> float:
    """Energy of the gradient over energy of the values, inside a zone."""
    values = plane.astype(np.float32)
    dx = cv2.Sobel(values, cv2.CV_32F, 1, 0, ksize=3, scale=0.125)
    dy = cv2.Sobel(values, cv2.CV_32F, 0, 1, ksize=3, scale=0.125)
    return float((dx * dx + dy * dy)[zone].sum() / max(float((values * values)[zone].sum()), 1.0))


def _contrast(dark: Plane, expected: Plane) -> float:
    """Darkness of the print's core where it is solid, 0 to 1; NaN where there is hardly any."""
    core = cv2.erode(expected, np.ones((2, 2), np.uint8)) > PAPER // 2
    if np.count_nonzero(core) < 100:
        return float("nan")
    return float(np.quantile(dark[core], 0.6) / PAPER)


def _glare(colour: Plane, dark: Plane, expected: Plane, level: float) -> float:
    """Share of a region that is burnt out.

    On a page whose paper is white anyway (a scanner's), only print that is missing in white tells.
    """
    if colour.size == 0:
        return 0.0
    burnt = colour.min(axis=2) >= BURNT
    print_here = expected > PAPER // 2
    if level >= BURNT - 6:
        count = np.count_nonzero(print_here)
        missing = np.count_nonzero(print_here & burnt & (dark < PAPER // 10))
        return float(missing / count) if count > 100 and missing > 0.3 * count else 0.0
    solid = cv2.erode(burnt.astype(np.uint8), np.ones((5, 5), np.uint8))
    return float(solid.mean())


def _cut_off(page: ScanPage, fit: PageFit, box: Box) -> float:
    """Share of the region's area that lies outside the picture."""
    quad = fit.map.to_picture(box.corners()).astype(np.float32)
    area = abs(float(cv2.contourArea(quad)))
    frame = np.array(
        [(0, 0), (page.width - 1, 0), (page.width - 1, page.height - 1), (0, page.height - 1)],
        dtype=np.float32,
    )
    shared, _ = cv2.intersectConvexConvex(quad, frame)
    return float(np.clip(1 - shared / area, 0, 1)) if area > 0 else 1.0
