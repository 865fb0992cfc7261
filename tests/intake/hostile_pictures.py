"""Pictures made to hurt: cut off at every joint, bombs, wrong lengths, circles, polyglots."""

from __future__ import annotations

import io
import random
import struct
import zipfile
from collections.abc import Iterator

from PIL import Image

from tests.intake.bombs import BOMB, deflated_zeros
from tests.intake.outcomes import CUT, DAMAGED, EMPTY, LARGE, LIMIT, MANY, NONE, PAGES, SMALL, WRONG, File
from tests.intake.samples import encoded, jpeg, picture, stored_as

RGB = picture()

# ---------------------------------------------------------------- JPEG


def jpeg_segments(data: bytes) -> list[tuple[int, int, int]]:
    """Marker, start and end of every segment; a scan's coded data belongs to its SOS segment."""
    segments, at = [], 2
    while at < len(data) - 1:
        marker = data[at + 1]
        if marker == 0xD9:
            break
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if marker == 0xDA:
            while not (data[end] == 0xFF and data[end + 1] not in (0, *range(0xD0, 0xD8))):
                end += 1
        segments.append((marker, at, end))
        at = end
    return segments


def _resized(data: bytes, width: int, height: int) -> bytes:
    """A JPEG whose frame header claims another size."""
    at = next(start for marker, start, _ in jpeg_segments(data) if 0xC0 <= marker <= 0xC2)
    return data[: at + 5] + struct.pack(">HH", height, width) + data[at + 9 :]


def _frame(data: bytes, marker: int) -> bytes:
    at = next(start for found, start, _ in jpeg_segments(data) if 0xC0 <= found <= 0xC2)
    return data[: at + 1] + bytes([marker]) + data[at + 2 :]


