"""What is fuzzed: one target a decoder path, each with seeds and with the magic bytes that lead there."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

from scanservice.intake import wire
from scanservice.intake.decode import decode_upload
from scanservice.intake.jpeg import read_jpeg
from scanservice.intake.kinds import sniff
from scanservice.intake.limits import Limits
from scanservice.intake.png import read_png, require_rows
from scanservice.intake.refusal import Refusal
from scanservice.intake.tiff import orientation, read_tiff

LIMITS = Limits(pixels=2_000_000, pages=8, pdf_objects=5_000)
"""Small, so that time goes into many inputs and not into large ones."""


@dataclass(frozen=True)
class Target:
    """A path to fuzz.

    Attributes:
        run: takes bytes; may raise `Refusal`, and nothing else.
        magic: what every input is made to begin with.
        seeds: names of kinds in `fuzz.seeds`.
    """

    run: Callable[[bytes], object]
    magic: bytes
    seeds: tuple[str, ...]


def decode(data: bytes) -> None:
    """The whole way of an upload, as the confined process goes it."""
    for page in decode_upload([data], LIMITS):
        raster = page.raster
        if sum(map(len, raster.bands())) != raster.rows * raster.columns * 3 or not 0 < raster.scale <= 1:
            raise AssertionError("a page that contradicts itself")


def structure(data: bytes) -> None:
    """The readers of structure, which are plain Python: here coverage guides the fuzzer fully."""
    readers: tuple[Callable[[bytes], object], ...] = (
        sniff,
        lambda d: read_jpeg(b"\xff\xd8" + d),
        lambda d: read_png(b"\x89PNG\r\n\x1a\n" + d),
        lambda d: read_tiff(b"II*\0" + d, 8),
        lambda d: read_tiff(b"MM\0+" + d, 8),
        orientation,
    )
    for reader in readers:
        try:
            reader(data)
        except Refusal:
            continue


def answers(data: bytes) -> None:
    """What a decoding process in an attacker's hands may answer."""
    from scanservice.intake.client import _Answer

    ours, theirs = wire.socket.socketpair()
    with ours, theirs:
        ours.settimeout(1)
        pixels = wire.in_memory([bytes(data[:300])])
        wire.send(theirs, data[: 16 * wire.MESSAGE_SIZE] or b"\0", (pixels,))
        os.close(pixels)
        theirs.close()
        _Answer(2, LIMITS).read(ours)


def rows(data: bytes) -> None:
    """The count of a PNG's rows, with zlib's own complaint about broken data."""
    import zlib

    try:
        require_rows(read_png(data))
    except zlib.error:
        return


TARGETS: dict[str, Target] = {
    "structure": Target(structure, b"", ("jpeg", "png", "tiff")),
    "answers": Target(answers, b"", ("answers",)),
    "rows": Target(rows, b"\x89PNG\r\n\x1a\n", ("png",)),
    "jpeg": Target(decode, b"\xff\xd8\xff", ("jpeg",)),
    "png": Target(decode, b"\x89PNG\r\n\x1a\n", ("png",)),
    "tiff": Target(decode, b"II*\0", ("tiff",)),
    "webp": Target(decode, b"RIFF", ("webp",)),
    "bmp": Target(decode, b"BM", ("bmp",)),
    "gif": Target(decode, b"GIF8", ("gif",)),
    "heic": Target(decode, b"\0\0\0", ("heic",)),
    "pdf": Target(decode, b"%PDF-1.", ("pdf",)),
}
