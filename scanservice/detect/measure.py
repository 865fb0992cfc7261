"""Everything that is measured in the regions of a fitted form: the stage between finding and reading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scanservice.detect.canvas import Canvas, make_canvas
from scanservice.detect.fingerprint import fingerprint
from scanservice.detect.ink import Layers, separate
from scanservice.detect.inkmark import ink_mark
from scanservice.detect.lines import line_crop, region_ink, split_lines
from scanservice.detect.printlayer import PrintLayer, align_print
from scanservice.detect.quality import PageLight, page_light, region_quality
from scanservice.detect.seals import Imprint, assign, find_imprints, plane_of, seal_mark, unrolled
from scanservice.detect.serial import find_number, serial_crop, serial_mark
from scanservice.detect.signatures import signature_mark
from scanservice.evidence import (
    Failure,
    InkMeasure,
    Layout,
    LineCrop,
    PageFit,
    RegionCrops,
    RegionEvidence,
    Scan,
    ScanPage,
    SealMark,
    SerialMark,
    SignatureMark,
)
from scanservice.geometry import Box, Image
from scanservice.template import Page, Region, Template

MOST_RESIDUAL_MM = 1.5
"""A region that registration may have missed by more than this is unsure in everything."""
MARGIN_MM = 12.0
"""Round the regions, so that seals and writing that reach over them are seen whole."""
MEASURED_KINDS = ("text", "serial", "seal", "signature", "free")


@dataclass(frozen=True, eq=False)
class Measured:
    """What stands in every region of the fitted pages.

    Attributes:
        regions: evidence by region id; regions of kind `print` carry place and quality only.
        crops: lines of `text` and `serial` regions that are not blank, for the recognisers.
        seal_crops: the ring text of each region's seal, unrolled to one line, BGR.
        fingerprint: of the filled-in ink; None where too little is written.
        failures: what could not be measured; the region is then missing or its mark is None.
    """

    regions: Mapping[str, RegionEvidence]
    crops: tuple[RegionCrops, ...]
    seal_crops: Mapping[str, Image]
    fingerprint: bytes | None
    failures: tuple[Failure, ...]


@dataclass(frozen=True, eq=False)
class Sheet:
    """A fitted page taken apart."""

    page: ScanPage
    fit: PageFit
    description: Page
    canvas: Canvas
    print: PrintLayer
    layers: Layers
    light: PageLight
    imprints: tuple[Imprint, ...]
    seals: Mapping[str, list[Imprint]]


def measure(scan: Scan, layout: Layout, templates: Mapping[str, Template]) -> Measured:
    """Measures each region of each fitted page.

    Args:
        templates: by id; the layout's template must be among them.

    Returns:
        The evidence. Without a template it is empty: there is nothing to measure.
    """
    if layout.template is None:
        return Measured({}, (), {}, None, ())
    template = templates[layout.template]
    regions: dict[str, RegionEvidence] = {}
    crops: list[RegionCrops] = []
    seal_crops: dict[str, Image] = {}
    failures: list[Failure] = []
    sheets: dict[str, tuple[Canvas, Layers]] = {}
    for fit in layout.fits:
        if fit.template != template.id:
            continue
        try:
            sheet = take_apart(scan.pages[fit.scan_page], fit, template)
        except Exception as error:  # one page that breaks must not take the others with it
            failures.append(Failure("measure.page", type(error).__name__))
            continue
        if sheet is None:
            continue
        sheets[fit.page] = (sheet.canvas, sheet.layers)
        for region in sheet.description.regions:
            try:
                evidence, region_crops, seal_crop = _measure_region(sheet, region)
            except Exception as error:  # as above, for a region
                failures.append(Failure(f"measure.{region.kind}", type(error).__name__, region.id))
                continue
            regions[region.id] = evidence
            crops += [region_crops] if region_crops is not None else []
            if seal_crop is not None:
                seal_crops[region.id] = seal_crop
    try:
        mark = fingerprint(template, sheets)
    except Exception as error:
        mark = None
        failures.append(Failure("measure.fingerprint", type(error).__name__))
    return Measured(regions, tuple(crops), seal_crops, mark, tuple(failures))


def take_apart(page: ScanPage, fit: PageFit, template: Template) -> Sheet | None:
    """The page's canvas and layers; None where the description names no region on it."""
    description = template.page(fit.page)
    boxes = [region.box for region in description.regions if region.kind in MEASURED_KINDS]
    boxes = boxes or [region.box for region in description.regions]
    if not boxes:
        return None
    width, height = template.page_size(fit.page)
    hull = Box(
        min(box.left for box in boxes),
        min(box.top for box in boxes),
        max(box.right for box in boxes),
        max(box.bottom for box in boxes),
    )
    canvas = make_canvas(page, fit, hull.grown(MARGIN_MM).clipped(Box(0, 0, width, height)))
    print_layer = align_print(canvas, template, fit.page)
    layers = separate(canvas, print_layer, fit.map.dots_per_mm(hull) * page.scale)
    serials = [region.box for region in description.regions if region.kind == "serial"]
    seal_regions = [region for region in description.regions if region.kind == "seal"]
    places = [region.box for region in seal_regions]
    imprints = find_imprints(canvas, layers, places, serials) if places else []
    seals = assign(imprints, seal_regions, canvas)
    light = page_light(canvas, print_layer)
    return Sheet(page, fit, description, canvas, print_layer, layers, light, tuple(imprints), seals)


