"""Everything that is measured in the regions of a fitted form: the stage between finding and reading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from scanservice.detect.fieldink import FieldInk, field_ink
from scanservice.detect.fingerprint import FilledIn, filled_in, fingerprint
from scanservice.detect.inkmark import ink_mark
from scanservice.detect.interrupted import interruptions
from scanservice.detect.lines import empty_crop, line_crop
from scanservice.detect.numberpaper import cover_score
from scanservice.detect.paint import painted_lines
from scanservice.detect.quality import region_quality
from scanservice.detect.regionink import region_ink
from scanservice.detect.seals import covered, plane_of, seal_mark, whose_is_plain
from scanservice.detect.sealstrip import unrolled
from scanservice.detect.serial import (
    REACH_MM,
    Number,
    find_number,
    in_other_face,
    nothing_near,
    serial_crop,
    serial_mark,
)
from scanservice.detect.serialface import glyphs_of, other_faces
from scanservice.detect.sheet import Sheet, take_apart
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
    SealMark,
    SerialMark,
    SignatureMark,
)
from scanservice.geometry import Box, Image
from scanservice.template import Region, Template

MOST_SERIAL_RESIDUAL_MM = 5.0
"""A number is looked for by its own ink so far around its place; only whether it stands there to the
millimetre cannot be told. Covers curl where nothing is printed near the number."""
MOST_RESIDUAL_MM = 1.5
"""A region that registration may have missed by more than this is unsure, but for what follows."""
MOST_TEXT_RESIDUAL_MM = 3.0
"""Writing is still read where it may lie so far off its place: what it says is evidence of itself. That
nothing is written there is not."""
MOST_SEAL_RESIDUAL_MM = 4.0
"""A seal of 40 mm is still known to be in a place, or none to be near it, that is missed by this."""

MOST_COMPARED, LEAST_COMPARED_MM, LEAST_IN_SIGHT = 16, 12.0, 0.9
"""So many lines and printed words of a page, as long as a number nearly, are enough to compare it with; of
print, so much must lie on the canvas."""

INTERRUPTED, GAP_SHOWN_MM = 0.9, 1.0
"""Probability of paint beside which a rule of the form stops, and how much around the gap is shown."""
MOST_RESIDUALS_MM = {
    "text": MOST_TEXT_RESIDUAL_MM,
    "seal": MOST_SEAL_RESIDUAL_MM,
    "serial": MOST_SERIAL_RESIDUAL_MM,
}


@dataclass(frozen=True, eq=False)
class Measured:
    """What stands in every region of the fitted pages.

    Attributes:
        regions: evidence by region id; regions of kind `print` carry place and quality only.
        crops: lines of `text` and `serial` regions that are not blank, for the recognisers; a region
            with cells has one for every cell, white where nothing is written.
        seal_crops: the ring text of each region's seal, unrolled to one line, BGR.
        fingerprint: of the filled-in ink; None where too little is written.
        failures: what could not be measured; such a region is missing from `regions`.
    """

    regions: Mapping[str, RegionEvidence]
    crops: tuple[RegionCrops, ...]
    seal_crops: Mapping[str, Image]
    fingerprint: bytes | None
    failures: tuple[Failure, ...]


@dataclass(frozen=True, eq=False)
class _Found:
    """What stands in a region; colourless: the mark of its number if the paper should be a copy."""

    evidence: RegionEvidence
    crops: RegionCrops | None = None
    seal_crop: Image | None = None
    number: Number | None = None
    colourless: SerialMark | None = None


@dataclass(frozen=True, eq=False)
class _Page:
    """What stands on a page; inks: of its seals; filled: for the fingerprint, None where that broke."""

    found: list[_Found]
    failures: list[Failure]
    inks: frozenset[str]
    filled: FilledIn | None


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
    pages: dict[str, _Page] = {}
    failures: list[Failure] = []
    for fit in layout.fits:
        if fit.template != template.id:
            continue
        try:
            # A page taken apart is 85 MB: it is let go before the next one is.
            page = _measure_page(scan, fit, template)
        except Exception as error:  # one page that breaks must not take the others with it
            failures.append(Failure("measure.page", type(error).__name__))
            continue
        if page is not None:
            pages[fit.page] = page
            failures += page.failures
    found = [item for page in pages.values() for item in page.found]
    # Where seals are there and none of them shows a colour, the paper is a copy, or the scan grey.
    if {ink for page in pages.values() for ink in page.inks} == {"grey"}:
        found = [_in_grey(item) for item in found]
    found = _faces_compared(found)
    filled = {name: page.filled for name, page in pages.items() if page.filled is not None}
    return Measured(
        regions={item.evidence.region: item.evidence for item in found},
        crops=tuple(item.crops for item in found if item.crops is not None),
        seal_crops={item.evidence.region: item.seal_crop for item in found if item.seal_crop is not None},
        fingerprint=fingerprint(template, filled) if len(filled) == len(pages) else None,
        failures=tuple(failures),
    )


def _measure_page(scan: Scan, fit: PageFit, template: Template) -> _Page | None:
    """One page; None where nothing is described on it."""
    sheet = take_apart(scan.pages[fit.scan_page], fit, template)
    if sheet is None:
        return None
    found: list[_Found] = []
    failures: list[Failure] = []
    fields = _Fields(sheet)
    for region in sheet.description.regions:
        try:
            found.append(_measure_region(sheet, fields, region))
        except Exception as error:  # one region that breaks must not take the others with it
            failures.append(Failure(f"measure.{region.kind}", type(error).__name__, region.id))
    filled = None
    try:
        filled = filled_in(template, fit.page, sheet.canvas, sheet.layers)
    except Exception as error:  # as above
        failures.append(Failure("measure.fingerprint", type(error).__name__))
    return _Page(found, failures, frozenset(imprint.ink for imprint in sheet.imprints), filled)


def _in_grey(item: _Found) -> _Found:
    if item.colourless is None:
        return item
    return replace(item, evidence=replace(item.evidence, serial=item.colourless))


def _faces_compared(found: list[_Found]) -> list[_Found]:
    """The same, with the numbers marked that are not in the face of the other pages' numbers."""
    odd = other_faces(
        {
            item.evidence.region: glyphs_of(item.number.ink, item.number.plane)
            for item in found
            if item.number is not None
        }
    )
    return [
        replace(item, evidence=replace(item.evidence, serial=in_other_face(item.evidence.serial)))
        if item.evidence.region in odd and item.evidence.serial is not None
        else item
        for item in found
    ]


