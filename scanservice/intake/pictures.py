"""Pictures (all kinds but PDF) to pages, with Pillow, in the decoding process."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

import pillow_heif
from PIL import (
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from scanservice.intake.complete import require_end
from scanservice.intake.jpeg import Jpeg, read_jpeg
from scanservice.intake.kinds import Kind
from scanservice.intake.limits import Limits
from scanservice.intake.png import Png, read_png, require_rows
from scanservice.intake.raster import Raster, as_colour, check_size, finish, shrinkage
from scanservice.intake.refusal import Refusal
from scanservice.intake.tiff import TiffPage, orientation, read_tiff

# Pillow loads its plugins when a file is first opened; the confined process cannot read any by then.
PLUGINS = (
    BmpImagePlugin,
    GifImagePlugin,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)
# Pillow's own bound on pixels is another than ours, which is kept before anything is decoded.
Image.MAX_IMAGE_PIXELS = None
pillow_heif.register_heif_opener(thumbnails=False)
pillow_heif.options.DECODE_THREADS = 1

_TRUNCATED = ("truncated", "broken data stream", "unexpected end", "end of file")


class Document(Protocol):
    """An opened file: the sizes of its pages are known, nothing is decoded yet."""

    @property
    def sizes(self) -> Sequence[tuple[int, int]]:
        """Width and height of each page in pixels, as stored."""
        ...

    def page(self, index: int, most_pixels: int) -> Raster:
        """Decodes a page at no more than `most_pixels`; raises `Refusal` where it cannot."""
        ...


def open_picture(kind: Kind, data: bytes, limits: Limits) -> Document:
    """Opens a picture of any kind but PDF; raises `Refusal` where its structure or size forbids it."""
    if kind is Kind.JPEG:
        jpeg = read_jpeg(data)
        check_size(jpeg.width, jpeg.height, limits)
        return JpegDocument(jpeg, limits)
    if kind is Kind.TIFF:
        pages = read_tiff(data, limits.pages)
        for page in pages:
            check_size(page.width, page.height, limits)
        return _Tiff(data, pages, limits)
    if kind is Kind.PNG:
        png = read_png(data)
        check_size(png.width, png.height, limits)
        return _Png(kind, png.data, (png.width, png.height), orientation(png.exif), limits, png)
    require_end(kind, data)
    with decoding(), Image.open(io.BytesIO(data), formats=(kind.pillow,)) as image:
        size, frames = image.size, 1
        check_size(*size, limits)
        if kind is not Kind.HEIC:
            frames = getattr(image, "n_frames", 1)
        turn = orientation(image.info.get("exif", b"").removeprefix(b"Exif\0\0")) if kind is Kind.WEBP else 1
    if frames > 1:
        raise Refusal("animated", (frames,))
    return _Single(kind, data, size, turn, limits)


@contextmanager
def decoding() -> Iterator[None]:
    """Turns what a decoder throws into a refusal that says no more than what kind of thing went wrong."""
    try:
        yield
    except (Refusal, MemoryError):
        raise
    except Exception as error:
        text = str(error).lower()
        if "malloc" in text or "memory" in text:
            raise MemoryError from None
        raise Refusal("data-missing" if any(words in text for words in _TRUNCATED) else "pixels") from None


@dataclass(frozen=True, eq=False)
class JpegDocument:
    """A JPEG, decoded by libjpeg at 1/1, 1/2, 1/4 or 1/8 of its size (reduced in the DCT: fast, and sharp).

    Attributes:
        turn: an orientation that overrides the Exif one: a PDF places its pictures by itself.
        stated_dpi: likewise.
    """

    jpeg: Jpeg
    limits: Limits
    turn: int | None = None
    stated_dpi: float | None = None

    @property
    def sizes(self) -> Sequence[tuple[int, int]]:
        return ((self.jpeg.width, self.jpeg.height),)

    def page(self, index: int, most_pixels: int) -> Raster:
        width, height = self.jpeg.width, self.jpeg.height
        wanted = shrinkage(width, height, self.limits)
        factor = max(power for power in (1, 2, 4, 8) if power <= wanted)
        with decoding(), Image.open(io.BytesIO(self.jpeg.complete_data), formats=("JPEG",)) as image:
            if (image.width, image.height) != (width, height):
                raise Refusal("structure")
            if factor > 1:
                image.draft(image.mode, (width // factor, height // factor))
            turn = self.turn if self.turn is not None else orientation(self.jpeg.exif)
            dpi = self.stated_dpi if self.stated_dpi is not None else _dpi(image)
            image.load()
            return finish(as_colour(image), width, height, turn, dpi, factor, most_pixels)


@dataclass(frozen=True, eq=False)
class _Single:
    """A file with one picture."""

    kind: Kind
    data: bytes
    size: tuple[int, int]
    turn: int
    limits: Limits

    @property
    def sizes(self) -> Sequence[tuple[int, int]]:
        return (self.size,)

    def page(self, index: int, most_pixels: int) -> Raster:
        with decoding(), Image.open(io.BytesIO(self.data), formats=(self.kind.pillow,)) as image:
            image.load()
            self.check(image)
            return _reduced(image, self.size, self.turn, self.limits, most_pixels)

    def check(self, image: Image.Image) -> None:
        """For what a kind has to be asked once it is decoded."""


@dataclass(frozen=True, eq=False)
class _Png(_Single):
    png: Png

    def check(self, image: Image.Image) -> None:
        """Pillow leaves rows that are missing at zero, so only a zero last row needs a look at the data."""
        last = image.crop((0, image.height - 1, image.width, image.height))
        if self.png.interlaced or last.tobytes().count(0) == len(last.tobytes()):
            require_rows(self.png)


@dataclass(frozen=True, eq=False)
class _Tiff:
    data: bytes
    pages: tuple[TiffPage, ...]
    limits: Limits

    @property
    def sizes(self) -> Sequence[tuple[int, int]]:
        return tuple((page.width, page.height) for page in self.pages)

    def page(self, index: int, most_pixels: int) -> Raster:
        page = self.pages[index]
        with decoding(), Image.open(io.BytesIO(self.data), formats=("TIFF",)) as image:
            image.seek(page.frame)
            # Pillow turns a TIFF by its own orientation tag while loading it.
            image.load()
            return _reduced(image, image.size, 1, self.limits, most_pixels)


def _reduced(
    image: Image.Image, size: tuple[int, int], turn: int, limits: Limits, most_pixels: int
) -> Raster:
    dpi = _dpi(image)
    image.load()
    if image.size != size:
        raise Refusal("structure")
    colour = as_colour(image)
    factor = shrinkage(*size, limits)
    if factor > 1:
        colour = colour.reduce(factor)
    return finish(colour, *size, turn, dpi, factor, most_pixels)


def _dpi(image: Image.Image) -> float:
    try:
        x, y = (float(value) for value in image.info["dpi"])
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return 0.0
    # Fax pages have different resolutions across and down; there is no single one to state.
    return x if abs(x - y) <= 0.02 * max(x, y) else 0.0