def _measure_region(sheet: Sheet, region: Region) -> tuple[RegionEvidence, RegionCrops | None, Image | None]:
    residual = float(sheet.fit.residual_at.get(region.id, sheet.fit.residual.max))
    quality = region_quality(sheet.page, sheet.fit, region, sheet.canvas, sheet.light)
    ink: InkMeasure | None = None
    seal: SealMark | None = None
    signature: SignatureMark | None = None
    serial: SerialMark | None = None
    crops: RegionCrops | None = None
    seal_crop: Image | None = None
    canvas, layers = sheet.canvas, sheet.layers
    lost = residual > MOST_RESIDUAL_MM
    if region.kind in ("text", "free"):
        ink = InkMeasure(0.0, None, 0.5) if lost else ink_mark(canvas, layers, region)
        crops = _text_crops(canvas, layers, region) if region.kind == "text" else None
    elif region.kind == "signature":
        signature = (
            SignatureMark(0.5) if lost else signature_mark(canvas, region_ink(canvas, layers, region.box))
        )
    elif region.kind == "serial":
        number = find_number(canvas, layers, region.box)
        serial = SerialMark(0.5, (), None, None, 0.5) if lost else serial_mark(canvas, number, region)
        line = serial_crop(canvas, number)
        crops = RegionCrops(region.id, (line,)) if line is not None else None
    elif region.kind == "seal":
        found = sheet.seals[region.id]
        seal = SealMark(0.5) if lost else seal_mark(region, found, sheet.imprints, canvas, layers)
        if found:
            seal_crop = unrolled(plane_of(canvas, layers, found[0]), found[0].outline)
    evidence = RegionEvidence(
        region=region.id,
        scan_page=sheet.fit.scan_page,
        quad=sheet.fit.map.quad(region.box),
        residual=round(residual, 3),
        quality=quality,
        ink=ink,
        seal=seal,
        signature=signature,
        serial=serial,
    )
    return evidence, crops, seal_crop


def _text_crops(canvas: Canvas, layers: Layers, region: Region) -> RegionCrops | None:
    lines: list[LineCrop] = []
    for box in region.cells or (region.box,):
        ink = region_ink(canvas, layers, box)
        masks = [ink.mask] if region.cells else split_lines(ink.mask)
        found = [line_crop(canvas, layers.writing, ink, mask) for mask in masks]
        lines += [line for line in found if line is not None]
    return RegionCrops(region.id, tuple(lines), cells=bool(region.cells)) if lines else None
