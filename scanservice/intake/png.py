"""The structure of a PNG: is all of it there, and how large is it (W3C PNG, section 5)."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from scanservice.intake.refusal import Refusal

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_NEEDED = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"pHYs"}
"""Profiles and compressed texts never reach the decoder: they can be bombs, and change nothing here."""
_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""Samples of a pixel by colour type."""
_ADAM7 = (
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
)
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Png:
    """A PNG whose chunks are complete.

    Attributes:
        width, height: in pixels, as stored.
        bits: of one pixel.
        interlaced: stored in Adam7's seven passes.
        exif: the content of its eXIf chunk, empty where it has none.
        data: what a decoder needs of it.
    """

    width: int
    height: int
    bits: int
    interlaced: bool
    exif: bytes
    data: bytes


def read_png(data: bytes) -> Png:
    """Reads the chunks of a PNG up to IEND.

    Raises:
        Refusal: it is cut off, animated, or its structure is broken.
    """
    kept, exif = [_SIGNATURE], b""
    at, header = len(_SIGNATURE), (0, 0, 0, False)
    while True:
        if at + 12 > len(data):
            raise Refusal("no-end")
        length, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        end = at + 12 + length
        if not kind.isalpha() or not kind.isascii():
            raise Refusal("structure")
        if end > len(data):
            raise Refusal("no-end")
        body = data[at + 8 : end - 4]
        if (kind == b"IHDR") != (at == len(_SIGNATURE)):
            raise Refusal("structure")
        if kind == b"IHDR":
            header = _header(body)
        elif kind == b"acTL" and int.from_bytes(body[:4], "big") > 1:
            raise Refusal("animated", (int.from_bytes(body[:4], "big"),))
        elif kind == b"eXIf":
            exif = body
        if kind in _NEEDED:
            kept.append(data[at:end])
        if kind == b"IEND":
            return Png(*header, exif, b"".join(kept))
        at = end


def require_rows(png: Png) -> None:
    """Raises `Refusal` where the compressed data, though whole in itself, holds fewer rows than promised.

    Unpacks the data piece by piece, without keeping it.
    """
    unpacker, unpacked, wanted = zlib.decompressobj(), 0, _filtered_size(png)
    at = len(_SIGNATURE)
    while at < len(png.data) and unpacked < wanted:
        length = int.from_bytes(png.data[at : at + 4], "big")
        if png.data[at + 4 : at + 8] == b"IDAT":
            pending = png.data[at + 8 : at + 8 + length]
            while pending and not unpacker.eof and unpacked < wanted:
                unpacked += len(unpacker.decompress(pending, _PIECE))
                pending = unpacker.unconsumed_tail
        at += 12 + length
    if unpacked < wanted:
        raise Refusal("data-missing")


def _filtered_size(png: Png) -> int:
    """Bytes of all rows, each with its filter's number before it."""
    passes = _ADAM7 if png.interlaced else ((0, 0, 1, 1),)
    total = 0
    for x, y, dx, dy in passes:
        columns, rows = max(0, -(-(png.width - x) // dx)), max(0, -(-(png.height - y) // dy))
        total += rows * (1 + -(-columns * png.bits // 8)) if columns else 0
    return total


def _header(body: bytes) -> tuple[int, int, int, bool]:
    if len(body) != 13:
        raise Refusal("structure")
    width, height = int.from_bytes(body[:4], "big"), int.from_bytes(body[4:8], "big")
    if not 0 < width < 2**31 or not 0 < height < 2**31:
        raise Refusal("structure")
    if body[9] not in _SAMPLES or body[8] not in (1, 2, 4, 8, 16):
        raise Refusal("structure")
    return width, height, body[8] * _SAMPLES[body[9]], bool(body[12])
