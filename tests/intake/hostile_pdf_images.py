"""PDFs whose pictures were made to hurt, and PDFs that ask to be run, fetched or opened."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

import pymupdf

from tests.intake.bombs import BOMB, deflated_zeros
from tests.intake.hostile_pdf import CATALOG, image_object, pdf_with_image, scanned, stream
from tests.intake.outcomes import CUT, DAMAGED, LARGE, LIMIT, PAGES, SMALL, File
from tests.intake.samples import encoded, jpeg, picture


def jbig2(width: int, height: int) -> bytes:
    """An embedded JBIG2 stream that is a page information segment alone (ITU T.88, 7.2 and 7.4.8)."""
    body = struct.pack(">IIIIBH", width, height, 0, 0, 0, 0)
    return struct.pack(">IBBBI", 0, 48, 0, 1, len(body)) + body


def jpx(width: int, height: int) -> bytes:
    """A JPEG 2000 codestream whose SIZ segment claims a size, with no data (ISO/IEC 15444-1, A.5.1)."""
    siz = struct.pack(">HIIIIIIIIH", 0, width, height, 0, 0, width, height, 0, 0, 3) + b"\7\1\1" * 3
    return b"\xff\x4f\xff\x51" + struct.pack(">H", len(siz) + 2) + siz + b"\xff\xd9"


def pdf_image_files() -> Iterator[File]:
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


def active_pdf_files() -> Iterator[File]:
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
