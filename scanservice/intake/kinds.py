"""What a file is, told by its first bytes and never by its name."""

from __future__ import annotations

import re
from enum import Enum

from scanservice.intake.refusal import Refusal

HEAD_BYTES = 1024
"""How much of a file tells its kind: PDF readers look for `%PDF-` in the first 1,024 bytes."""


class Kind(Enum):
    PDF = "PDF"
    JPEG = "JPEG"
    PNG = "PNG"
    TIFF = "TIFF"
    WEBP = "WEBP"
    BMP = "BMP"
    GIF = "GIF"
    HEIC = "HEIF"

    @property
    def pillow(self) -> str:
        """Pillow's name for the format."""
        return self.value


_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"hevc", b"hevx"}
_OTHER_PICTURES = (
    b"\0\0\0\x0cjP  ",
    b"\xff\x4f\xff\x51",
    b"8BPS",
    b"\xff\x0a",
    b"\0\0\0\x0cJXL ",
    b"AT&TFORM",
)


def sniff(data: bytes | memoryview) -> Kind:
    """The kind of a file from its first bytes (at least `HEAD_BYTES` of them, or all).

    Where a file is several kinds at once, what stands at its very beginning decides.

    Raises:
        Refusal: it is none of the kinds that are read; the reason says what it seems to be.
    """
    head = bytes(data[:HEAD_BYTES])
    if not head:
        raise Refusal("empty")
    kind = _picture(head)
    if kind is not None:
        return kind
    if b"%PDF-" in head:
        return Kind.PDF
    raise Refusal(_resemblance(head))


def is_heic(data: bytes) -> bool:
    """Whether `sniff` would say HEIC."""
    return _picture(data[:HEAD_BYTES]) is Kind.HEIC


def _picture(head: bytes) -> Kind | None:
    if head.startswith(b"\xff\xd8\xff"):
        return Kind.JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return Kind.PNG
    if head.startswith(_TIFF):
        return Kind.TIFF
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return Kind.WEBP
    if head.startswith((b"GIF87a", b"GIF89a")):
        return Kind.GIF
    if head[4:8] == b"ftyp" and _brands(head) & _HEIC_BRANDS and b"avif" not in _brands(head):
        return Kind.HEIC
    if head[:2] == b"BM" and len(head) >= 18 and head[14:18] in _BMP_HEADERS:
        return Kind.BMP
    return None


_BMP_HEADERS = {size.to_bytes(4, "little") for size in (12, 40, 52, 56, 64, 108, 124)}


def _brands(head: bytes) -> set[bytes]:
    size = min(int.from_bytes(head[:4], "big"), len(head))
    return {head[8:12], *(head[at : at + 4] for at in range(16, size - 3, 4))}


def _resemblance(head: bytes) -> str:
    """The reason for which something that is no scan is refused, as helpful as its bytes allow."""
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"{\\rtf")):
        return "office"
    if head.startswith(_OTHER_PICTURES) or (head[4:8] == b"ftyp" and b"avif" in _brands(head)):
        return "other-picture"
    if head[4:8] == b"ftyp" or head.startswith(b"\x1a\x45\xdf\xa3") or head[8:12] == b"AVI ":
        return "video"
    if re.match(rb"\s*(<\?xml|<!doctype|<html|<svg)", head.removeprefix(b"\xef\xbb\xbf"), re.IGNORECASE):
        return "svg"
    return "text" if _is_text(head) else "unknown-type"


def _is_text(head: bytes) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    # The last character may be cut in two, and Chinese text files are often not UTF-8 but GB 18030.
    control = sum(byte < 9 or 13 < byte < 32 or byte == 127 for byte in head)
    return control == 0
