"""PDF to pages, with MuPDF, in the decoding process.

A scanned PDF mostly is one picture a page: that picture is taken out as it is, at its own resolution and
with JPEG's reduced decoding, which is faster and sharper than rendering the page. A page with anything
else to be seen (text, drawings, several pictures, notes) is rendered. Scripts, links, forms' actions and
attachments are never followed: nothing here asks MuPDF to.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import pymupdf
from PIL import Image

from scanservice.intake.jpeg import read_jpeg
from scanservice.intake.limits import Limits
from scanservice.intake.pictures import JpegDocument, decoding
from scanservice.intake.raster import Raster, check_size, finish, shrinkage
from scanservice.intake.refusal import Refusal

RENDERED_SIDE = 2_900
"""Pixels on the longer edge of a rendered page: A4 at 248 dpi. Its pictures may ask for more."""

_TAIL_BYTES = 2_048
_SLACK_POINTS = 2.0
"""By how much a picture may miss the page's edge and still be the whole page: under a millimetre."""
_UNSEEN = {"ignore-text"}
"""What scanner programs lay under a picture: recognised text that is not shown."""
_MISSING = ("padding truncated", "premature end", "treating as end of file")
_BROKEN = (
    "non-page object",
    "page may not be correct",
    "ignoring error during interpretation",
    "openjpeg error",
    "jbig2dec error",
    "library error",
    "limit error",
    "invalid code",
)
"""How MuPDF 1.28 warns that it shows less than the file holds: without some data, or without some picture."""

_JPEG_FILTERS = ("/DCTDecode", "[/DCTDecode]")

_ORIENTATIONS = {
    # the picture's x axis on the page, its y axis on the page (both right and down positive): Exif's number
    ((1, 0), (0, 1)): 1,
    ((-1, 0), (0, 1)): 2,
    ((-1, 0), (0, -1)): 3,
    ((1, 0), (0, -1)): 4,
    ((0, 1), (1, 0)): 5,
    ((0, 1), (-1, 0)): 6,
    ((0, -1), (-1, 0)): 7,
    ((0, -1), (1, 0)): 8,
}


@dataclass(frozen=True, slots=True)
class _Extract:
    """A page that is the one picture `xref`: its size as stored, how it lies on the page, its resolution."""

    xref: int
    width: int
    height: int
    orientation: int
    dpi: float


@dataclass(frozen=True, slots=True)
class _Render:
    """A page to render at `zoom` (pixels to a point) into width x height pixels."""

    zoom: float
    width: int
    height: int


