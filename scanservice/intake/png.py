"""The structure of a PNG: is all of it there, and how large is it (W3C PNG, section 5)."""

from __future__ import annotations

from dataclasses import dataclass

from scanservice.intake.refusal import Refusal

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_NEEDED = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"pHYs"}
"""Profiles and compressed texts never reach the decoder: they can be bombs, and change nothing here."""


@dataclass(frozen=True, slots=True)
class Png:
    """A PNG whose chunks are complete.

    Attributes:
        width, height: in pixels, as stored.
        exif: the content of its eXIf chunk, empty where it has none.
        data: what a decoder needs of it.
    """

    width: int
    height: int
    exif: bytes
    data: bytes


def read_png(data: bytes) -> Png:
    """Reads the chunks of a PNG up to IEND.

    Raises:
        Refusal: it is cut off, animated, or its structure is broken.
    """
    kept, exif = [_SIGNATURE], b""
    at, size = len(_SIGNATURE), (0, 0)
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
            size = _header(body)
        elif kind == b"acTL" and int.from_bytes(body[:4], "big") > 1:
            raise Refusal("animated", (int.from_bytes(body[:4], "big"),))
        elif kind == b"eXIf":
            exif = body
        if kind in _NEEDED:
            kept.append(data[at:end])
        if kind == b"IEND":
            return Png(*size, exif, b"".join(kept))
        at = end


def _header(body: bytes) -> tuple[int, int]:
    if len(body) != 13:
        raise Refusal("structure")
    width, height = int.from_bytes(body[:4], "big"), int.from_bytes(body[4:8], "big")
    if not 0 < width < 2**31 or not 0 < height < 2**31:
        raise Refusal("structure")
    return width, height
