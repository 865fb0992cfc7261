"""Sound formats with one structure out of joint: tables, boxes, streams and chains that a decoder follows.

The classes are those that public collections of broken pictures and PDFs hold; every file is made here.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from tests.intake.hostile_pdf import CATALOG, ONE_PAGE, image_object, page, pdf, pdf_with_image, stream
from tests.intake.hostile_pictures import jpeg_segments
from tests.intake.outcomes import CUT, DAMAGED, LARGE, NONE, PAGES, WRONG, File
from tests.intake.samples import encoded, jpeg, picture

REFUSED = (CUT, DAMAGED, LARGE, WRONG)
MENDED = (PAGES, CUT, DAMAGED)
"""Decoders that mend what they can may show a page; none of these may come as far as a limit of time or
memory."""


def structure_files() -> Iterator[File]:
    yield from _jpeg()
    yield from _bmp()
    yield from _gif()
    yield from _webp()
    yield from _heic()
    yield from _tiff()
    yield from _pdf()
    yield from _jbig2()


# ---------------------------------------------------------------- JPEG (ITU T.81)


def _with(data: bytes, marker: int, body: bytes | None) -> bytes:
    """The first segment of this marker replaced, or left out."""
    at, end = next((start, end) for found, start, end in jpeg_segments(data) if found == marker)
    new = b"" if body is None else bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body
    return data[:at] + new + data[end:]


def _jpeg() -> Iterator[File]:
    sound = jpeg(picture(320, 240))
    tables = {
        "too-many-codes": b"\x00" + bytes([255] * 16) + bytes(16),
        "one-bit-thrice": b"\x00" + bytes([3] + [0] * 15) + bytes(3),
        "all-ones": b"\x00" + bytes([2] + [0] * 15) + bytes([0, 1]),
        "of-class-9": b"\x95" + bytes([1] + [0] * 15) + bytes(1),
        "empty": b"\x00" + bytes(16),
        "category-255": b"\x00" + bytes([0, 4] + [0] * 14) + bytes([255] * 4),
    }
    for name, body in tables.items():
        yield f"huffman-{name}.jpg", _with(sound, 0xC4, body), *MENDED
    yield "huffman-none.jpg", _with(sound, 0xC4, None), *MENDED
    yield "quantiser-zero.jpg", _with(sound, 0xDB, bytes(65)), *MENDED
    yield "quantiser-none.jpg", _with(_with(sound, 0xDB, None), 0xDB, None), *MENDED
    for name, sampling in (("0x0", 0x00), ("15x15", 0xFF), ("4x4", 0x44)):
        at = next(start for found, start, _ in jpeg_segments(sound) if found == 0xC0)
        yield f"sampling-{name}.jpg", sound[: at + 11] + bytes([sampling]) + sound[at + 12 :], *MENDED
    at = next(start for found, start, _ in jpeg_segments(sound) if found == 0xDA)
    yield "scan-of-no-component.jpg", sound[: at + 4] + b"\0" + sound[at + 5 :], *MENDED
    yield "scan-of-unknown-component.jpg", sound[: at + 5] + b"\x77" + sound[at + 6 :], *MENDED
    yield "restart-interval-without-marks.jpg", sound[:at] + b"\xff\xdd\0\4\0\1" + sound[at:], *MENDED
    yield "lines-told-later.jpg", sound[:-2] + b"\xff\xdc\0\4\xff\xff\xff\xd9", *MENDED
    slow = jpeg(picture(320, 240), progressive=True)
    at = next(start for found, start, _ in jpeg_segments(slow) if found == 0xDA)
    yield "bits-refined-before-they-are.jpg", slow[: at + 13] + b"\xd0" + slow[at + 14 :], *MENDED


# ---------------------------------------------------------------- BMP


def _dib(width: int, height: int, bits: int, packing: int, data: bytes, colours: int = 0) -> bytes:
    palette = b"\0\0\0\0\xff\xff\xff\0" * 128 if bits == 8 else b""
    start = 14 + 40 + len(palette)
    head = struct.pack("<IiiHHIIiiII", 40, width, height, 1, bits, packing, len(data), 0, 0, colours, 0)
    return b"BM" + struct.pack("<IHHI", start + len(data), 0, 0, start) + head + palette + data


def _bmp() -> Iterator[File]:
    runs = {
        "move-outside": b"\0\2\xff\xff" * 200 + b"\xff\1" * 100 + b"\0\1",
        "longer-than-row": b"\xff\1" * 500 + b"\0\1",
        "literal-cut": b"\0\xff" + bytes(10),
        "no-end": b"\x10\1\0\0" * 50,
        "lines-without-end": b"\0\0" * 100_000,
    }
    for name, data in runs.items():
        yield f"runs-{name}.bmp", _dib(100, 100, 8, 1, data), *MENDED
    yield "lowest-height.bmp", _dib(100, -(2**31), 24, 0, bytes(30_000)), *REFUSED
    yield "wider-than-rows.bmp", _dib(2**31 - 1, 1, 1, 0, bytes(100)), *REFUSED
    yield "palette-huge.bmp", _dib(100, 100, 8, 0, bytes(10_000), 2**32 - 1), *MENDED
    yield "masks-none.bmp", _dib(100, 100, 32, 3, bytes(40_000)), *MENDED
    yield "packed-jpeg.bmp", _dib(100, 100, 24, 4, jpeg(picture(100, 100))), *REFUSED
    yield "no-depth.bmp", _dib(100, 100, 0, 0, bytes(100)), *REFUSED


# ---------------------------------------------------------------- GIF and WebP


def _screen(width: int, height: int) -> bytes:
    return b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"


def _frame(width: int, height: int, left: int, size: int, data: bytes) -> bytes:
    blocks = b"".join(
        bytes([len(part)]) + part for part in (data[n : n + 255] for n in range(0, len(data), 255))
    )
    return b"," + struct.pack("<HHHHB", left, 0, width, height, 0) + bytes([size]) + blocks + b"\0"


def _gif() -> Iterator[File]:
    packed = b"\x44\x01\x05" * 40
    yield "codes-of-0-bits.gif", _screen(100, 100) + _frame(100, 100, 0, 0, packed) + b";", *REFUSED
    yield "codes-of-12-bits.gif", _screen(100, 100) + _frame(100, 100, 0, 12, packed) + b";", *REFUSED
    yield "frame-outside.gif", _screen(100, 100) + _frame(100, 100, 60_000, 2, packed) + b";", *REFUSED
    yield (
        "frame-larger-than-screen.gif",
        _screen(1, 1) + _frame(65_535, 65_535, 0, 2, packed) + b";",
        *REFUSED,
    )
    yield "screen-largest.gif", _screen(65_535, 65_535) + _frame(10, 10, 0, 2, packed) + b";", *REFUSED
    yield "comments-only.gif", _screen(100, 100) + b"!\xfe\1x\0" * 50_000, *REFUSED
    yield "frames-5000.gif", _screen(100, 100) + _frame(1, 1, 0, 2, b"\x44\x01") * 5000 + b";", *REFUSED


def _riff(*chunks: tuple[bytes, bytes]) -> bytes:
    body = b"".join(n + struct.pack("<I", len(d)) + d + b"\0" * (len(d) % 2) for n, d in chunks)
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def _webp() -> Iterator[File]:
    largest = bytes([0, 0, 0, 0]) + b"\xff\xff\xff" * 2
    coded = encoded(picture(100, 100), "WEBP")[20:]
    yield "canvas-largest.webp", _riff((b"VP8X", largest), (b"VP8 ", coded)), *REFUSED
    yield "canvas-alone.webp", _riff((b"VP8X", bytes(10))), *REFUSED
    yield "lossless-noise.webp", _riff((b"VP8L", b"\x2f\x63\x40\x18\x00" + bytes(range(256)) * 4)), *REFUSED
    yield "lossless-largest.webp", _riff((b"VP8L", b"\x2f\xff\xff\xff\x0f" + bytes(100))), *REFUSED
    yield (
        "alpha-noise.webp",
        _riff(
            (b"VP8X", b"\x10\0\0\0" + b"\x63\0\0" * 2),
            (b"ALPH", b"\x01" + bytes(range(200))),
            (b"VP8 ", coded),
        ),
        *REFUSED,
    )
    frames = (
        b"ANMF",
        bytes(6) + b"\x63\0\0" * 2 + bytes(4) + b"VP8 " + struct.pack("<I", len(coded)) + coded,
    )
    animated = (b"VP8X", b"\x02\0\0\0" + b"\x63\0\0" * 2), (b"ANIM", bytes(6)), *([frames] * 200)
    yield "frames-200.webp", _riff(*animated), *REFUSED


# ---------------------------------------------------------------- HEIC (ISO/IEC 23008-12)


def _patched(data: bytes, box: bytes, at: int, new: bytes) -> bytes:
    """Bytes after a box's name replaced."""
    start = data.index(box) + 4 + at
    return data[:start] + new + data[start + len(new) :]


