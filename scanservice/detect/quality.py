"""Whether a region can be judged in this picture, measured where it matters: at the region."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from scanservice.detect.canvas import PAPER, Canvas, Plane
from scanservice.detect.printlayer import Blank, PrintLayer
from scanservice.detect.sharpness import Sharpness, measure_sharpness
from scanservice.evidence import PageFit, RegionQuality, ScanPage, Trouble
from scanservice.geometry import Box
from scanservice.template import Region, RegionKind

LEAST_DOTS_PER_MM = 100 / 25.4
"""Below 100 dpi of the form a 5 mm character has fewer than 20 dots; the office promises 110 dpi."""
MOST_BLUR_MM = 0.34
"""Standard deviation of blur above which 0.4 mm strokes run together."""
MOST_LOST = 0.15
"""Share of the print in and beside a region whose edges may be lost: pen strokes there are lost too."""
LEAST_CONTRAST = 0.22
LEAST_LIGHT = 28
"""Grey level (of 255) of the paper under which noise and quantisation eat pen strokes."""
BURNT, SHARE_OF_BURNT = 250, 127
"""Grey value, and the share (of 255) of a place that has it, from which it is burnt out."""
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
    """What the regions of a page are measured in and compared with; planes at 2 dots/mm.

    Attributes:
        level: grey level of bright paper.
        foreign: bool: not paper at all.
        burnt: 0 to 255: share burnt out; faded: the same of print that is missing in white.
        blur, contrast: over the whole page; NaN without print.
    """

    level: float
    foreign: Plane
    burnt: Plane
    faded: Plane
    sharpness: Sharpness
    blur: float
    contrast: float

    @property
    def glaring(self) -> Plane:
        """Bool: burnt out, where the page's paper at large is not."""
        burnt = self.burnt > SHARE_OF_BURNT
        return burnt if np.median(self.burnt) <= SHARE_OF_BURNT else np.zeros_like(burnt)


