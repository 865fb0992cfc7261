"""Whether a file reaches its own stated end, for the kinds whose decoders do not insist on it."""

from __future__ import annotations

from scanservice.intake.kinds import Kind
from scanservice.intake.refusal import Refusal

_BOXES = {b"ftyp", b"meta", b"mdat", b"moov", b"free", b"skip", b"uuid", b"mini"}


def require_end(kind: Kind, data: bytes) -> None:
    """Raises `Refusal` where the file's own length fields reach beyond its last byte."""
    if kind is Kind.WEBP:
        stated = int.from_bytes(data[4:8], "little") + 8
    elif kind is Kind.BMP:
        stated = _bmp_end(data)
    elif kind is Kind.HEIC:
        stated = _boxes_end(data)
    else:
        return
    if stated > len(data):
        raise Refusal("no-end")


def _bmp_end(data: bytes) -> int:
    """Where the pixels of an uncompressed BMP end; 0 for a compressed one, whose decoder finds its end."""
    pixels, header = int.from_bytes(data[10:14], "little"), int.from_bytes(data[14:18], "little")
    if header == 12:
        width, height = int.from_bytes(data[18:20], "little"), int.from_bytes(data[20:22], "little")
        bits, compression = int.from_bytes(data[24:26], "little"), 0
    else:
        width = int.from_bytes(data[18:22], "little", signed=True)
        height = int.from_bytes(data[22:26], "little", signed=True)
        bits, compression = int.from_bytes(data[28:30], "little"), int.from_bytes(data[30:34], "little")
    if compression not in (0, 3, 6):
        return 0
    return pixels + (abs(width) * bits + 31) // 32 * 4 * abs(height)


def _boxes_end(data: bytes) -> int:
    """Where the last top-level box of an ISO base media file ends (ISO/IEC 14496-12, section 4.2)."""
    at = 0
    while at + 8 <= len(data):
        size, header = int.from_bytes(data[at : at + 4], "big"), 8
        if size == 1:
            size, header = int.from_bytes(data[at + 8 : at + 16], "big"), 16
        if size == 0:
            return len(data)
        if data[at + 4 : at + 8] not in _BOXES:
            break  # what a telephone appended, such as a film
        if size < header:
            raise Refusal("structure")
        at += size
    return at