class PdfDocument:
    """An opened PDF; each page is planned (from the drawing commands, nothing is decoded yet)."""

    def __init__(self, data: bytes, limits: Limits) -> None:
        """Opens a PDF; raises `Refusal` where it is encrypted, cut off, damaged or beyond the limits."""
        self._limits = limits
        pymupdf.TOOLS.mupdf_display_errors(False)
        pymupdf.TOOLS.mupdf_display_warnings(False)
        with decoding():
            try:
                self._document = pymupdf.open(stream=data, filetype="pdf")
            except pymupdf.FileDataError:
                raise Refusal("structure" if _ends(data) else "no-end") from None
        _require_sound(self._document, data, limits)
        with decoding():
            self._plans = tuple(self._plan(number) for number in range(self._document.page_count))

    @property
    def sizes(self) -> Sequence[tuple[int, int]]:
        return tuple((plan.width, plan.height) for plan in self._plans)

    def page(self, index: int, most_pixels: int) -> Raster:
        plan = self._plans[index]
        with decoding(), _whole():
            if isinstance(plan, _Render):
                raster = self._rendered(index, plan, most_pixels)
            else:
                raster = self._extracted(plan, most_pixels)
        pymupdf.TOOLS.store_shrink(100)
        return raster

    def _plan(self, number: int) -> _Extract | _Render:
        try:
            with _whole():
                page = self._document.load_page(number)
                return self._single_picture(page) or self._rendering(page)
        except Refusal as refusal:
            raise refusal.at(None, number) from None

    def _single_picture(self, page: pymupdf.Page) -> _Extract | None:
        """How to take out the page's picture, where the page shows that one and nothing else."""
        if page.first_annot or page.first_widget:
            return None
        shown = [entry for entry in page.get_bboxlog() if entry[0] not in _UNSEEN]
        if not shown or shown[-1][0] != "fill-image":
            return None
        box = pymupdf.Rect(shown[-1][1])
        under = [entry for entry in shown[:-1] if not _hidden_under(entry, box)]
        reach = _grown(page.rect * page.derotation_matrix, _SLACK_POINTS)
        placed = page.get_image_info()
        if under or len(placed) != 1 or placed[0]["has-mask"] or not reach.contains(box):
            return None
        width, height = placed[0]["width"], placed[0]["height"]
        xrefs = [
            image[0] for image in page.get_images(full=True) if image[2:4] == (width, height) and not image[1]
        ]
        axes = _axes(pymupdf.Matrix(placed[0]["transform"]) * page.rotation_matrix)
        if len(xrefs) != 1 or axes is None:
            return None
        check_size(width, height, self._limits)
        longer_edge_points = max(box.width, box.height)
        dpi = max(width, height) / longer_edge_points * 72 if longer_edge_points else 0.0
        return _Extract(xrefs[0], width, height, _ORIENTATIONS[axes], dpi)

    def _rendering(self, page: pymupdf.Page) -> _Render:
        """At which size to render: finely enough for its pictures, within bounds."""
        for image in page.get_images(full=True):
            if image[2] * image[3] > self._limits.pixels or max(image[2:4]) > self._limits.side:
                check_size(image[2], image[3], self._limits)
        longer = max(page.rect.width, page.rect.height)
        if not longer > 0 or longer == float("inf"):
            raise Refusal("structure")
        finest = max((_density(image) for image in page.get_image_info()), default=0.0)
        finest = min(finest, 1.2 * self._limits.enough_side / longer)
        zoom = max(finest, RENDERED_SIDE / longer)
        bounds = (page.rect * pymupdf.Matrix(zoom, zoom)).irect
        check_size(bounds.width, bounds.height, self._limits)
        return _Render(zoom, bounds.width, bounds.height)

    def _rendered(self, index: int, plan: _Render, most_pixels: int) -> Raster:
        shrink = min(1.0, (most_pixels / (plan.width * plan.height)) ** 0.5)
        matrix = pymupdf.Matrix(plan.zoom * shrink, plan.zoom * shrink)
        page = self._document.load_page(index)
        for xref in {image[0] for image in page.get_images(full=True) if image[0]}:
            self._require_whole_jpeg(xref)
        pixels = page.get_pixmap(matrix=matrix, colorspace=pymupdf.csRGB, alpha=False, annots=True)
        image = Image.frombuffer("RGB", (pixels.width, pixels.height), pixels.samples_mv)
        raster = finish(image, plan.width, plan.height, 1, plan.zoom * 72, 1, most_pixels)
        return replace(raster, scale=shrink)

    def _extracted(self, plan: _Extract, most_pixels: int) -> Raster:
        if self._is_plain_jpeg(plan.xref):
            jpeg = read_jpeg(self._document.xref_stream_raw(plan.xref) or b"")
            if (jpeg.width, jpeg.height) == (plan.width, plan.height):
                document = JpegDocument(jpeg, self._limits, plan.orientation, plan.dpi)
                return document.page(0, most_pixels)
        pixels = pymupdf.Pixmap(self._document, plan.xref)
        if (pixels.width, pixels.height) != (plan.width, plan.height):
            raise Refusal("structure")
        if pixels.alpha or pixels.colorspace is None or pixels.colorspace.n not in (1, 3) or pixels.n > 3:
            pixels = pymupdf.Pixmap(pymupdf.csRGB, pixels)
        mode = "L" if pixels.n == 1 else "RGB"
        image = Image.frombuffer(mode, (pixels.width, pixels.height), pixels.samples_mv)
        factor = shrinkage(plan.width, plan.height, self._limits)
        if factor > 1:
            image = image.reduce(factor)
        return finish(image, plan.width, plan.height, plan.orientation, plan.dpi, factor, most_pixels)

    def _require_whole_jpeg(self, xref: int) -> None:
        """MuPDF paints what a JPEG lacks grey, without a warning; decoded small, it is found out."""
        if self._document.xref_get_key(xref, "Filter")[1] not in _JPEG_FILTERS:
            return
        jpeg = read_jpeg(self._document.xref_stream_raw(xref) or b"")
        check_size(jpeg.width, jpeg.height, replace(self._limits, least_side=1))
        JpegDocument(jpeg, replace(self._limits, enough_side=1), 1, 0.0).page(0, jpeg.width * jpeg.height)

    def _is_plain_jpeg(self, xref: int) -> bool:
        """The stream is a JPEG whose samples mean what a JPEG decoder takes them for."""
        keys = {key: self._document.xref_get_key(xref, key)[1] for key in ("Filter", "Decode", "ColorSpace")}
        space = keys["ColorSpace"]
        plain = space in ("/DeviceRGB", "/DeviceGray", "null")
        if not plain and space.endswith(" 0 R"):
            # An ICC profile of one or three channels; anything else (Lab, Indexed, Separation) is not.
            plain = "/ICCBased" in self._document.xref_object(int(space.split()[0]))
        elif not plain:
            plain = "/ICCBased" in space or "/CalRGB" in space
        return keys["Filter"] in _JPEG_FILTERS and keys["Decode"] == "null" and plain


