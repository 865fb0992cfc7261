"""Ink apart: what was written, without the form's print and without seals."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from scanservice.detect.canvas import DOTS_PER_MM, PAPER, Canvas, Plane
from scanservice.detect.components import components
from scanservice.detect.printlayer import PrintLayer

FAINT = 26
"""Darkness (of `PAPER`) at which a pixel may belong to a stroke: a faint pencil's edge."""
CLEAR = 52
"""Darkness that some pixel of a stroke must reach."""
RED = 26
"""Redness (of `PAPER`) from which a pixel holds seal ink."""
GATE = 11
"""Redness near by below which there is none: 0.4 of `RED`."""

STRONG_PRINT = PAPER * 9 // 20
"""Darkness (of `PAPER`) above which print is taken away with what is on it: ink is not much darker."""
SOFT_PRINT = PAPER // 8
"""The same beside such print, where it is its soft edge."""
EDGE_OF_PRINT = 3
"""Pixels beside strong print in which the blank has its soft edge."""
PALE = 4
"""Darkness (of `PAPER`) from which a form's pale print, a pattern behind the fields, shows at all."""
PALE_GAIN = 1.3
"""By how much a printer, or a picture's contrast, may make it darker than the blank has it."""
SHOWN = 0.85
"""Quantile of how dark pale print is, of what the blank has, that tells how a picture shows it: a camera's
blur and light may leave half. Below the darkest parts, which have writing on them."""
ENOUGH_PALE = 400
"""Pixels of pale print, darker than `PALE_TOLD`, from which that can be told."""
PALE_TOLD = 10

RED_INK_RATIO = 0.52
"""Darkness in red over darkness in green, above which ink is black: seal ink shows 0.1 to 0.45."""

TINT_SPREAD, EVEN = 1, 0.6
"""Grey levels by which an even tint may vary, and share of a place that has it: where a form or a field is
tinted the paper's tone can be told as on white, between the strokes of a pattern too; where a pattern leaves
less of it, it cannot."""


@dataclass(frozen=True, eq=False)
class Layers:
    """A canvas taken apart; all H x W of the canvas.

    Attributes:
        writing: uint8, 0 to `PAPER`: darkness of what was written, without print and red ink.
        ink: bool: where there is writing.
        print_zone: bool: where the form's print may have been taken away.
        pale: uint8, 0 to `PAPER`: darkness that the form's pale print may have, in the channel that shows it
            best; it has been taken off the writing.
        seal: uint8, 0 to `PAPER`: darkness of red ink without the form's own red print.
        labels, stats: connected components of `ink`, as OpenCV numbers and measures them.
    """

    writing: Plane
    ink: Plane
    print_zone: Plane
    pale: Plane
    seal: Plane
    labels: Plane
    stats: Plane


def separate(canvas: Canvas, layer: PrintLayer, source_dots_per_mm: float) -> Layers:
    """Takes a canvas apart into writing, seal ink and print.

    Print is expected where the aligned blank has it, widened by what alignment and the picture's blur
    may add. Writing across print is recognised by going on at both sides of it. Pale print hides nothing:
    what it may add is taken off.

    Args:
        source_dots_per_mm: of the picture itself; a coarse one is blurred more.
    """
    dark, seal = _inks(canvas)
    seal = cv2.subtract(seal, _widened(layer.redness, 3))
    zone = _print_zone(layer, source_dots_per_mm)
    pale, pale_red = _pale(layer, source_dots_per_mm, dark)
    dark = cv2.subtract(dark, pale_red)
    free = cv2.bitwise_and(dark, cv2.bitwise_not(zone))
    ink = strokes(free)
    bridged = _bridged(ink, dark, zone)
    writing = cv2.bitwise_and(dark, dark, mask=cv2.bitwise_or(bridged, cv2.bitwise_not(zone)))
    labels, stats = components(bridged)
    return Layers(writing, bridged > 0, zone > 0, pale, seal, labels, stats)