def _box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body) + 8) + name + body


def _heic() -> Iterator[File]:
    sound = encoded(picture(320, 240), "HEIF", quality=80)
    meta = sound.index(b"meta") - 4
    yield "box-to-the-end.heic", sound[:meta] + bytes(4) + sound[meta + 4 :], *MENDED
    yield (
        "box-of-64-bits.heic",
        sound[:meta] + struct.pack(">I4sQ", 1, b"meta", 2**63) + sound[meta:],
        *REFUSED,
    )
    yield "box-smaller-than-itself.heic", sound[:meta] + struct.pack(">I", 3) + sound[meta + 4 :], *REFUSED
    yield "items-65535.heic", _patched(sound, b"iloc", 6, b"\xff\xff"), *REFUSED
    yield "extent-outside.heic", _patched(sound, b"iloc", 16, b"\x7f\xff\xff\xff"), *MENDED
    yield "primary-unknown.heic", _patched(sound, b"pitm", 4, b"\xff\xee"), *REFUSED
    yield "properties-unknown.heic", _patched(sound, b"ipma", 11, b"\x7f\x7e"), *MENDED
    yield "coder-unsure.heic", _patched(sound, b"hvcC", 0, bytes(range(23))), *MENDED
    deep = b""
    for _ in range(3000):
        deep = _box(b"meta", bytes(4) + deep)
    yield "boxes-deep.heic", sound[:meta] + deep, *REFUSED
    grid = sound.replace(b"hvc1", b"grid", 1)
    yield "grid-of-nothing.heic", grid, *REFUSED
    yield "grid-of-itself.heic", grid.replace(b"iinf", b"free", 1), *REFUSED