def jpeg_files() -> Iterator[File]:
    variants = {
        "baseline": jpeg(RGB),
        "progressive": jpeg(RGB, progressive=True),
        "restarts": jpeg(RGB, restart_marker_blocks=4),
    }
    for variant, data in variants.items():
        for index, (marker, start, end) in enumerate(jpeg_segments(data)):
            for where, at in (("before", start), ("inside", (start + end) // 2), ("length", start + 3)):
                yield f"{variant}-cut-{where}-{index:02}-{marker:02x}.jpg", data[:at], CUT, WRONG
                ended = data[:at] + b"\xff\xd9"
                # A progressive picture that lost only a part of its last refinements is a picture.
                fine = (PAGES,) if variant == "progressive" and where == "inside" else ()
                yield (
                    f"{variant}-cut-{where}-{index:02}-{marker:02x}-ended.jpg",
                    ended,
                    CUT,
                    DAMAGED,
                    WRONG,
                    *fine,
                )
        yield f"{variant}-no-end.jpg", data[:-2], CUT
        yield f"{variant}-tail-zeroed.jpg", data[: len(data) // 2] + bytes(len(data) // 2), CUT
        for marker, start, _ in jpeg_segments(data):
            for size in (0, 1, 2, 65535):
                broken = data[: start + 2] + struct.pack(">H", size) + data[start + 4 :]
                yield f"{variant}-length-{start}-{marker:02x}-{size}.jpg", broken, CUT, DAMAGED, WRONG, PAGES
    data = variants["baseline"]
    yield "wide.jpg", _resized(data, 65535, 65535), LARGE
    yield "wide-50000.jpg", _resized(data, 50000, 240), LARGE
    yield "larger-than-its-data.jpg", _resized(data, 3200, 2400), CUT
    yield "no-height.jpg", _resized(data, 320, 0), WRONG
    yield "no-width.jpg", _resized(data, 0, 240), DAMAGED
    yield "one-pixel.jpg", jpeg(Image.new("RGB", (1, 1))), SMALL
    for marker in (0xC3, 0xC5, 0xC7, 0xC9, 0xCB, 0xCF):
        yield f"frame-{marker:02x}.jpg", _frame(data, marker), WRONG
    yield "frame-c1.jpg", _frame(data, 0xC1), PAGES
    yield "only-marks.jpg", b"\xff\xd8\xff\xd9", WRONG, DAMAGED
    yield "fill-bytes.jpg", b"\xff\xd8" + b"\xff" * 100_000 + data[2:], PAGES
    yield "two-pictures.jpg", data + data, PAGES
    yield "zip-behind.jpg", data + _zip(), PAGES
    yield "pdf-behind.jpg", data + b"%PDF-1.7\n%%EOF", PAGES
    yield "pdf-in-comment.jpg", data[:2] + b"\xff\xfe\x00\x0b%PDF-1.7\n" + data[2:], PAGES
    yield "many-scans.jpg", _many_scans(), PAGES, LIMIT
    yield "exif-loop.jpg", jpeg(RGB, exif=b"Exif\0\0II*\0\x08\0\0\0\0\0\x08\0\0\0"), PAGES
    yield "exif-far.jpg", jpeg(RGB, exif=b"Exif\0\0II*\0\xff\xff\xff\x7f"), PAGES
    yield "exif-many.jpg", jpeg(RGB, exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + bytes(60_000)), PAGES
    yield "restarts-disordered.jpg", variants["restarts"].replace(b"\xff\xd3", b"\xff\xd6"), CUT


def _many_scans() -> bytes:
    """A progressive picture whose last scan is repeated 500 times: work without end for little data."""
    data = jpeg(picture(640, 480), progressive=True)
    _, start, end = jpeg_segments(data)[-1]
    return data[:end] + data[start:end] * 500 + data[end:]


# ---------------------------------------------------------------- TIFF


def _directory(entries: list[tuple[int, int, int, int]], after: int = 0) -> bytes:
    """A little-endian directory: tag, type, count, value or offset; then where the next one begins."""
    return (
        struct.pack("<H", len(entries))
        + b"".join(struct.pack("<HHII", *e) for e in entries)
        + struct.pack("<I", after)
    )


def _grey_tiff(width: int, height: int, after: int = 0, *more: tuple[int, int, int, int]) -> bytes:
    """A grey picture of 100 x 100 zeros that claims a size and a next directory."""
    entries = sorted(
        [
            (256, 4, 1, width),
            (257, 4, 1, height),
            (258, 3, 1, 8),
            (259, 3, 1, 1),
            (262, 3, 1, 1),
            (273, 4, 1, 4096),
            (277, 3, 1, 1),
            (278, 4, 1, height),
            (279, 4, 1, 10_000),
            *more,
        ]
    )
    head = b"II*\0\x08\0\0\0" + _directory(entries, after)
    return head.ljust(4096, b"\0") + bytes(10_000)


def tiff_with_thumbnail(image: Image.Image) -> bytes:
    """Two directories, the second of a reduced picture (NewSubfileType 1)."""
    page = encoded(image, "TIFF", save_all=True, append_images=[image.reduce(2)])
    first = int.from_bytes(page[4:8], "little")
    count = int.from_bytes(page[first : first + 2], "little")
    second = int.from_bytes(page[first + 2 + 12 * count :][:4], "little")
    entries = int.from_bytes(page[second : second + 2], "little")
    tags = [struct.unpack_from("<HHII", page, second + 2 + 12 * i) for i in range(entries)]
    moved = len(page)
    marked = _directory(sorted([(254, 4, 1, 1), *(t for t in tags if t[0] != 254)]))
    return page[: first + 2 + 12 * count] + struct.pack("<I", moved) + page[first + 6 + 12 * count :] + marked


def tiff_files() -> Iterator[File]:
    for name, data in {
        "raw": encoded(RGB, "TIFF"),
        "lzw": encoded(RGB, "TIFF", compression="tiff_lzw"),
        "fax": encoded(RGB.convert("1"), "TIFF", compression="group4"),
    }.items():
        for part in range(16):
            yield f"{name}-cut-{part:02}.tif", data[: len(data) * part // 16 or 6], CUT
    yield "sound.tif", _grey_tiff(100, 100), PAGES
    yield "cycle.tif", _grey_tiff(100, 100, 8), DAMAGED
    yield "next-far.tif", _grey_tiff(100, 100, 2**31), CUT
    yield "next-in-data.tif", _grey_tiff(100, 100, 5000), DAMAGED
    yield "wide-50000.tif", _grey_tiff(50_000, 100), LARGE
    yield "huge.tif", _grey_tiff(2**32 - 1, 2**32 - 1), LARGE
    yield "more-rows-than-data.tif", _grey_tiff(100, 9_000), CUT, DAMAGED
    yield "no-size.tif", _grey_tiff(0, 100), DAMAGED
    yield "samples.tif", _grey_tiff(100, 100, 0, (338, 3, 1, 2)), PAGES, DAMAGED, WRONG
    yield "no-directory.tif", b"II*\0" + bytes(100), NONE
    yield (
        "300-pages.tif",
        encoded(
            Image.new("1", (80, 80)),
            "TIFF",
            save_all=True,
            append_images=[Image.new("1", (80, 80))] * 299,
            compression="group4",
        ),
        MANY,
    )
    packed = deflated_zeros(BOMB[0] * BOMB[1])
    bomb = bytearray(_grey_tiff(*BOMB))
    for tag, value in ((259, 8), (279, len(packed))):
        at = bomb.index(struct.pack("<HH", tag, 3 if tag == 259 else 4)) + 8
        bomb[at : at + 4] = struct.pack("<I", value)
    yield "deflate-bomb.tif", bytes(bomb[:4096]) + packed, PAGES, LIMIT, DAMAGED
    yield "float.tif", encoded(RGB.convert("F"), "TIFF"), WRONG
    yield "lab.tif", encoded(Image.new("LAB", (100, 100)), "TIFF"), WRONG, DAMAGED


# ---------------------------------------------------------------- the others


def _cuts(name: str, data: bytes, extension: str, *outcomes: str) -> Iterator[File]:
    for part in range(1, 24):
        yield f"{name}-cut-{part:02}.{extension}", data[: max(20, len(data) * part // 24)], *outcomes


def picture_files() -> Iterator[File]:
    yield from jpeg_files()
    yield from tiff_files()
    yield from _cuts("lossy", encoded(RGB, "WEBP"), "webp", CUT)
    yield from _cuts("lossless", encoded(RGB, "WEBP", lossless=True), "webp", CUT)
    yield from _cuts("whole", encoded(RGB, "BMP"), "bmp", CUT)
    yield from _cuts("whole", encoded(RGB.quantize(64), "GIF"), "gif", CUT, DAMAGED)
    yield from _cuts("whole", encoded(RGB, "HEIF", quality=80), "heic", CUT, DAMAGED, WRONG)
    frames = [picture(320, 240).rotate(angle) for angle in (90, 180)]
    yield "animated.gif", encoded(RGB.quantize(64), "GIF", save_all=True, append_images=frames), WRONG
    yield "animated.webp", encoded(RGB, "WEBP", save_all=True, append_images=frames), WRONG
    webp = encoded(RGB, "WEBP", lossless=True)
    yield "wrong-length.webp", webp[:4] + struct.pack("<I", 2**32 - 2) + webp[8:], CUT
    bmp = encoded(RGB, "BMP")
    for width, height in ((50_000, 240), (2**31 - 1, 2**31 - 1), (-320, 240), (0, 0)):
        changed = bmp[:18] + struct.pack("<ii", width, height) + bmp[26:]
        yield f"size-{width}-{height}.bmp", changed, LARGE, CUT, DAMAGED, SMALL
    flipped = encoded(stored_as(RGB, 4), "BMP")
    yield "top-down.bmp", flipped[:22] + struct.pack("<i", -240) + flipped[26:], PAGES
    gif = encoded(RGB.quantize(64), "GIF")
    yield "screen-65535.gif", gif[:6] + b"\xff\xff\xff\xff" + gif[10:], LARGE
    heic = bytearray(encoded(RGB, "HEIF", quality=80))
    spatial = heic.index(b"ispe") + 8
    heic[spatial : spatial + 8] = struct.pack(">II", 60_000, 60_000)
    yield "wide.heic", bytes(heic), LARGE, DAMAGED
    for seed in range(15):
        yield from _mutated(seed)


def _mutated(seed: int) -> Iterator[File]:
    """A few bytes anywhere changed, in every format: some stay sound, none may do harm."""
    rng = random.Random(seed)
    for kind in ("JPEG", "PNG", "TIFF", "WEBP", "BMP", "GIF", "HEIF"):
        source = RGB.quantize(64) if kind == "GIF" else RGB
        data = bytearray(encoded(source, kind))
        for _ in range(rng.randint(1, 8)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        yield (
            f"mutated-{seed:02}.{kind.lower()}",
            bytes(data),
            PAGES,
            CUT,
            WRONG,
            DAMAGED,
            LARGE,
            SMALL,
            LIMIT,
            MANY,
            NONE,
        )


def _zip() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    return stream.getvalue()


def other_files() -> Iterator[File]:
    rng = random.Random(7)
    yield "empty.jpg", b"", EMPTY
    yield "text.pdf", "三方协议的扫描件在另一个文件里。\n".encode(), WRONG
    yield "text-gb.pdf", "三方协议的扫描件在另一个文件里。\n".encode("gb18030"), WRONG
    yield "text-utf16.jpg", "三方协议".encode("utf-16"), WRONG
    yield "document.pdf", _zip(), WRONG
    yield "old-document.pdf", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), WRONG
    yield "page.jpg", b"<!DOCTYPE html><script>alert(1)</script>", WRONG
    yield "drawing.jpg", b'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a "b">]><svg/>', WRONG
    yield "film.jpg", b"\0\0\0\x18ftypisom\0\0\0\0isommp42" + bytes(99), WRONG
    yield "picture.avif", encoded(RGB, "AVIF"), WRONG
    yield "picture.jp2", encoded(RGB, "JPEG2000"), WRONG
    yield "program", b"\x7fELF\x02\x01\x01" + bytes(500), WRONG
    yield "zeros.tif", bytes(5000), WRONG
    yield "postscript.pdf", b"%!PS-Adobe-3.0\n(/etc/passwd) run\n", WRONG
    for size in (1, 2, 3, 7, 20, 5000):
        yield f"noise-{size}", b"\x01" + rng.randbytes(size - 1), WRONG
    for head in (
        b"\xff\xd8\xff",
        b"\x89PNG\r\n\x1a\n",
        b"II*\0",
        b"MM\0*",
        b"II+\0",
        b"GIF89a",
        b"%PDF-1.7\n",
    ):
        yield f"noise-after-{head[:3].hex()}", head + rng.randbytes(5000), CUT, DAMAGED, WRONG, NONE, LARGE
        yield f"nothing-after-{head[:3].hex()}", head, CUT, DAMAGED, WRONG