def _inks(canvas: Canvas) -> tuple[Plane, Plane]:
    """Darkness of black and blue ink, and of red ink, H x W, uint8 each.

    Cameras store colour at half the resolution of light, so that no difference of channels is sharp.
    Redness, widened, only says where red ink is about; there, what is nearly as dark in red as in green
    is black ink, and what is much darker in green is red ink.
    """
    dark = canvas.darkness.copy()
    seal = np.zeros_like(dark)
    gate = cv2.dilate(canvas.redness, np.ones((5, 5), np.uint8))
    x, y, width, height = cv2.boundingRect(cv2.threshold(gate, RED // 2, 255, cv2.THRESH_BINARY)[1])
    if width == 0 or height == 0:
        return dark, seal
    part = slice(y, y + height), slice(x, x + width)
    gate = np.ascontiguousarray(gate[part])
    green = cv2.subtract(np.full((height, width), PAPER, np.uint8), canvas.planes[1][part])
    soft_red, soft_green = (cv2.boxFilter(plane, cv2.CV_32F, (3, 3)) for plane in (dark[part], green))
    # Only the pixels where there may be red ink are worked on: a few in a hundred.
    places = np.flatnonzero(gate >= GATE)
    share = np.clip((gate.ravel()[places] - 0.4 * RED) / (0.6 * RED), 0, 1)
    ratio = soft_red.ravel()[places] / np.maximum(soft_green.ravel()[places], 12.0)
    left = dark[part].ravel()
    left[places] = left[places] * (1 - share * (1 - np.clip((ratio - RED_INK_RATIO) / 0.15, 0, 1)))
    dark[part] = left.reshape(height, width)
    red_ink = np.zeros_like(left)
    red_ink[places] = (
        green.ravel()[places] * share * (1 - np.clip((ratio - RED_INK_RATIO - 0.15) / 0.15, 0, 1))
    )
    seal[part] = red_ink.reshape(height, width)
    return dark, seal


def _widened(plane: Plane, radius: int) -> Plane:
    side = 2 * radius + 1
    return cv2.dilate(plane, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)))


def _print_zone(layer: PrintLayer, source_dots_per_mm: float) -> Plane:
    """255 where the form's print may show."""
    return _widened(_strong(layer.darkness, _any_channel(layer)), _spread(source_dots_per_mm))


def _any_channel(layer: PrintLayer) -> Plane:
    """Darkness of print in the channel that shows it best."""
    return cv2.add(layer.darkness, layer.redness)


def _strong(plane: Plane, any_channel: Plane) -> Plane:
    """255 where a plane shows strong print and its soft edge, 0 at what is pale all around.

    Any channel makes print strong: a camera stores colours at half the resolution of light, so that a deep
    red rule, pale in the blank's red channel, is darker than that in the picture's.
    """
    strong = cv2.threshold(any_channel, STRONG_PRINT, 255, cv2.THRESH_BINARY)[1]
    soft = cv2.threshold(plane, SOFT_PRINT, 255, cv2.THRESH_BINARY)[1]
    return cv2.bitwise_and(soft, _widened(strong, EDGE_OF_PRINT))


def _spread(source_dots_per_mm: float) -> int:
    """Pixels by which print may reach further than the blank has it: 0.12 mm for alignment, and a pixel of
    the source for blur."""
    return round((0.12 + 0.9 / max(source_dots_per_mm, 3.0)) * DOTS_PER_MM)