class _Fields:
    """The ink of a page's fields, and what lies below it: worked out when the first field asks."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet

    @cached_property
    def inks(self) -> Mapping[str, FieldInk]:
        sheet = self._sheet
        return {
            region.id: field_ink(sheet.canvas, sheet.layers, region, sheet.others(region))
            for region in sheet.description.regions
            if region.kind in ("text", "free")
        }

    @cached_property
    def numbers(self) -> Mapping[str, Number]:
        sheet = self._sheet
        return {
            region.id: find_number(sheet.canvas, sheet.layers, region.box)
            for region in sheet.description.regions
            if region.kind == "serial"
        }

    @cached_property
    def usual_covers(self) -> tuple[float, ...]:
        """Of other ink on the page, written and printed, what numbers are compared with."""
        sheet = self._sheet
        lines = [box for ink in self.inks.values() for box in ink.boxes(sheet.canvas)]
        prints = [region.box for region in sheet.description.regions if region.kind == "print"]
        seen = [box for box in prints if box.clipped(sheet.canvas.box).area > LEAST_IN_SIGHT * box.area]
        places = [box for box in (*lines, *seen) if box.width > LEAST_COMPARED_MM]
        chosen = places[:: -(-len(places) // MOST_COMPARED)] if places else []
        return tuple(cover_score(sheet.canvas, box, sheet.layers) for box in chosen)

    @cached_property
    def paints(self) -> Mapping[str, tuple[float, Box | None]]:
        sheet = self._sheet
        texts = [region.id for region in sheet.description.regions if region.kind == "text"]
        lines = {name: self.inks[name].boxes(sheet.canvas) for name in texts}
        return painted_lines(sheet.canvas, sheet.layers, lines, sheet.dots_per_mm)

    @cached_property
    def interruptions(self) -> Mapping[str, Box]:
        sheet = self._sheet
        texts = {region.id: region.box for region in sheet.description.regions if region.kind == "text"}
        hidden = np.logical_or(sheet.light.foreign, sheet.light.glaring)
        return interruptions(sheet.canvas, sheet.print, hidden, texts)


def _measure_region(sheet: Sheet, fields: _Fields, region: Region) -> _Found:
    residual = float(sheet.fit.residual_at.get(region.id, sheet.fit.residual.max))
    evidence = RegionEvidence(
        region=region.id,
        scan_page=sheet.fit.scan_page,
        quad=sheet.fit.map.quad(region.box),
        residual=round(residual, 3),
        quality=region_quality(sheet.page, sheet.fit, region, sheet.canvas, sheet.light),
    )
    if residual > MOST_RESIDUALS_MM.get(region.kind, MOST_RESIDUAL_MM):
        return _Found(_unsure(evidence, region))
    if region.kind in ("text", "free"):
        return _text(sheet, fields, region, evidence)
    if region.kind == "signature":
        ink = region_ink(sheet.canvas, sheet.layers, region.box, sheet.others(region))
        mark = signature_mark(sheet.canvas, sheet.layers.writing, ink, region.box)
        return _Found(replace(evidence, signature=mark))
    if region.kind == "serial":
        return _serial(sheet, fields, region, evidence)
    if region.kind == "seal":
        return _seal(sheet, region, evidence)
    return _Found(evidence)


def _unsure(evidence: RegionEvidence, region: Region) -> RegionEvidence:
    """Evidence that says nothing either way, for a region that may lie elsewhere."""
    if region.kind in ("text", "free"):
        return replace(evidence, ink=InkMeasure(0.0, None, 0.5))
    if region.kind == "seal":
        return replace(evidence, seal=SealMark(0.5))
    if region.kind == "signature":
        return replace(evidence, signature=SignatureMark(0.5))
    if region.kind == "serial":
        return replace(evidence, serial=SerialMark(0.0, (), None, None, 0.5))
    return evidence


def _text(sheet: Sheet, fields: _Fields, region: Region, evidence: RegionEvidence) -> _Found:
    canvas, layers = sheet.canvas, sheet.layers
    field = fields.inks[region.id]
    paint = fields.paints.get(region.id, (0.0, None))
    gap = fields.interruptions.get(region.id)
    if gap is not None and not evidence.quality.troubles and paint[0] < INTERRUPTED:
        paint = INTERRUPTED, gap.grown(GAP_SHOWN_MM)
    mark, along = ink_mark(canvas, layers.writing, sheet.pen, field, paint)
    if mark.extent is not None and sheet.grey_seal_over(mark.extent):
        # A grey seal cannot be taken away: what looks like a correction is its ring or its text.
        mark, along = replace(mark, altered=0.0, alteration=None, painted=0.0), ()
    if evidence.residual > MOST_RESIDUAL_MM and not field.written:
        return _Found(_unsure(evidence, region))  # it may stand where nobody looked
    evidence = replace(evidence, ink=mark)
    if region.kind == "free" or not field.written:
        return _Found(evidence)
    lines: list[LineCrop] = []
    for ink, parts, box in zip(field.inks, field.lines, region.cells or (region.box,), strict=True):
        found = [line_crop(canvas, layers.writing, ink, mask) for mask in parts]
        lines += [line for line in found if line is not None]
        if region.cells and found[0] is None:
            lines.append(empty_crop(canvas, box))
    evidence = replace(evidence, lines=along)
    return _Found(evidence, RegionCrops(region.id, tuple(lines), cells=bool(region.cells)))


def _serial(sheet: Sheet, fields: _Fields, region: Region, evidence: RegionEvidence) -> _Found:
    number = fields.numbers[region.id]
    line = serial_crop(sheet.canvas, number)

    def mark(*, colourless: bool) -> SerialMark:
        return serial_mark(
            sheet.canvas,
            sheet.layers,
            number,
            region,
            residual=evidence.residual,
            colourless=colourless,
            usual=lambda: fields.usual_covers,
        )

    seen = mark(colourless=False)
    beyond = evidence.residual > REACH_MM and line is None
    if beyond and not nothing_near(sheet.canvas, sheet.layers, region.box, evidence.residual):
        return _Found(_unsure(evidence, region))  # it may stand where nobody looked
    crops = RegionCrops(region.id, (line,)) if line is not None else None
    told = line is not None and not evidence.quality.troubles
    return _Found(
        replace(evidence, serial=seen),
        crops,
        number=number if told else None,
        colourless=mark(colourless=True) if "ink" in seen.signs else None,
    )


def _seal(sheet: Sheet, region: Region, evidence: RegionEvidence) -> _Found:
    if evidence.residual > MOST_RESIDUAL_MM and not whose_is_plain(
        sheet.imprints, region, sheet.seals, sheet.canvas, evidence.residual
    ):
        return _Found(_unsure(evidence, region))
    found = sheet.seals[region.id]
    mark = seal_mark(region, found, sheet.imprints, sheet.canvas, sheet.layers)
    if not found:
        return _Found(replace(evidence, seal=mark))
    parts = sheet.canvas, sheet.layers, found[0]
    ring = unrolled(plane_of(*parts), found[0].outline, covered(*parts))
    return _Found(replace(evidence, seal=replace(mark, hidden=ring.hidden)), seal_crop=ring.image)