# ---------------------------------------------------------------- TIFF


def _strip(*changes: tuple[int, int, int, int], magic: bytes = b"II*\0") -> bytes:
    tags = {256: (4, 1, 100), 257: (4, 1, 100), 258: (3, 1, 8), 259: (3, 1, 1), 262: (3, 1, 1)}
    tags |= {273: (4, 1, 4096), 277: (3, 1, 1), 278: (4, 1, 100), 279: (4, 1, 10_000)}
    for tag, kind, count, value in changes:
        tags[tag] = (kind, count, value)
    entries = [struct.pack("<HHII", tag, *tags[tag]) for tag in sorted(tags)]
    directory = struct.pack("<H", len(entries)) + b"".join(entries) + bytes(4)
    return (magic + b"\x08\0\0\0" + directory).ljust(4096, b"\0") + bytes(10_000)


def _tiff() -> Iterator[File]:
    yield "strip-outside.tif", _strip((273, 4, 1, 2**32 - 2)), *REFUSED
    yield "strips-2-to-the-32.tif", _strip((273, 4, 2**32 - 1, 8)), *REFUSED
    yield "rows-per-strip-0.tif", _strip((278, 4, 1, 0)), *MENDED
    yield "bits-255.tif", _strip((258, 3, 1, 255)), *REFUSED
    yield "samples-65535.tif", _strip((277, 3, 1, 65_535)), *REFUSED
    yield "planes-apart.tif", _strip((284, 3, 1, 2)), *MENDED
    yield "tiles-of-nothing.tif", _strip((322, 4, 1, 0), (323, 4, 1, 0), (324, 4, 1, 4096)), *MENDED
    yield (
        "tile-wider-than-all.tif",
        _strip((322, 4, 1, 2**31), (323, 4, 1, 2**31), (324, 4, 1, 4096)),
        *MENDED,
    )
    yield "directory-below-itself.tif", _strip((330, 4, 1, 8)), *MENDED
    yield "value-2-to-the-32.tif", _strip((270, 2, 2**32 - 1, 8)), *MENDED
    yield "packing-unknown.tif", _strip((259, 3, 1, 51_234)), *REFUSED
    for packing in (2, 3, 4, 5, 6, 7, 8, 32_773, 34_676, 34_892, 50_000, 50_001):
        yield f"zeros-packed-{packing}.tif", _strip((259, 3, 1, packing)), *MENDED
    yield "big.tif", _strip(magic=b"II+\0"), *REFUSED


# ---------------------------------------------------------------- PDF


def _objects(numbers: bytes, extends: bytes = b"", count: int = 1) -> bytes:
    body = numbers + b" <</Type/Pages/Kids[3 0 R]/Count 1>>"
    return stream(b"/Type/ObjStm/N %d/First %d%s" % (count, len(numbers) + 1, extends), body)


