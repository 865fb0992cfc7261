"""The structure of a JPEG: is all of it there, and how large is it?

Decoders fill what is missing with grey and say nothing (or say it where Pillow does not pass it on), and
a page whose lower half is grey must never be judged. So the structure is read here first (ITU T.81,
annex B), and the decoder is given only what it needs: profiles, comments, previews and whatever
follows the picture never reach it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle, islice

from scanservice.intake.refusal import Refusal

_EOI, _SOS, _DHT, _DQT, _DRI, _COM = 0xD9, 0xDA, 0xC4, 0xDB, 0xDD, 0xFE
_JFIF, _EXIF, _ADOBE = 0xE0, 0xE1, 0xEE
_FRAMES = {*range(0xC0, 0xD0)} - {_DHT, 0xC8, 0xCC}
_SUPPORTED_FRAMES = {0xC0, 0xC1, 0xC2}
_PROGRESSIVE = 0xC2
_SCAN_END = re.compile(rb"\xff+[^\x00\xd0-\xd7\xff]")
_RESTART = re.compile(rb"\xff([\xd0-\xd7])")
_PADDING = bytes(8)
"""What stands in for the end mark: see `Jpeg.complete_data`."""


@dataclass(frozen=True, slots=True)
class _ScanHeader:
    components: tuple[int, ...]
    spectral: tuple[int, int]
    low_bit: int


@dataclass(frozen=True, slots=True)
class Jpeg:
    """A JPEG whose structure is complete.

    Attributes:
        width, height: in pixels, as stored.
        exif: the content of its Exif segment, empty where it has none.
        complete_data: what to give to a decoder that reports missing data. Of a picture with one scan
            the end mark is replaced by a few bytes of padding: a decoder that meets the mark too early
            fills up with grey, while one that runs out of data says so. The padding covers what
            the decoder reads ahead; at most the last few blocks could hide in it.
    """

    width: int
    height: int
    exif: bytes
    complete_data: bytes


def read_jpeg(data: bytes) -> Jpeg:
    """Reads the structure of a JPEG up to its end mark.

    Raises:
        Refusal: it is cut off, its structure is broken, or it is of a kind that is not decoded.
    """
    reader = _Reader(data)
    reader.run()
    if reader.frame is None or not reader.scans:
        raise Refusal("structure")
    width, height, components = reader.frame
    single = len(reader.scans) == 1 and set(reader.scans[0].components) == set(components)
    if reader.frame_marker == _PROGRESSIVE:
        _require_all_bits(reader.scans, components)
    elif not single and {c for scan in reader.scans for c in scan.components} != set(components):
        raise Refusal("data-missing")
    tail = _PADDING if single and reader.frame_marker != _PROGRESSIVE else b"\xff\xd9"
    return Jpeg(width, height, reader.exif, b"".join([*reader.kept, tail]))


def _require_all_bits(scans: Sequence[_ScanHeader], components: Sequence[int]) -> None:
    """A progressive picture that was cut between two scans lacks the last bits of some coefficients."""
    for component in components:
        own = [scan for scan in scans if component in scan.components]
        exact = {
            k for scan in own if scan.low_bit == 0 for k in range(scan.spectral[0], scan.spectral[1] + 1)
        }
        begun = {k for scan in own for k in range(scan.spectral[0], scan.spectral[1] + 1)}
        if 0 not in exact or exact != begun:
            raise Refusal("data-missing")


class _Reader:
    """Walks over the segments; `kept` collects the pieces that a decoder needs."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.kept: list[bytes] = [b"\xff\xd8"]
        self.exif = b""
        self.frame: tuple[int, int, tuple[int, ...]] | None = None
        self.frame_marker = 0
        self.restart_interval = 0
        self.scans: list[_ScanHeader] = []

    def run(self) -> None:
        at = 2
        while True:
            at = self.data.find(b"\xff", at)
            while 0 <= at < len(self.data) and self.data[at] == 0xFF:
                at += 1
            if at < 0 or at >= len(self.data):
                raise Refusal("no-end")
            marker = self.data[at]
            if marker == _EOI:
                return
            at = self._segment(marker, at + 1)

    def _segment(self, marker: int, at: int) -> int:
        """Reads the segment whose length field begins at `at`; gives where the next one begins."""
        if marker < 0xC0 or 0xD0 <= marker <= 0xD8:
            raise Refusal("structure")
        if at + 2 > len(self.data):
            raise Refusal("no-end")
        size = int.from_bytes(self.data[at : at + 2], "big")
        if size < 2:
            raise Refusal("structure")
        end = at + size
        if end > len(self.data):
            raise Refusal("no-end")
        body = self.data[at + 2 : end]
        if self._wanted(marker, body):
            self.kept.append(self.data[at - 2 : end])
        if marker in _FRAMES:
            self._frame(marker, body)
        elif marker == _DRI and len(body) == 2:
            self.restart_interval = int.from_bytes(body, "big")
        elif marker == _SOS:
            self._scan(body)
            return self._entropy(end)
        return end

    def _wanted(self, marker: int, body: bytes) -> bool:
        if marker == _EXIF:
            if not self.exif and body.startswith(b"Exif\0\0"):
                self.exif = body[6:]
            return False
        if marker == _COM or 0xE0 <= marker <= 0xEF:
            return (marker == _JFIF and body.startswith(b"JFIF\0")) or (
                marker == _ADOBE and body.startswith(b"Adobe")
            )
        return True

    def _frame(self, marker: int, body: bytes) -> None:
        if self.frame is not None or len(body) < 6:
            raise Refusal("structure")
        count = body[5]
        if len(body) != 6 + 3 * count or count == 0:
            raise Refusal("structure")
        height, width = int.from_bytes(body[1:3], "big"), int.from_bytes(body[3:5], "big")
        if marker not in _SUPPORTED_FRAMES or body[0] != 8 or height == 0:
            raise Refusal("variant")
        if width == 0:
            raise Refusal("structure")
        self.frame = (width, height, tuple(body[6 + 3 * i] for i in range(count)))
        self.frame_marker = marker

    def _scan(self, body: bytes) -> None:
        if self.frame is None or not body or len(body) != 4 + 2 * body[0]:
            raise Refusal("structure")
        count = body[0]
        components = tuple(body[1 + 2 * i] for i in range(count))
        first, last, approximation = body[1 + 2 * count :]
        self.scans.append(_ScanHeader(components, (first, min(last, 63)), approximation & 15))

    def _entropy(self, start: int) -> int:
        """Checks the coded data of a scan; gives where the marker after it begins."""
        match = _SCAN_END.search(self.data, start)
        if match is None:
            raise Refusal("no-end")
        coded = self.data[start : match.start()]
        if self.restart_interval:
            order = b"".join(_RESTART.findall(coded))
            if order != bytes(islice(cycle(range(0xD0, 0xD8)), len(order))):
                raise Refusal("data-missing")
        self.kept.append(coded)
        return match.start()
