"""A fitted page taken apart: canvas, print, ink, light and seals, each worked out once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from scanservice.detect.alteration import measure_pen
from scanservice.detect.canvas import Canvas, make_canvas
from scanservice.detect.ink import Layers, separate
from scanservice.detect.printlayer import PrintLayer, align_print, blank_under
from scanservice.detect.quality import PageLight, page_light
from scanservice.detect.seals import Imprint, assign, find_imprints, reach, without_fingers
from scanservice.detect.strokenet import Pen
from scanservice.evidence import PageFit, ScanPage
from scanservice.geometry import Box
from scanservice.template import Page, Region, Template

MARGIN_MM = 12.0
"""Round the regions, so that seals and writing that reach over them are seen whole."""


@dataclass(frozen=True, eq=False)
class Sheet:
    """A fitted page of a form.

    Attributes:
        seals: the imprints by the region they belong to, best first.
        dots_per_mm: of the picture itself, where the regions lie.
    """

    page: ScanPage
    fit: PageFit
    description: Page
    canvas: Canvas
    print: PrintLayer
    layers: Layers
    light: PageLight
    pen: Pen
    imprints: tuple[Imprint, ...]
    seals: Mapping[str, list[Imprint]]
    dots_per_mm: float

    def others(self, region: Region) -> tuple[Box, ...]:
        """Boxes that hold writing of their own, beside the region's and those that it lies in."""
        return tuple(
            other.box
            for other in self.description.regions
            if other.id != region.id and other.kind in ("text", "signature", "serial", "free")
        )

    def grey_seal_over(self, box: Box) -> bool:
        """Whether a seal without colour reaches into a box."""
        return any(
            imprint.ink == "grey" and reach(imprint, self.canvas).clipped(box).area > 0
            for imprint in self.imprints
        )


def take_apart(page: ScanPage, fit: PageFit, template: Template) -> Sheet | None:
    """The page's parts; None where the description names no region on it."""
    description = template.page(fit.page)
    boxes = [region.box for region in description.regions if region.kind != "print"]
    boxes = boxes or [region.box for region in description.regions]
    if not boxes:
        return None
    width, height = template.page_size(fit.page)
    hull = _hull(boxes)
    canvas = make_canvas(page, fit, hull.grown(MARGIN_MM).clipped(Box(0, 0, width, height)))
    blank = blank_under(template, fit.page, canvas.box)
    print_layer = align_print(canvas, blank)
    dots_per_mm = fit.map.dots_per_mm(hull) * page.scale
    layers = separate(canvas, print_layer, dots_per_mm)
    light = page_light(canvas, print_layer, blank)
    layers = replace(layers, seal=without_fingers(layers.seal, light.foreign))
    places = [region for region in description.regions if region.kind == "seal"]
    imprints = find_imprints(
        canvas,
        layers,
        [region.box for region in places],
        [region.box for region in description.regions if region.kind == "serial"],
    )
    seals = assign(imprints, places, canvas)
    fields = [region.box for region in description.regions if region.kind == "text"]
    pen = measure_pen(canvas, layers.writing, fields)
    parts = (canvas, print_layer, layers, light, pen, tuple(imprints), seals)
    return Sheet(page, fit, description, *parts, dots_per_mm)


def _hull(boxes: list[Box]) -> Box:
    return Box(
        min(box.left for box in boxes),
        min(box.top for box in boxes),
        max(box.right for box in boxes),
        max(box.bottom for box in boxes),
    )
