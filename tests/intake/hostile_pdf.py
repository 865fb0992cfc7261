"""PDFs made to hurt: bombs, circles, lies about sizes, what is cut off or locked."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any

import pymupdf

from tests.intake.bombs import deflated_zeros
from tests.intake.outcomes import CUT, DAMAGED, LARGE, LIMIT, LOCKED, MANY, NONE, PAGES, SMALL, File
from tests.intake.samples import jpeg


def pdf(*objects: bytes, root: int = 1) -> bytes:
    """A PDF of these objects (numbered from 1), with a right cross-reference table."""
    out, offsets = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<</Size %d/Root %d 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, root, start)
    return bytes(out)


def stream(dictionary: bytes, data: bytes, length: int | None = None) -> bytes:
    size = len(data) if length is None else length
    return b"<<%s/Length %d>>\nstream\n%s\nendstream" % (dictionary, size, data)


CATALOG = b"<</Type/Catalog/Pages 2 0 R>>"
ONE_PAGE = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"


def page(content: int = 4, resources: bytes = b"", box: bytes = b"0 0 595 842", more: bytes = b"") -> bytes:
    return b"<</Type/Page/Parent 2 0 R/MediaBox[%s]/Contents %d 0 R/Resources<<%s>>%s>>" % (
        box,
        content,
        resources,
        more,
    )


def pdf_with_image(image: bytes, box: bytes = b"0 0 595 842", more: bytes = b"") -> bytes:
    """A page that is one image XObject (object 5, given whole), stretched over the page."""
    paint = stream(b"", b"q 595 0 0 842 0 0 cm /I Do Q")
    return pdf(CATALOG, ONE_PAGE, page(4, b"/XObject<</I 5 0 R>>", box, more), paint, image)


def image_object(
    width: int, height: int, data: bytes, filters: bytes, space: bytes = b"/DeviceRGB", bits: int = 8
) -> bytes:
    head = b"/Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace%s/BitsPerComponent %d/Filter%s" % (
        width,
        height,
        space,
        bits,
        filters,
    )
    return stream(head, data)


def scanned(pages: int = 1, **save: Any) -> bytes:
    """A PDF as scanners make it: a JPEG a page."""
    document = pymupdf.open()
    for _ in range(pages):
        sheet = document.new_page(width=320, height=240)
        sheet.insert_image(sheet.rect, stream=jpeg())
    return document.tobytes(**save)


def pdf_files() -> Iterator[File]:
    sound = scanned(2)
    for part in range(1, 32):
        yield f"cut-{part:02}.pdf", sound[: len(sound) * part // 32], CUT, DAMAGED, NONE
    yield "cut-mark.pdf", sound[:-6], PAGES, CUT
    yield "cut-table.pdf", sound[:-30], CUT
    yield "no-table.pdf", sound[: sound.rindex(b"startxref")] + b"startxref\n0\n%%EOF\n", PAGES
    yield "junk-before.pdf", b"\r\n" * 100 + sound, PAGES
    yield "locked.pdf", scanned(encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="a", owner_pw="b"), LOCKED
    yield "locked-for-change.pdf", scanned(encryption=pymupdf.PDF_ENCRYPT_AES_256, owner_pw="b"), PAGES
    yield "300-pages.pdf", scanned(300), MANY
    yield "no-pages.pdf", pdf(CATALOG, b"<</Type/Pages/Kids[]/Count 0>>"), NONE, DAMAGED
    yield "no-catalog.pdf", pdf(b"<<>>"), NONE, DAMAGED
    yield "only-head.pdf", b"%PDF-1.7\n%%EOF\n", NONE, DAMAGED
    yield from _trees()
    yield from _contents()


def _trees() -> Iterator[File]:
    empty = stream(b"", b"")
    yield "kid-of-itself.pdf", pdf(CATALOG, b"<</Type/Pages/Kids[2 0 R]/Count 1>>"), DAMAGED, NONE
    yield (
        "kids-in-a-circle.pdf",
        pdf(
            CATALOG,
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Pages/Kids[2 0 R]/Parent 2 0 R/Count 1>>",
        ),
        DAMAGED,
        NONE,
    )
    yield (
        "same-page-twice.pdf",
        pdf(CATALOG, b"<</Type/Pages/Kids[3 0 R 3 0 R]/Count 2>>", page(), empty),
        PAGES,
        DAMAGED,
    )
    yield (
        "count-too-high.pdf",
        pdf(CATALOG, b"<</Type/Pages/Kids[3 0 R]/Count 2000000000>>", page(), empty),
        MANY,
        DAMAGED,
        PAGES,
    )
    yield (
        "count-negative.pdf",
        pdf(CATALOG, b"<</Type/Pages/Kids[3 0 R]/Count -5>>", page(), empty),
        NONE,
        DAMAGED,
        PAGES,
    )
    yield "kid-missing.pdf", pdf(CATALOG, b"<</Type/Pages/Kids[9 0 R]/Count 1>>"), DAMAGED, NONE
    yield "kid-no-page.pdf", pdf(CATALOG, b"<</Type/Pages/Kids[3 0 R]/Count 1>>", b"(text)"), DAMAGED, NONE
    deep = b"<</Type/Pages/Kids[%d 0 R]/Count 1>>"
    chain = [deep % (number + 1) for number in range(2, 3002)]
    yield "tree-3000-deep.pdf", pdf(CATALOG, *chain, page(), empty), PAGES, DAMAGED, NONE
    yield "reference-to-itself.pdf", pdf(CATALOG, ONE_PAGE, b"3 0 R"), DAMAGED, NONE
    yield "many-objects.pdf", pdf(CATALOG, ONE_PAGE, page(), empty, *[b"null"] * 60_000), LIMIT
    yield (
        "array-deep.pdf",
        pdf(CATALOG, ONE_PAGE, page(4, more=b"/X" + b"[" * 100_000 + b"]" * 100_000), empty),
        PAGES,
        DAMAGED,
        NONE,
        CUT,
    )
    for name, box in {
        "zero": b"0 0 0 0",
        "negative": b"0 0 -595 -842",
        "huge": b"0 0 1e9 1e9",
        "thin": b"0 0 20000 0.01",
        "no-numbers": b"/A /B /C /D",
        "beyond-float": b"0 0 1e39 1e39",
    }.items():
        yield f"box-{name}.pdf", pdf(CATALOG, ONE_PAGE, page(box=box), empty), PAGES, DAMAGED, SMALL, LARGE


def _contents() -> Iterator[File]:
    yield (
        "content-bomb.pdf",
        pdf(CATALOG, ONE_PAGE, page(), stream(b"/Filter/FlateDecode", deflated_zeros(1_000_000_000))),
        PAGES,
        LIMIT,
        DAMAGED,
        CUT,
    )
    twice = zlib.compress(deflated_zeros(2_000_000_000))
    yield (
        "content-bomb-twice.pdf",
        pdf(CATALOG, ONE_PAGE, page(), stream(b"/Filter[/FlateDecode/FlateDecode]", twice)),
        PAGES,
        LIMIT,
        DAMAGED,
        CUT,
    )
    yield (
        "filters-1000.pdf",
        pdf(CATALOG, ONE_PAGE, page(), stream(b"/Filter[" + b"/ASCIIHexDecode" * 1000 + b"]", b"00>")),
        PAGES,
        DAMAGED,
        LIMIT,
        CUT,
    )
    form = b"/Type/XObject/Subtype/Form/BBox[0 0 99 99]/Resources<</XObject<</F 5 0 R>>>>"
    yield (
        "form-in-itself.pdf",
        pdf(
            CATALOG, ONE_PAGE, page(4, b"/XObject<</F 5 0 R>>"), stream(b"", b"/F Do"), stream(form, b"/F Do")
        ),
        PAGES,
        DAMAGED,
    )
    doubling = [
        stream(
            b"/Type/XObject/Subtype/Form/BBox[0 0 99 99]/Resources<</XObject<</F %d 0 R>>>>" % (number + 1),
            b"/F Do /F Do",
        )
        for number in range(5, 45)
    ]
    leaf = stream(b"/Type/XObject/Subtype/Form/BBox[0 0 99 99]", b"0 0 9 9 re f")
    yield (
        "forms-doubling.pdf",
        pdf(CATALOG, ONE_PAGE, page(4, b"/XObject<</F 5 0 R>>"), stream(b"", b"/F Do"), *doubling, leaf),
        LIMIT,
        PAGES,
        DAMAGED,
    )
    yield (
        "states-nested.pdf",
        pdf(CATALOG, ONE_PAGE, page(), stream(b"", b"q " * 1_000_000)),
        PAGES,
        DAMAGED,
        LIMIT,
    )
    yield (
        "length-too-long.pdf",
        pdf(CATALOG, ONE_PAGE, page(), stream(b"", b"0 0 9 9 re f", 10**9)),
        PAGES,
        DAMAGED,
        CUT,
    )
    yield (
        "length-negative.pdf",
        pdf(CATALOG, ONE_PAGE, page(), stream(b"", b"0 0 9 9 re f", -1)),
        PAGES,
        DAMAGED,
        CUT,
    )
    yield (
        "content-is-noise.pdf",
        pdf(CATALOG, ONE_PAGE, page(), stream(b"", bytes(range(256)) * 40)),
        PAGES,
        DAMAGED,
    )
    pattern = (
        b"/Type/Pattern/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 1 1]"
        b"/XStep 0.0001/YStep 0.0001/Resources<<>>"
    )
    yield (
        "pattern-fine.pdf",
        pdf(
            CATALOG,
            ONE_PAGE,
            page(4, b"/Pattern<</P 5 0 R>>"),
            stream(b"", b"/Pattern cs /P scn 0 0 595 842 re f"),
            stream(pattern, b"0 0 1 1 re f"),
        ),
        PAGES,
        LIMIT,
        DAMAGED,
    )
