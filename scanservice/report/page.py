"""A verdict as one HTML file that needs no network: pictures, findings, crops beside entry values."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanservice.evidence import PageFit, Scan
from scanservice.findings import Language
from scanservice.geometry import Image
from scanservice.outcome import Outcome
from scanservice.report.differences import Span, differing_spans
from scanservice.report.draw import draw_findings, region_state
from scanservice.template import Region
from scanservice.verdict import RegionResult, Verdict
from scanservice.wording import words

if TYPE_CHECKING:
    from jinja2 import Environment

CROP_DOTS_PER_MM = 6.0
CROP_MARGIN_MM = 1.0
JPEG_QUALITY = 82


@dataclass(frozen=True, slots=True)
class Row:
    """A region in the report's table."""

    label: str
    state: str
    crop: str
    expected: tuple[Span, ...]
    read: tuple[Span, ...]
    numbers: tuple[int, ...]


def write_report(folder: Path, scan: Scan, outcome: Outcome, language: Language) -> list[Path]:
    """Writes `report.html` and `page-N.jpg`, the pages with findings drawn, into `folder`.

    Returns:
        What was written, the HTML page first.

    Raises:
        OSError: the folder cannot be made or written.
    """
    verdict = outcome.verdict(language)
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    pictures = []
    for index, page in enumerate(scan.pages):
        data = jpeg(draw_findings(page, verdict, index))
        path = folder / f"page-{index + 1}.jpg"
        path.write_bytes(data)
        written.append(path)
        pictures.append(_data_url(data))
    html = (
        _environment()
        .get_template("report.html")
        .render(
            verdict=verdict,
            word=words(language),
            language=language,
            pictures=pictures,
            rows=list(_rows(scan, verdict, outcome, language)),
        )
    )
    path = folder / "report.html"
    path.write_text(html, encoding="utf-8")
    return [path, *written]


def jpeg(image: Image) -> bytes:
    """A picture as JPEG, without metadata."""
    done, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    if not done:
        raise ValueError("the picture cannot be written as JPEG")
    return np.asarray(data).tobytes()


def crop(scan: Scan, fit: PageFit, region: Region) -> Image:
    """A region of the upload, straightened, with a millimetre around it: H x W x 3, uint8, BGR."""
    page = scan.pages[fit.scan_page]
    return fit.map.rectify(page.image, region.box.grown(CROP_MARGIN_MM), CROP_DOTS_PER_MM, scale=page.scale)


def _rows(scan: Scan, verdict: Verdict, outcome: Outcome, language: Language) -> Iterator[Row]:
    if outcome.template is None:
        return
    fits = {fit.page: fit for fit in outcome.evidence.layout.fits}
    places = {region.id: (region, fits.get(page.name)) for page, region in outcome.template.regions()}
    for result in verdict.regions:
        region, fit = places[result.id]
        if fit is None or region.kind in ("print", "free"):
            continue
        expected, read = differing_spans(result.expected or "", result.read or "")
        yield Row(
            label=_label(region, result, language),
            state=region_state(result),
            crop=_data_url(jpeg(crop(scan, fit, region))),
            expected=expected,
            read=read,
            numbers=tuple(n for n, f in enumerate(verdict.findings, start=1) if f.region == result.id),
        )


def _label(region: Region, result: RegionResult, language: Language) -> str:
    """The form's own label where it has one, else whose and what: 用人单位 印章."""
    word = words(language)
    if region.label:
        return region.label
    owner = f"{word['owner'][region.owner]} " if region.owner else ""
    return f"{owner}{word['kind'][result.kind]}"


def _data_url(data: bytes) -> str:
    return "data:image/jpeg;base64," + base64.b64encode(data).decode()


@cache
def _environment() -> Environment:
    # A check without a report does not need it, and it takes a tenth of a second to load.
    from jinja2 import Environment, PackageLoader, StrictUndefined

    loader = PackageLoader("scanservice.report", "templates")
    return Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
