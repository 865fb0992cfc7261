"""What an upload may cost: refused before decoding where a header tells, and enforced while decoding."""

from __future__ import annotations

import struct
from dataclasses import astuple, dataclass, fields


@dataclass(frozen=True, slots=True)
class Limits:
    """All are whole numbers of at least 1; every one is an upper bound unless its name says otherwise.

    Attributes:
        files: files in an upload.
        file_bytes, total_bytes: of one file, of all files of an upload.
        pages: pages in an upload, over all its files.
        pixels: of one page as stored; a 108 megapixel telephone camera makes 12,000 x 9,000.
        side: pixels along either edge of a page as stored.
        least_side: a page with a shorter edge is no picture of a form (pixels).
        pdf_objects: entries of a PDF's cross-reference table; a scan of 40 pages has some hundreds.
        embedded_files: attachments of a PDF. They are never opened; a PDF with more is no scan.
        enough_side: a page is decoded at a reduced size as long as its longer edge keeps this many
            pixels. 3,000 on the long edge of A4 are 257 dpi.
        working_pixels: of all decoded pages together; where an upload has more, its largest pages are
            reduced further until it fits. 60 million are 180 MB: five photographs of 12 megapixels, or 40
            pages of A4 at 120 dpi.
        wall_seconds, cpu_seconds: for decoding one upload.
        memory_mb: of the decoding process, beyond what it has when it starts.
    """

    files: int = 20
    file_bytes: int = 50_000_000
    total_bytes: int = 150_000_000
    pages: int = 40
    pixels: int = 120_000_000
    side: int = 30_000
    least_side: int = 64
    pdf_objects: int = 50_000
    embedded_files: int = 16
    enough_side: int = 3_000
    working_pixels: int = 60_000_000
    wall_seconds: int = 60
    cpu_seconds: int = 40
    memory_mb: int = 1_000

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not isinstance(value, int) or value < 1:
                raise ValueError(f"{field.name} must be a whole number of at least 1")

    def pack(self) -> bytes:
        return _FORMAT.pack(*astuple(self))

    @classmethod
    def unpack(cls, data: bytes) -> Limits:
        return cls(*_FORMAT.unpack(data))


_FORMAT = struct.Struct(f"!{len(fields(Limits))}Q")
PACKED_SIZE = _FORMAT.size
