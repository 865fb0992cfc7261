"""The structure of a TIFF: its pages, and whether all of their data is there (TIFF 6.0; BigTIFF).

Also reads the orientation from Exif data, which has the structure of a TIFF.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from scanservice.intake.refusal import Refusal

_WIDTH, _HEIGHT, _SUBFILE, _ORIENTATION = 256, 257, 254, 274
_OFFSETS, _COUNTS = (273, 324), (279, 325)
"""Tags of strips and tiles."""
_SIZES = {
    1: 1,
    2: 1,
    3: 2,
    4: 4,
    5: 8,
    6: 1,
    7: 1,
    8: 2,
    9: 4,
    10: 8,
    11: 4,
    12: 8,
    13: 4,
    16: 8,
    17: 8,
    18: 8,
}
_LETTERS = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}
_MAX_ENTRIES = 4096
_MAX_PIECES = 1_000_000
_REDUCED_OR_MASK = 1 | 4


@dataclass(frozen=True, slots=True)
class TiffPage:
    """A page: its size in pixels as stored, and its number among all pictures of the file."""

    width: int
    height: int
    frame: int


@dataclass(frozen=True, slots=True)
class _Layout:
    """Byte order, and the widths of numbers in a classic or a big TIFF."""

    order: str
    big: bool

    @property
    def word(self) -> int:
        return 8 if self.big else 4

    def number(self, data: bytes, at: int, size: int) -> int:
        if at < 0 or at + size > len(data):
            raise Refusal("beyond-end")
        return int.from_bytes(data[at : at + size], "little" if self.order == "<" else "big")


def read_tiff(data: bytes, most_pages: int) -> tuple[TiffPage, ...]:
    """The pages of a TIFF; thumbnails and masks are not pages.

    Args:
        most_pages: reading stops with an error beyond four times as many pictures.

    Raises:
        Refusal: a page's data is cut off, the pages form a circle, or the structure is broken.
    """
    layout, at = _header(data)
    pages: list[TiffPage] = []
    seen: set[int] = set()
    while at:
        if at in seen:
            raise Refusal("cycle")
        if len(seen) >= 4 * most_pages:
            raise Refusal("pages", (len(seen), most_pages))
        tags, after = _directory(data, layout, at)
        width, height = _single(tags, _WIDTH), _single(tags, _HEIGHT)
        if not width or not height:
            raise Refusal("structure")
        _require_data(data, tags)
        if not (_single(tags, _SUBFILE) or 0) & _REDUCED_OR_MASK:
            pages.append(TiffPage(width, height, len(seen)))
        seen.add(at)
        at = after
    return tuple(pages)


def orientation(exif: bytes) -> int:
    """The orientation from Exif data, 1 to 8; 1 where it has none, or none that makes sense."""
    try:
        layout, at = _header(exif)
        tags, _ = _directory(exif, layout, at)
    except Refusal:
        return 1
    value = _single(tags, _ORIENTATION)
    return value if value is not None and 1 <= value <= 8 else 1


def _header(data: bytes) -> tuple[_Layout, int]:
    if len(data) < 8 or data[:2] not in (b"II", b"MM"):
        raise Refusal("beyond-end" if len(data) < 8 else "structure")
    layout = _Layout("<" if data[:2] == b"II" else ">", False)
    version = layout.number(data, 2, 2)
    if version == 43:
        big = _Layout(layout.order, True)
        return big, big.number(data, 8, 8)
    if version != 42:
        raise Refusal("structure")
    return layout, layout.number(data, 4, 4)


def _directory(data: bytes, layout: _Layout, at: int) -> tuple[dict[int, tuple[int, ...]], int]:
    """The whole numbers of an image file directory by tag, and where the next directory begins."""
    head = 8 if layout.big else 2
    count = layout.number(data, at, head)
    if count > _MAX_ENTRIES:
        raise Refusal("structure")
    entry_size = 20 if layout.big else 12
    tags: dict[int, tuple[int, ...]] = {}
    for index in range(count):
        entry = at + head + index * entry_size
        tag, kind = layout.number(data, entry, 2), layout.number(data, entry + 2, 2)
        items = layout.number(data, entry + 4, layout.word)
        size = items * _SIZES.get(kind, 0)
        start = entry + 4 + layout.word
        if size > layout.word:
            start = layout.number(data, start, layout.word)
        if kind in _LETTERS and items <= _MAX_PIECES:
            if start + size > len(data):
                raise Refusal("beyond-end")
            tags[tag] = struct.unpack_from(f"{layout.order}{items}{_LETTERS[kind]}", data, start)
    return tags, layout.number(data, at + head + count * entry_size, layout.word)


def _single(tags: dict[int, tuple[int, ...]], tag: int) -> int | None:
    values = tags.get(tag)
    return values[0] if values else None


def _require_data(data: bytes, tags: dict[int, tuple[int, ...]]) -> None:
    for offsets_tag, counts_tag in zip(_OFFSETS, _COUNTS, strict=True):
        offsets, counts = tags.get(offsets_tag, ()), tags.get(counts_tag, ())
        for offset, count in zip(offsets, counts, strict=False):
            if offset + count > len(data):
                raise Refusal("beyond-end")
    if not any(tags.get(tag) for tag in _OFFSETS):
        raise Refusal("data-missing")
