"""PDFs made to hurt: bombs, circles, lies about sizes, scripts, what is cut off or locked."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import Any

import pymupdf

from tests.intake.bombs import BOMB, deflated_zeros
from tests.intake.samples import encoded, jpeg, picture

File = tuple[Any, ...]
PAGES, EMPTY, CUT, WRONG, DAMAGED = (
    "pages",
    "file-empty",
    "file-truncated",
    "file-unsupported",
    "file-damaged",
)
LARGE, SMALL, LIMIT, MANY, NONE, LOCKED = (
    "picture-too-large",
    "picture-too-small",
    "decode-limit",
    "too-many-pages",
    "no-pages",
    "file-encrypted",
)


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


def jbig2(width: int, height: int) -> bytes:
    """An embedded JBIG2 stream that is a page information segment alone (ITU T.88, 7.2 and 7.4.8)."""
    body = struct.pack(">IIIIBH", width, height, 0, 0, 0, 0)
    return struct.pack(">IBBBI", 0, 48, 0, 1, len(body)) + body


def jpx(width: int, height: int) -> bytes:
    """A JPEG 2000 codestream whose SIZ segment claims a size, with no data (ISO/IEC 15444-1, A.5.1)."""
    siz = struct.pack(">HIIIIIIIIH", 0, width, height, 0, 0, width, height, 0, 0, 3) + b"\7\1\1" * 3
    return b"\xff\x4f\xff\x51" + struct.pack(">H", len(siz) + 2) + siz + b"\xff\xd9"


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
    yield from _images()
    yield from _active()


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


def _images() -> Iterator[File]:
    flate = b"/FlateDecode"
    yield "image-wide.pdf", pdf_with_image(image_object(50_000, 300, deflated_zeros(1_000_000), flate)), LARGE
    yield (
        "image-huge.pdf",
        pdf_with_image(image_object(2_000_000_000, 2_000_000_000, b"x", flate)),
        LARGE,
        DAMAGED,
    )
    yield "image-negative.pdf", pdf_with_image(image_object(-5, -5, b"x", flate)), PAGES, DAMAGED, SMALL
    yield (
        "image-bomb.pdf",
        pdf_with_image(image_object(*BOMB, deflated_zeros(3 * BOMB[0] * BOMB[1]), flate)),
        PAGES,
        LIMIT,
    )
    yield (
        "image-cut.pdf",
        pdf_with_image(image_object(640, 480, zlib.compress(bytes(640 * 240 * 3)), flate)),
        CUT,
        DAMAGED,
    )
    yield (
        "image-flate-broken.pdf",
        pdf_with_image(image_object(640, 480, zlib.compress(bytes(640 * 480 * 3))[:-300], flate)),
        CUT,
        DAMAGED,
    )
    half = jpeg(picture(640, 480))
    half = half[: len(half) // 2]
    yield "jpeg-cut.pdf", pdf_with_image(image_object(640, 480, half, b"/DCTDecode")), CUT
    yield "jpeg-cut-ended.pdf", pdf_with_image(image_object(640, 480, half + b"\xff\xd9", b"/DCTDecode")), CUT
    yield (
        "jpeg-of-another-size.pdf",
        pdf_with_image(image_object(64, 48, jpeg(picture(640, 480)), b"/DCTDecode")),
        PAGES,
        DAMAGED,
        SMALL,
    )
    yield "jpeg-no-jpeg.pdf", pdf_with_image(image_object(640, 480, b"hello", b"/DCTDecode")), DAMAGED, CUT
    grey = b"/DeviceGray"
    for size in ((200, 200), (29_000, 4_000), (2**31, 2**31), (2**32 - 1, 1)):
        inner = jbig2(*size)
        outcomes = (PAGES, DAMAGED, LIMIT, CUT)
        yield (
            f"jbig2-{size[0]}x{size[1]}.pdf",
            pdf_with_image(image_object(640, 480, inner, b"/JBIG2Decode", grey, 1)),
            *outcomes,
        )
        yield (
            f"jpx-{size[0]}x{size[1]}.pdf",
            pdf_with_image(image_object(640, 480, jpx(*size), b"/JPXDecode")),
            *outcomes,
            LARGE,
        )
    yield (
        "jbig2-large.pdf",
        pdf_with_image(image_object(*BOMB, jbig2(*BOMB), b"/JBIG2Decode", grey, 1)),
        PAGES,
        DAMAGED,
        LIMIT,
        CUT,
    )
    jpx_file = encoded(picture(640, 480), "JPEG2000")
    yield "jpx-sound.pdf", pdf_with_image(image_object(640, 480, jpx_file, b"/JPXDecode")), PAGES
    yield (
        "jpx-cut.pdf",
        pdf_with_image(image_object(640, 480, jpx_file[: len(jpx_file) // 2], b"/JPXDecode")),
        PAGES,
        DAMAGED,
        CUT,
    )
    fax = zlib.compress(bytes(1000))
    yield (
        "fax-noise.pdf",
        pdf_with_image(
            image_object(640, 480, fax, b"/CCITTFaxDecode/DecodeParms<</K -1/Columns 640/Rows 480>>", grey, 1)
        ),
        PAGES,
        DAMAGED,
        CUT,
    )
    yield (
        "fax-columns.pdf",
        pdf_with_image(
            image_object(640, 480, fax, b"/CCITTFaxDecode/DecodeParms<</K -1/Columns 2000000000>>", grey, 1)
        ),
        PAGES,
        DAMAGED,
        LIMIT,
        CUT,
    )
    yield (
        "predictor.pdf",
        pdf_with_image(
            image_object(
                640,
                480,
                deflated_zeros(1_000_000),
                b"/FlateDecode/DecodeParms<</Predictor 15/Columns 2000000000/Colors 32>>",
            )
        ),
        PAGES,
        DAMAGED,
        LIMIT,
        CUT,
    )
    masked = image_object(640, 480, jpeg(picture(640, 480)), b"/DCTDecode/SMask 5 0 R")
    yield "mask-of-itself.pdf", pdf_with_image(masked), PAGES, DAMAGED


def _active() -> Iterator[File]:
    """What asks to be run, fetched or opened: it is not, and the page is read as it is."""
    image = image_object(320, 240, jpeg(), b"/DCTDecode")
    for name, action in {
        "script": b"/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>",
        "launch": b"/OpenAction<</S/Launch/F(/bin/sh)>>",
        "uri": b"/OpenAction<</S/URI/URI(http://127.0.0.1:9/)>>",
        "submit": b"/OpenAction<</S/SubmitForm/F(http://127.0.0.1:9/)>>",
        "remote": b"/OpenAction<</S/GoToR/F(/etc/passwd)/D[0/Fit]>>",
        "xfa": b"/AcroForm<</XFA(<x/>)/Fields[]>>",
    }.items():
        body = pdf_with_image(image).replace(CATALOG, b"<</Type/Catalog/Pages 2 0 R%s>>" % action)
        yield f"action-{name}.pdf", body, PAGES
    outside = stream(
        b"/Type/XObject/Subtype/Image/Width 9/Height 9/ColorSpace/DeviceGray/BitsPerComponent 8"
        b"/F(/etc/passwd)",
        b"",
    )
    yield "data-in-another-file.pdf", pdf_with_image(outside), PAGES, DAMAGED, SMALL, CUT
    for count, outcome in ((3, PAGES), (40, LIMIT)):
        document = pymupdf.open(stream=scanned(), filetype="pdf")
        for number in range(count):
            document.embfile_add(f"{number}.exe", b"MZ" + bytes(100))
        yield f"attachments-{count}.pdf", document.tobytes(), outcome