def _pdf() -> Iterator[File]:
    paint = stream(b"", b"0 0 m 595 842 l S")
    plain = (CATALOG, ONE_PAGE, page(4), paint)
    nested, filters = b"q Q", b""
    for _ in range(60):
        nested = zlib.compress(nested)
        filters += b"/FlateDecode"
    yield "filters-60.pdf", pdf(*plain[:3], stream(b"/Filter[%s]" % filters, nested)), *MENDED
    mixed = b"/ASCIIHexDecode/ASCII85Decode/LZWDecode/RunLengthDecode" * 20
    yield "filters-mixed.pdf", pdf(*plain[:3], stream(b"/Filter[%s]" % mixed, b"41" * 500)), *MENDED
    yield "filter-unknown.pdf", pdf(*plain[:3], stream(b"/Filter/Nonsense", b"q Q")), *MENDED
    for name, objects in {
        "of-itself": _objects(b"5 0", b"/Extends 5 0 R"),
        "count-huge": _objects(b"2 0", b"", 2**31 - 1),
        "offsets-outside": _objects(b"2 999999999 6 -5", b"", 2),
        "within-one": _objects(b"5 0"),
    }.items():
        yield f"object-stream-{name}.pdf", pdf(*plain, objects), *MENDED
    sound = pdf(*plain)
    table = sound.index(b"xref\n")
    yield "tables-in-a-circle.pdf", sound.replace(b"/Size 5", b"/Size 5/Prev %d" % table), *MENDED
    yield "table-far.pdf", sound.replace(b"startxref\n%d" % table, b"startxref\n9999999999999999999"), *MENDED
    yield "table-of-millions.pdf", sound.replace(b"0 5\n", b"0 2147483647\n", 1), *MENDED
    yield "table-of-other-places.pdf", sound.replace(b" 00000 n", b" 00007 n"), *MENDED
    rows = stream(b"/Type/XRef/Size 99999999/W[9 9 9]/Root 1 0 R/Index[0 99999999]", bytes(200))
    at = len(sound)
    yield (
        "table-stream-wide.pdf",
        sound + b"6 0 obj\n" + rows + b"\nendobj\nstartxref\n%d\n%%%%EOF" % at,
        *MENDED,
    )
    yield "catalog-is-page.pdf", pdf(*plain, root=3), NONE
    deep = b"<</A " * 20_000 + b"1" + b">>" * 20_000
    yield "dictionaries-deep.pdf", pdf(*plain, deep), *MENDED
    chain = [b"<</Type/Pages/Kids[%d 0 R]/Count 1/Parent %d 0 R>>" % (n + 3, n + 1) for n in range(2000)]
    yield "tree-deep.pdf", pdf(CATALOG, *chain, page(4), paint), *MENDED
    space = b"/Indexed 6 0 R 255 (x)]"
    loop = image_object(64, 64, bytes(4096), b"/FlateDecode", b"[" + space)
    yield "colours-of-themselves.pdf", pdf(*plain[:3], paint, loop, b"[" + space), *MENDED
    yield "updates-500.pdf", sound + b"".join(sound[table:] for _ in range(500)), *MENDED


# ---------------------------------------------------------------- JBIG2 in PDF (ITU T.88)


def _segment(number: int, kind: int, body: bytes, refers: bytes = b"\0", length: int | None = None) -> bytes:
    size = len(body) if length is None else length
    return struct.pack(">IB", number, kind) + refers + b"\1" + struct.pack(">I", size) + body


def _jbig2() -> Iterator[File]:
    sheet = _segment(0, 48, struct.pack(">IIIIBH", 300, 400, 0, 0, 0, 0))
    place = struct.pack(">IIIIB", 300, 400, 0, 0, 0)
    shapes = {
        "symbols-2-to-the-32": _segment(1, 0, b"\0\0" + bytes(8) + b"\xff" * 8 + bytes(64)),
        "symbols-more-than-told": _segment(
            1, 0, b"\0\0" + bytes(8) + b"\0\0\0\1\xff\xff\xff\xff" + bytes(64)
        ),
        "text-without-symbols": _segment(1, 6, place + b"\0\0" + b"\x7f\xff\xff\xff" + bytes(64)),
        "refines-nothing": _segment(1, 42, place + b"\0" + bytes(80)),
        "refines-itself": _segment(1, 42, place + b"\0" + bytes(80), b"\x20\1"),
        "refers-to-millions": _segment(1, 6, place, b"\xff\xff\xff\xff"),
        "region-huge": _segment(1, 38, struct.pack(">IIIIB", 2**31, 2**31, 0, 0, 0) + bytes(80)),
        "region-outside": _segment(
            1, 38, struct.pack(">IIIIB", 300, 400, 2**32 - 9, 2**32 - 9, 4) + bytes(80)
        ),
        "pattern-huge": _segment(1, 16, b"\0\xff\xff\xff\xff\xff\xff" + bytes(64)),
        "halftone-without-pattern": _segment(1, 22, place + b"\0" + b"\xff" * 16 + bytes(64)),
        "length-unknown": _segment(1, 38, place + b"\0" + bytes(200), length=2**32 - 1),
        "tables-broken": _segment(1, 53, b"\x7e" + b"\x80\0\0\0\x7f\xff\xff\xff" + b"\xff" * 64),
    }
    for name, shape in shapes.items():
        image = image_object(300, 400, sheet + shape, b"/JBIG2Decode", b"/DeviceGray", 1)
        yield f"jbig2-{name}.pdf", pdf_with_image(image), *MENDED
