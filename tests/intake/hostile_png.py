"""PNGs made to hurt: cut in every chunk, bombs in pictures and in texts, wrong lengths, wrong headers."""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Iterator

import numpy as np
from PIL import Image

from tests.intake.bombs import BOMB, deflated_zeros
from tests.intake.outcomes import CUT, DAMAGED, LARGE, LIMIT, PAGES, WRONG, File
from tests.intake.samples import encoded, picture

RGB = picture()


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _png(
    width: int, height: int, depth: int, colour: int, data: bytes, *more: bytes, interlaced: int = 0
) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        [png_chunk(b"IHDR", header), *more, png_chunk(b"IDAT", data), png_chunk(b"IEND", b"")]
    )


def interlaced_png(image: Image.Image) -> bytes:
    """An RGB picture in Adam7's seven passes, which Pillow does not write."""
    pixels = np.asarray(image)
    passes = [
        (0, 0, 8, 8),
        (4, 0, 8, 8),
        (0, 4, 4, 8),
        (2, 0, 4, 4),
        (0, 2, 2, 4),
        (1, 0, 2, 2),
        (0, 1, 1, 2),
    ]
    rows = b"".join(
        b"\0" + row.tobytes() for x, y, dx, dy in passes for row in pixels[y::dy, x::dx] if row.size
    )
    return _png(image.width, image.height, 8, 2, zlib.compress(rows), interlaced=1)


def png_files() -> Iterator[File]:
    data = encoded(RGB, "PNG")
    at, index = 8, 0
    while at < len(data):
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        for where, cut in (
            ("before", at),
            ("length", at + 2),
            ("inside", (at + end) // 2),
            ("check", end - 2),
        ):
            yield f"cut-{where}-{index}.png", data[:cut], CUT
        for size in (0, 1, 2**31, 2**32 - 1):
            broken = data[:at] + struct.pack(">I", size) + data[at + 4 :]
            yield (
                f"length-{index}-{size}.png",
                broken,
                CUT,
                DAMAGED,
                *((PAGES,) if at + 12 >= len(data) else ()),
            )
        at, index = end, index + 1
    half = zlib.compress(bytes((3 * 320 + 1) * 120))
    yield "half-the-rows.png", _png(320, 240, 8, 2, half), CUT, DAMAGED
    yield (
        "broken-deflate.png",
        _png(320, 240, 8, 2, b"\x78\x9c" + random.Random(1).randbytes(900)),
        CUT,
        DAMAGED,
    )
    yield "wide-50000.png", _png(50_000, 300, 8, 0, deflated_zeros(50_001 * 300)), LARGE
    yield "huge-header.png", _png(2**31 - 1, 2**31 - 1, 8, 2, b""), LARGE
    yield "zero-width.png", _png(0, 10, 8, 2, b""), DAMAGED
    yield "bomb.png", _png(29_999, 29_999, 1, 0, deflated_zeros(3751 * 29_999)), LARGE
    yield (
        "bomb-within-limits.png",
        _png(*BOMB, 8, 2, deflated_zeros((3 * BOMB[0] + 1) * BOMB[1])),
        PAGES,
        LIMIT,
    )
    yield (
        "bomb-interlaced.png",
        _png(*BOMB, 8, 6, deflated_zeros(5 * BOMB[0] * BOMB[1]), interlaced=1),
        PAGES,
        LIMIT,
        DAMAGED,
        CUT,
    )
    yield "more-data-than-rows.png", _png(100, 100, 8, 0, deflated_zeros(500_000_000)), PAGES, DAMAGED
    for kind, head in ((b"zTXt", b"k\0\0"), (b"iCCP", b"p\0\0"), (b"iTXt", b"k\0\1\0\0\0")):
        chunk = png_chunk(kind, head + deflated_zeros(1_000_000_000))
        yield f"bomb-{kind.decode()}.png", _png(100, 100, 8, 0, deflated_zeros(101 * 100), chunk), PAGES
    yield "no-palette.png", _png(100, 100, 8, 3, deflated_zeros(101 * 100)), DAMAGED, PAGES
    yield (
        "no-data.png",
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", struct.pack(">IIBBBBB", 99, 99, 8, 2, 0, 0, 0))
        + png_chunk(b"IEND", b""),
        CUT,
        DAMAGED,
    )
    yield "no-header.png", b"\x89PNG\r\n\x1a\n" + png_chunk(b"IDAT", b"") + png_chunk(b"IEND", b""), DAMAGED
    yield "wrong-check.png", data[:-20] + bytes([data[-20] ^ 1]) + data[-19:], DAMAGED, CUT
    yield "wrong-depth.png", _png(100, 100, 7, 2, deflated_zeros(301 * 100)), DAMAGED
    yield (
        "animated.png",
        encoded(RGB, "PNG", save_all=True, append_images=[picture(320, 240).rotate(180)]),
        WRONG,
    )
    yield (
        "many-chunks.png",
        _png(100, 100, 8, 0, deflated_zeros(101 * 100), png_chunk(b"tEXt", b"a\0b") * 200_000),
        PAGES,
    )
