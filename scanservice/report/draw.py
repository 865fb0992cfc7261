"""The scan with its regions outlined by state and its findings numbered."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import cv2
import numpy as np

from scanservice.evidence import PageFit, ScanPage
from scanservice.geometry import Box, FloatArray, Image
from scanservice.verdict import FindingResult, RegionResult, Severity, Verdict

Colour = tuple[int, int, int]

# BGR. Told apart without colour too: outlines by their dash, badges by their shape.
GREEN: Colour = (84, 138, 34)
RED: Colour = (44, 38, 196)
ORANGE: Colour = (18, 118, 224)
BLUE: Colour = (178, 104, 28)
GREY: Colour = (128, 128, 128)
WHITE: Colour = (255, 255, 255)

SEVERITY_COLOURS: dict[Severity, Colour] = {"return": RED, "retake": BLUE, "review": ORANGE, "note": GREY}
BADGE_SIDES: dict[Severity, int] = {"return": 8, "retake": 3, "review": 4, "note": 40}
"""A badge is a regular polygon: octagon (stop), triangle, diamond, and almost a circle."""

MAX_SIDE = 2000
STRAIGHT_DOTS_PER_MM = 8.0


@dataclass(frozen=True, slots=True)
class Stroke:
    colour: Colour
    dash: float
    """Length of a dash, as a multiple of the line's width; 0 is a solid line."""
    weight: float


STROKES: dict[str, Stroke] = {
    "agree": Stroke(GREEN, 0, 1),
    "present": Stroke(GREEN, 0, 1),
    "differ": Stroke(RED, 0, 2),
    "absent": Stroke(RED, 0, 2),
    "unsure": Stroke(ORANGE, 5, 2),
    "blank": Stroke(GREY, 2, 1),
    "not_evaluated": Stroke(GREY, 2, 1),
}


def region_state(region: RegionResult) -> str:
    """The one word that tells a region's state: the worse of its presence and its agreement."""
    states = [state for state in (region.presence, region.agreement) if state]
    order = ("absent", "differ", "unsure", "blank", "present", "agree", "not_evaluated")
    return min(states, key=order.index) if states else "not_evaluated"


def draw_findings(page: ScanPage, verdict: Verdict, index: int) -> Image:
    """A page of the upload with region outlines and numbered findings.

    Args:
        index: of the page in `verdict.pages`; numbers are those of `verdict.findings`, from 1.

    Returns:
        H x W x 3, uint8, BGR, its longer side at most 2,000 pixels.
    """
    picture, scale = _reduced(page)
    return _draw(picture, verdict, index, lambda quad: (np.asarray(quad) + 0.5) * scale - 0.5)


def straighten(page: ScanPage, fit: PageFit, verdict: Verdict | None = None, index: int = 0) -> Image:
    """The form as it would lie flat at 8 dots a millimetre; with a verdict, its findings are drawn too.

    Returns:
        H x W x 3, uint8, BGR.
    """
    sheet = Box(0, 0, *fit.map.size)
    flat = fit.map.rectify(page.image, sheet, STRAIGHT_DOTS_PER_MM, scale=page.scale)
    if verdict is None:
        return flat
    return _draw(flat, verdict, index, lambda quad: fit.map.to_page(np.asarray(quad)) * STRAIGHT_DOTS_PER_MM)


def _reduced(page: ScanPage) -> tuple[Image, float]:
    """A copy of at most `MAX_SIDE`, and its pixels to a pixel of the full upload."""
    height, width = page.image.shape[:2]
    shrink = min(1.0, MAX_SIDE / max(height, width))
    size = (max(1, round(width * shrink)), max(1, round(height * shrink)))
    return np.asarray(
        cv2.resize(page.image, size, interpolation=cv2.INTER_AREA), np.uint8
    ), page.scale * shrink


def _draw(picture: Image, verdict: Verdict, index: int, place: Callable[[object], FloatArray]) -> Image:
    canvas = picture.copy()
    unit = max(canvas.shape[:2]) / 1000
    named = {finding.region for finding in verdict.findings}
    for region in verdict.regions:
        if region.page == index and (region.kind != "print" or region.id in named):
            state = region_state(region)
            # What is rightly absent, such as the school's seal before its review, is no alarm.
            quiet = state == "absent" and region.id not in named
            _outline(canvas, place(region.quad), STROKES["blank" if quiet else state], unit)
    numbered = [(n, f) for n, f in enumerate(verdict.findings, start=1) if f.page == index]
    for (number, finding), corner in zip(numbered, _badge_places(canvas, numbered, place, unit), strict=True):
        _badge(canvas, corner, number, finding.severity, unit)
    return canvas


def _outline(canvas: Image, quad: FloatArray, stroke: Stroke, unit: float) -> None:
    thickness = max(1, round(1.6 * unit * stroke.weight))
    for start, end in zip(quad, np.roll(quad, -1, axis=0), strict=True):
        for first, last in _dashes(start, end, stroke.dash * thickness):
            cv2.line(canvas, first, last, stroke.colour, thickness, cv2.LINE_AA)


def _dashes(
    start: FloatArray, end: FloatArray, dash: float
) -> Iterable[tuple[tuple[int, int], tuple[int, int]]]:
    length = float(np.hypot(*(end - start)))
    count = 1 if dash <= 0 else max(1, round(length / (2 * dash)))
    for i in range(count):
        first = start + (end - start) * (i / count)
        last = start + (end - start) * ((i + (0.5 if dash > 0 else 1.0)) / count)
        yield (round(first[0]), round(first[1])), (round(last[0]), round(last[1]))


def _badge_places(
    canvas: Image,
    numbered: list[tuple[int, FindingResult]],
    place: Callable[[object], FloatArray],
    unit: float,
) -> list[tuple[int, int]]:
    """A badge sits on its region's top left corner; one that would cover another moves right."""
    height, width = canvas.shape[:2]
    step = 36 * unit
    taken: list[tuple[float, float]] = []
    for _, finding in numbered:
        x, y = place(finding.quad)[0] if finding.quad else (step, step)
        x, y = min(max(x, step * 0.6), width - step * 0.6), min(max(y, step * 0.6), height - step * 0.6)
        while any(abs(x - tx) < step and abs(y - ty) < step for tx, ty in taken):
            x += step
            if x > width - step * 0.6:
                x, y = step * 0.6, y + step
        taken.append((x, y))
    return [(round(x), round(y)) for x, y in taken]


def _badge(canvas: Image, center: tuple[int, int], number: int, severity: Severity, unit: float) -> None:
    sides = BADGE_SIDES[severity]
    radius = 17 * unit * (1.35 if sides <= 4 else 1.0)
    angles = np.pi * (2 * np.arange(sides) / sides - 0.5 + (1 / 8 if sides == 8 else 0))
    points = np.stack([np.cos(angles), np.sin(angles)], axis=1) * radius + center
    polygon = [np.round(points).astype(np.int32)]
    cv2.fillPoly(canvas, polygon, SEVERITY_COLOURS[severity], cv2.LINE_AA)
    cv2.polylines(canvas, polygon, True, WHITE, max(1, round(2 * unit)), cv2.LINE_AA)
    text, face = str(number), cv2.FONT_HERSHEY_DUPLEX
    scale, thickness = (0.8 if len(text) == 1 else 0.6) * unit, max(1, round(1.6 * unit))
    (w, h), _ = cv2.getTextSize(text, face, scale, thickness)
    origin = (center[0] - w // 2, center[1] + h // 2)
    cv2.putText(canvas, text, origin, face, scale, WHITE, thickness, cv2.LINE_AA)