def page_light(canvas: Canvas, layer: PrintLayer, blank: Blank) -> PageLight:
    """The page's own light, colour and blur."""
    level, foreign = _light(canvas.background)
    burnt = cv2.inRange(canvas.colour, (BURNT, BURNT, BURNT), (255, 255, 255))
    expected = cv2.threshold(layer.darkness, PAPER // 2, 255, cv2.THRESH_BINARY)[1]
    pale = cv2.threshold(canvas.darkness, PAPER // 10, 255, cv2.THRESH_BINARY_INV)[1]
    faded = cv2.bitwise_and(cv2.bitwise_and(burnt, expected), pale)
    size = (foreign.shape[1], foreign.shape[0])
    planes = [cv2.resize(plane, size, interpolation=cv2.INTER_AREA) for plane in (burnt, faded)]
    sharpness = measure_sharpness(canvas, layer, blank)
    whole = sharpness.blur(canvas, canvas.box), sharpness.contrast(canvas, canvas.box)
    return PageLight(level, foreign, planes[0], planes[1], sharpness, *whole)


def _light(background: Plane) -> tuple[float, Plane]:
    """Grey level of bright paper, and what is no paper, as in `PageLight`."""
    blue, green, red = (np.asarray(plane, np.uint8) for plane in cv2.split(background))
    level = float(np.quantile(green[::2, ::2], 0.9)) + 1
    logarithms = np.log(np.arange(1, 257, dtype=np.float32))
    of_green = logarithms[green]
    bright = green[::2, ::2] > 0.5 * level
    off = np.zeros_like(of_green)
    for plane in (red, blue):
        tint = logarithms[plane] - of_green
        off += np.abs(tint - np.median(tint[::2, ::2][bright]))
    return level, ((off > FOREIGN_COLOUR) & (green > 11)) | (green < FOREIGN_DARK * level - 1)


def region_quality(
    page: ScanPage, fit: PageFit, region: Region, canvas: Canvas, light: PageLight
) -> RegionQuality:
    """Measures one region.

    Sharpness and contrast come from the form's own print in and around the region; where there is too
    little of it, from the whole page's. Of print that lies far from every field, where the canvas does not
    reach, only its place is judged.
    """
    box = region.box
    dots = fit.map.dots_per_mm(box)
    usable = dots * page.scale
    near = box.grown(AROUND_MM)
    blur, contrast = light.sharpness.blur(canvas, near), light.sharpness.contrast(canvas, near)
    blur, contrast = (
        light.blur if np.isnan(blur) else blur,
        light.contrast if np.isnan(contrast) else contrast,
    )
    window = canvas.window(box)
    if any(part.start == part.stop for part in window):
        return _out_of_sight(page, fit, box, dots)
    small = tuple(
        slice(min(part.start // 4, size - 1), -(-part.stop // 4))
        for part, size in zip(window, light.burnt.shape, strict=True)
    )
    paper = float(np.median(canvas.background[small][:, :, 1]))
    quality = RegionQuality(
        dots_per_mm=round(dots, 2),
        sharpness=1.0
        if np.isnan(blur)
        else round(float(np.clip((0.35 / max(usable, 1e-6) + 0.05) / (blur + 0.05), 0, 1)), 3),
        contrast=0.0 if np.isnan(contrast) else round(float(np.clip(contrast, 0, 1)), 3),
        glare=round(_glare(light, small), 3),
        cut_off=round(_cut_off(page, fit, box), 3),
        covered=round(float(light.foreign[small].mean()), 3),
    )
    lost = light.sharpness.lost_share(canvas, box) > MOST_LOST
    # Round a burnt-out spot print is faded: a sharper picture would not bring it back.
    burnt = light.level < BURNT - 2 and float(canvas.background[small].max(initial=0)) >= BURNT
    troubled = {
        "cut_off": quality.cut_off > MOST_CUT_OFF,
        "covered": quality.covered > MOST_COVERED.get(region.kind, MOST_COVERED_ELSE),
        "glare": quality.glare > MOST_GLARE or (lost and burnt),
        "low_resolution": usable < LEAST_DOTS_PER_MM,
        "blur": bool(blur > MOST_BLUR_MM) or (lost and not burnt),
        "shadow": paper < LEAST_LIGHT,
        "low_contrast": bool(contrast < LEAST_CONTRAST),
    }
    return _with_troubles(quality, tuple(name for name, found in troubled.items() if found))  # type: ignore[arg-type]


def _out_of_sight(page: ScanPage, fit: PageFit, box: Box, dots: float) -> RegionQuality:
    cut_off = round(_cut_off(page, fit, box), 3)
    quality = RegionQuality(round(dots, 2), 1.0, 1.0, glare=0.0, cut_off=cut_off, covered=0.0)
    return _with_troubles(quality, ("cut_off",) if cut_off > MOST_CUT_OFF else ())


def _with_troubles(quality: RegionQuality, troubles: tuple[Trouble, ...]) -> RegionQuality:
    return RegionQuality(
        quality.dots_per_mm,
        quality.sharpness,
        quality.contrast,
        quality.glare,
        quality.cut_off,
        quality.covered,
        troubles,
    )


def _glare(light: PageLight, window: tuple[slice, ...]) -> float:
    """Share of a region that is burnt out.

    On a page whose paper is white anyway (a scanner's), only print that is missing in white tells.
    """
    if light.level >= BURNT - 6:
        return float((light.faded[window] > 64).mean())
    solid = cv2.erode((light.burnt[window] > 200).astype(np.uint8), np.ones((2, 2), np.uint8))
    return float(solid.mean())


def _cut_off(page: ScanPage, fit: PageFit, box: Box) -> float:
    """Share of the region's area that lies outside the picture."""
    quad = fit.map.to_picture(box.corners()).astype(np.float32)
    area = abs(float(cv2.contourArea(quad)))
    right, bottom = page.width - 1, page.height - 1
    frame = np.array([(0, 0), (right, 0), (right, bottom), (0, bottom)], dtype=np.float32)
    shared, _ = cv2.intersectConvexConvex(quad, frame)
    return float(np.clip(1 - shared / area, 0, 1)) if area > 0 else 1.0