@contextmanager
def _whole() -> Iterator[None]:
    """Refuses what MuPDF did only in part: it warns, and goes on."""
    pymupdf.TOOLS.reset_mupdf_warnings()
    yield
    warnings = pymupdf.TOOLS.mupdf_warnings().lower()
    if any(words in warnings for words in _MISSING):
        raise Refusal("data-missing")
    if any(words in warnings for words in _BROKEN):
        raise Refusal("structure")


def _require_sound(document: pymupdf.Document, data: bytes, limits: Limits) -> None:
    if document.needs_pass:
        raise Refusal("password")
    if document.xref_length() > limits.pdf_objects:
        raise Refusal("objects", (document.xref_length(), limits.pdf_objects))
    if document.is_repaired and not _ends(data):
        raise Refusal("no-end")
    with decoding():
        pages, embedded = document.page_count, document.embfile_count()
    if pages > limits.pages:
        raise Refusal("pages", (pages, limits.pages))
    if pages < 1:
        raise Refusal("no-pages")
    if embedded > limits.embedded_files:
        raise Refusal("embedded", (embedded, limits.embedded_files))


def _ends(data: bytes) -> bool:
    return b"%%EOF" in data[-_TAIL_BYTES:]


def _hidden_under(entry: tuple[str, tuple[float, ...]], picture: pymupdf.Rect) -> bool:
    """Painted before an opaque picture and within it; a clip counts where it leaves the picture whole."""
    kind, box = entry[0], pymupdf.Rect(entry[1])
    if kind.startswith("clip"):
        return box.contains(_grown(picture, -_SLACK_POINTS))
    return kind.startswith(("fill", "stroke")) and _grown(picture, _SLACK_POINTS).contains(box)


def _grown(box: pymupdf.Rect, points: float) -> pymupdf.Rect:
    return pymupdf.Rect(box.x0 - points, box.y0 - points, box.x1 + points, box.y1 + points)


def _axes(matrix: pymupdf.Matrix) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """The directions of the picture's edges on the page; None where it lies aslant."""
    length = max(abs(matrix.a), abs(matrix.b), abs(matrix.c), abs(matrix.d))
    if not length > 0:
        return None
    straight = 0.002 * length
    if abs(matrix.b) <= straight and abs(matrix.c) <= straight:
        return (_sign(matrix.a), 0), (0, _sign(matrix.d))
    if abs(matrix.a) <= straight and abs(matrix.d) <= straight:
        return (0, _sign(matrix.b)), (_sign(matrix.c), 0)
    return None


def _sign(value: float) -> int:
    return 1 if value > 0 else -1


def _density(image: dict[str, object]) -> float:
    """Pixels to a point of a placed picture."""
    box = pymupdf.Rect(image["bbox"])
    edge = max(box.width, box.height)
    return max(int(str(image["width"])), int(str(image["height"]))) / edge if edge > 1 else 0.0
