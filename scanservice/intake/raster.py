"""A decoded page on the decoding side: turned, in plain colours, and no larger than needed."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image

from scanservice.intake.limits import Limits
from scanservice.intake.refusal import Refusal

_T = Image.Transpose
TURNS = {
    1: None,
    2: _T.FLIP_LEFT_RIGHT,
    3: _T.ROTATE_180,
    4: _T.FLIP_TOP_BOTTOM,
    5: _T.TRANSPOSE,
    6: _T.ROTATE_270,
    7: _T.TRANSVERSE,
    8: _T.ROTATE_90,
}
"""What an Exif orientation asks for, as Pillow names it (its rotations are counter-clockwise)."""

_BELIEVABLE_DPI = (100, 1200)
_DEFAULT_DPI = {72, 96}
"""Programs write these where they know nothing."""
_BAND_ROWS = 64
_PAPER_MM = (140, 450)
"""The longer edge from A6 to A3: a resolution by which the page would be no such paper is not believed."""


@dataclass(frozen=True, eq=False)
class Raster:
    """A page, decoded.

    Attributes:
        width, height: of the full page in pixels, turned.
        scale: pixels of `image` to a pixel of the full page.
        dpi: as the file claims, for the full page; 0 where it is not known.
        image: RGB.
    """

    width: int
    height: int
    scale: float
    dpi: float
    image: Image.Image

    @property
    def columns(self) -> int:
        return self.image.width

    @property
    def rows(self) -> int:
        return self.image.height

    def bands(self) -> Iterator[bytes]:
        """The pixels as rows x columns x 3 bytes (blue, green, red), some rows at a time.

        Taken out at once they would be copied twice more.
        """
        for top in range(0, self.rows, _BAND_ROWS):
            band = self.image.crop((0, top, self.columns, min(top + _BAND_ROWS, self.rows)))
            yield band.tobytes("raw", "BGR")


def check_size(width: int, height: int, limits: Limits) -> None:
    """Refuses a page by its size as stored, before anything is decoded."""
    if width > limits.side or height > limits.side:
        raise Refusal("side", (width, height, limits.side))
    if width * height > limits.pixels:
        raise Refusal("area", (width, height, limits.pixels // 1_000_000))
    if width < limits.least_side or height < limits.least_side:
        raise Refusal("small", (width, height, limits.least_side))


def shrinkage(width: int, height: int, limits: Limits) -> int:
    """By which whole number a page may be reduced so that its longer edge keeps `enough_side` pixels."""
    return max(1, max(width, height) // limits.enough_side)


def believable_dpi(dpi: float, width: int, height: int) -> float:
    """The stated resolution, or 0 where it is a default or would make the page no paper size."""
    if not _BELIEVABLE_DPI[0] <= dpi <= _BELIEVABLE_DPI[1] or round(dpi) in _DEFAULT_DPI:
        return 0.0
    paper = max(width, height) / dpi * 25.4
    return float(dpi) if _PAPER_MM[0] <= paper <= _PAPER_MM[1] else 0.0


def finish(
    image: Image.Image, width: int, height: int, orientation: int, dpi: float, factor: int, most_pixels: int
) -> Raster:
    """Reduces a decoded picture to what is allowed, turns it, and takes out its pixels.

    Args:
        image: RGB or L, decoded at 1 / `factor` of `width` x `height` (rounded up).
        width, height: as stored, before turning.
        orientation: as in Exif, 1 to 8.
        most_pixels: of the result.
    """
    scale = 1 / factor
    if image.width * image.height > most_pixels:
        more = math.sqrt(most_pixels / (image.width * image.height))
        size = (max(1, int(image.width * more)), max(1, int(image.height * more)))
        scale *= max(size) / max(image.size)  # rounding weighs least along the longer edge
        image = image.resize(size, Image.Resampling.BICUBIC)
    turn = TURNS[orientation]
    if turn is not None:
        image = image.transpose(turn)
    if image.mode != "RGB":
        image = image.convert("RGB")
    if orientation >= 5:
        width, height = height, width
    return Raster(width, height, scale, believable_dpi(dpi, width, height), image)


def as_colour(image: Image.Image) -> Image.Image:
    """Any of Pillow's modes as RGB or L: high bytes of deep samples, transparent pixels on white.

    Raises:
        Refusal: the mode has no picture a person would see (floating point, CIE Lab).
    """
    if image.mode in ("RGB", "L"):
        return image
    if image.mode.startswith("I;16"):
        samples = image.tobytes()
        return Image.frombytes("L", image.size, samples[(0 if image.mode.endswith("B") else 1) :: 2])
    if image.mode == "I":
        return _narrowed(image)
    if image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info:
        layered = image.convert("RGBA")
        ground = Image.new("RGB", image.size, "white")
        ground.paste(layered, mask=layered.getchannel("A"))
        return ground
    if image.mode == "1":
        return image.convert("L")
    if image.mode in ("P", "CMYK", "YCbCr", "HSV"):
        return image.convert("RGB")
    raise Refusal("variant")


def _narrowed(image: Image.Image) -> Image.Image:
    """32-bit whole numbers hold 8-bit or 16-bit samples in practice; the largest one tells which."""
    low, high = image.getextrema()
    if not isinstance(low, (int, float)) or not isinstance(high, (int, float)) or low < 0 or high > 65535:
        raise Refusal("variant")
    return image.point(lambda sample: sample * (1 if high <= 255 else 1 / 256)).convert("L")