def _pale(layer: PrintLayer, source_dots_per_mm: float, seen: Plane) -> tuple[Plane, Plane]:
    """Darkness that pale print may have, in the channel that shows it best, and in the red one.

    The soft edges of strong print are no pale print.

    Args:
        seen: darkness of the picture in the red channel, H x W.
    """
    any_channel = _any_channel(layer)
    alone = cv2.bitwise_not(_widened(_strong(any_channel, any_channel), EDGE_OF_PRINT))
    planes = []
    for plane in (any_channel, layer.darkness):
        weak = cv2.bitwise_and(plane, plane, mask=alone)
        weak = cv2.threshold(weak, PALE - 1, 0, cv2.THRESH_TOZERO)[1]
        spread = weak if cv2.countNonZero(weak) == 0 else _widened(weak, _spread(source_dots_per_mm))
        planes.append(spread)
    in_any, in_red = planes
    return cv2.convertScaleAbs(in_any, alpha=PALE_GAIN), cv2.convertScaleAbs(
        in_red, alpha=_gain(in_red, seen)
    )


def even_tint(layers: Layers, rows: slice, columns: slice) -> int:
    """Darkness of the even tint that the form has in a window of the canvas; 0 on white and in a pattern."""
    shown = layers.pale[rows, columns][~layers.print_zone[rows, columns]]
    if shown.size == 0:
        return 0
    tint = int(np.median(shown))
    even = np.abs(shown.astype(np.int16) - tint) <= TINT_SPREAD
    return tint if even.mean() >= EVEN else 0


def off_tint(pale: Plane, tint: int) -> Plane:
    """Where pale print is something else than an even tint; bool."""
    if tint == 0:
        return pale > 0
    return cv2.absdiff(pale, np.full_like(pale, tint)) > TINT_SPREAD


def _gain(pale: Plane, seen: Plane) -> float:
    """How dark a picture shows pale print, as a share of what the blank has."""
    places = np.flatnonzero(pale >= PALE_TOLD)
    if len(places) < ENOUGH_PALE:
        return PALE_GAIN
    shown = seen.ravel()[places] / pale.ravel()[places]
    return min(float(np.quantile(shown, SHOWN)), PALE_GAIN)


def strokes(darkness: Plane) -> Plane:
    """255 at pixels at least `FAINT` that hang together with one at least `CLEAR` (hysteresis), else 0."""
    faint = cv2.threshold(darkness, FAINT - 1, 1, cv2.THRESH_BINARY)[1]
    count, labels = cv2.connectedComponents(faint, connectivity=8)
    places = np.flatnonzero(faint)
    owners = np.asarray(labels.ravel()[places], np.intp)
    kept = np.zeros(count, dtype=bool)
    kept[owners[darkness.ravel()[places] >= CLEAR]] = True
    strokes = np.zeros_like(darkness)
    strokes.ravel()[places[kept[owners]]] = 255
    return strokes


def _bridged(ink: Plane, dark: Plane, zone: Plane) -> Plane:
    """Ink (0 or 255) with strokes carried on across the print zone: where it is dark, and ink on both sides.

    Closing with a line of some length keeps a pixel between two inked ones in that direction; only
    directions across thin print help, so six are tried.
    """
    candidates = cv2.bitwise_and(zone, cv2.threshold(dark, CLEAR - 1, 255, cv2.THRESH_BINARY)[1])
    bridged: Plane = np.zeros_like(ink)
    length = round(1.4 * DOTS_PER_MM)
    for angle in range(0, 180, 30):
        bridged = cv2.max(bridged, cv2.morphologyEx(ink, cv2.MORPH_CLOSE, _line(length, angle)))
    return cv2.bitwise_or(ink, cv2.bitwise_and(bridged, candidates))


def _line(length: int, degrees: float) -> Plane:
    """A line of ones through the middle of a square kernel."""
    kernel = np.zeros((length | 1, length | 1), dtype=np.uint8)
    middle = kernel.shape[0] // 2
    reach = (length - 1) / 2
    dx, dy = np.cos(np.radians(degrees)) * reach, np.sin(np.radians(degrees)) * reach
    start, end = (round(middle - dx), round(middle - dy)), (round(middle + dx), round(middle + dy))
    cv2.line(kernel, start, end, (1,))
    return kernel
