"""Every format and variant becomes the same upright page, in the confined process as without it."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from scanservice.errors import InputError
from scanservice.intake import Limits
from tests.intake.conftest import Opener
from tests.intake.samples import HEIGHT, UPRIGHT, WIDTH, corners, encoded, exif, jpeg, picture, stored_as

RGB = picture()
PALETTE = RGB.quantize(64)
ALPHA = RGB.convert("RGBA")
CLEAR = Image.new("RGBA", (WIDTH, HEIGHT), (0, 0, 0, 0))
CLEAR.paste(RGB.crop((0, 0, WIDTH // 2, HEIGHT)), (0, 0))

COLOURED = {
    "jpeg": jpeg(RGB),
    "jpeg progressive": jpeg(RGB, progressive=True),
    "jpeg 4:4:4": jpeg(RGB, subsampling=0),
    "jpeg restart markers": jpeg(RGB, restart_marker_rows=1),
    "jpeg cmyk": encoded(RGB.convert("CMYK"), "JPEG", quality=95),
    "png": encoded(RGB, "PNG"),
    "png palette": encoded(PALETTE, "PNG"),
    "png palette, transparency": encoded(PALETTE, "PNG", transparency=255),
    "png alpha": encoded(ALPHA, "PNG"),
    "tiff": encoded(RGB, "TIFF"),
    "tiff lzw": encoded(RGB, "TIFF", compression="tiff_lzw"),
    "tiff deflate": encoded(RGB, "TIFF", compression="tiff_adobe_deflate"),
    "tiff jpeg": encoded(RGB, "TIFF", compression="jpeg"),
    "tiff packbits": encoded(RGB, "TIFF", compression="packbits"),
    "tiff cmyk": encoded(RGB.convert("CMYK"), "TIFF"),
    "tiff palette": encoded(PALETTE, "TIFF"),
    "tiff big": encoded(RGB, "TIFF", big_tiff=True),
    "webp": encoded(RGB, "WEBP", quality=90),
    "webp lossless": encoded(RGB, "WEBP", lossless=True),
    "webp alpha": encoded(ALPHA, "WEBP", lossless=True),
    "bmp": encoded(RGB, "BMP"),
    "bmp palette": encoded(PALETTE, "BMP"),
    "bmp alpha": encoded(ALPHA, "BMP"),
    "gif": encoded(PALETTE, "GIF"),
    "heic": encoded(RGB, "HEIF", quality=90),
    "jpeg and junk": jpeg(RGB) + b"junk" * 999,
}


@pytest.mark.parametrize("name", COLOURED)
def test_every_coloured_format_is_read(opened: Opener, name: str) -> None:
    confined, plain = opened(COLOURED[name]), opened(COLOURED[name], isolated=False)
    (page,) = confined.pages
    assert (page.width, page.height, page.scale) == (WIDTH, HEIGHT, 1)
    assert page.image.shape == (HEIGHT, WIDTH, 3)
    assert page.image.dtype == np.uint8
    assert not page.image.flags.writeable
    assert corners(page.image) == UPRIGHT
    assert np.array_equal(page.image, plain.pages[0].image)
    assert confined.input_sha256 == plain.input_sha256


def _grey16() -> Image.Image:
    return Image.fromarray(np.asarray(RGB.convert("L")).astype(np.uint16) * 257)


def _big_endian(image: Image.Image) -> Image.Image:
    return Image.frombytes("I;16B", image.size, np.asarray(image).byteswap().tobytes())


def _deep_colour_png() -> bytes:
    import cv2

    deep = np.asarray(RGB)[:, :, ::-1].astype(np.uint16) * 257
    return cv2.imencode(".png", deep)[1].tobytes()


def _deep_colour_tiff() -> bytes:
    import cv2

    deep = np.asarray(RGB)[:, :, ::-1].astype(np.uint16) * 257
    return cv2.imencode(".tiff", deep)[1].tobytes()


GREY = {
    "jpeg grey": jpeg(RGB.convert("L")),
    "png grey": encoded(RGB.convert("L"), "PNG"),
    "png grey alpha": encoded(RGB.convert("LA"), "PNG"),
    "png grey 16": encoded(_grey16(), "PNG"),
    "tiff grey": encoded(RGB.convert("L"), "TIFF"),
    "tiff grey 16": encoded(_grey16(), "TIFF"),
    "tiff grey 16 big endian": encoded(_big_endian(_grey16()), "TIFF"),
    "tiff 32-bit integers": encoded(_grey16().convert("I"), "TIFF"),
    "bmp grey": encoded(RGB.convert("L"), "BMP"),
}


@pytest.mark.parametrize("name", GREY)
def test_every_grey_format_keeps_its_tones(opened: Opener, name: str) -> None:
    (page,) = opened(GREY[name]).pages
    expected = np.asarray(RGB.convert("L")).astype(int)
    assert page.image.shape == (HEIGHT, WIDTH, 3)
    assert np.abs(page.image[:, :, 1].astype(int) - expected).max() <= 12


@pytest.mark.parametrize("content", [_deep_colour_png(), _deep_colour_tiff()], ids=["png", "tiff"])
def test_sixteen_bits_a_channel_are_read(opened: Opener, content: bytes) -> None:
    assert corners(opened(content).pages[0].image) == UPRIGHT


BLACK_AND_WHITE = RGB.convert("L").point(lambda v: 255 if v > 128 else 0).convert("1")


@pytest.mark.parametrize("compression", ["group3", "group4", "tiff_ccitt", "raw"])
def test_fax_pages_are_read(opened: Opener, compression: str) -> None:
    content = encoded(BLACK_AND_WHITE, "TIFF", compression=compression, dpi=(204, 98))
    (page,) = opened(content).pages
    assert np.array_equal(page.image[:, :, 0] > 128, np.asarray(BLACK_AND_WHITE))
    assert page.dpi is None  # different across and down


def test_one_bit_png_and_bmp_are_read(opened: Opener) -> None:
    for kind in ("PNG", "BMP"):
        (page,) = opened(encoded(BLACK_AND_WHITE, kind)).pages
        assert np.array_equal(page.image[:, :, 0] > 128, np.asarray(BLACK_AND_WHITE))


def test_interlaced_png_is_read(opened: Opener) -> None:
    from tests.intake.hostile_png import interlaced_png

    (page,) = opened(interlaced_png(RGB)).pages
    assert np.array_equal(page.image[:, :, ::-1], np.asarray(RGB))


def test_transparent_parts_are_white(opened: Opener) -> None:
    for kind in ("PNG", "WEBP"):
        (page,) = opened(encoded(CLEAR, kind, lossless=True)).pages
        assert page.image[HEIGHT // 2, WIDTH - 10].tolist() == [255, 255, 255]
        assert corners(page.image)[0] == "red"


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "HEIF"])
def test_every_orientation_stands_upright(opened: Opener, kind: str, orientation: int) -> None:
    stored = stored_as(RGB, orientation)
    options = {"tiffinfo": {274: orientation}} if kind == "TIFF" else {"exif": exif(orientation)}
    (page,) = opened(encoded(stored, kind, **options)).pages
    assert (page.width, page.height) == (WIDTH, HEIGHT)
    assert corners(page.image) == UPRIGHT


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_an_orientation_without_meaning_changes_nothing(opened: Opener, orientation: int) -> None:
    (page,) = opened(jpeg(RGB, exif=exif(orientation))).pages
    assert corners(page.image) == UPRIGHT


def test_pages_of_a_tiff_come_in_order_and_thumbnails_are_left_out(opened: Opener) -> None:
    from tests.intake.hostile_pictures import tiff_with_thumbnail

    sizes = [(WIDTH, HEIGHT), (HEIGHT, WIDTH), (WIDTH, WIDTH)]
    first, *rest = [picture(*size) for size in sizes]
    scan = opened(encoded(first, "TIFF", save_all=True, append_images=rest))
    assert [(page.width, page.height) for page in scan.pages] == sizes
    assert [page.page for page in scan.pages] == [0, 1, 2]
    assert len(opened(tiff_with_thumbnail(RGB)).pages) == 1


def test_files_of_different_kinds_make_one_scan(opened: Opener) -> None:
    scan = opened(COLOURED["png"], COLOURED["jpeg"], COLOURED["heic"])
    assert [(page.scan, page.page) for page in scan.pages] == [(0, 0), (1, 0), (2, 0)]
    assert len(set(scan.input_sha256)) == 3


def test_a_large_jpeg_is_reduced_and_says_so(opened: Opener) -> None:
    limits = Limits(enough_side=150)
    (page,) = opened(jpeg(RGB, exif=exif(6)), limits=limits).pages
    assert (page.width, page.height) == (HEIGHT, WIDTH)
    assert page.image.shape == (WIDTH // 2, HEIGHT // 2, 3)
    assert page.scale == 0.5


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "BMP"])
def test_a_large_picture_of_another_kind_is_reduced_too(opened: Opener, kind: str) -> None:
    (page,) = opened(encoded(RGB, kind), limits=Limits(enough_side=100)).pages
    assert page.image.shape == (HEIGHT // 3, -(-WIDTH // 3), 3)
    assert page.scale == pytest.approx(1 / 3)
    assert corners(page.image) == UPRIGHT


def test_many_pages_share_the_working_memory(opened: Opener) -> None:
    """The small page keeps all of its pixels, the large ones are reduced alike."""
    small = picture(100, 80)
    budget = 3 * 20_000
    scan = opened(jpeg(RGB), encoded(RGB, "PNG"), jpeg(small), limits=Limits(working_pixels=budget))
    pixels = [page.image.shape[0] * page.image.shape[1] for page in scan.pages]
    assert sum(pixels) <= budget
    assert sum(pixels) > 0.95 * budget
    assert scan.pages[2].scale == 1
    assert pixels[0] == pixels[1]
    for page in scan.pages:
        assert page.scale == pytest.approx(page.image.shape[1] / page.width, rel=0.01)
        assert corners(page.image) == UPRIGHT


@pytest.mark.parametrize(
    ("stated", "believed"), [(200, 200), (72, None), (96, None), (1, None), (5000, None)]
)
def test_a_resolution_is_believed_where_it_makes_a_paper_size(
    opened: Opener, stated: int, believed: int | None
) -> None:
    page = picture(1654, 1169)  # A5, or A4 across at 141 dpi
    for kind in ("JPEG", "PNG", "TIFF"):
        (read,) = opened(encoded(page, kind, dpi=(stated, stated))).pages
        assert read.dpi == (None if believed is None else pytest.approx(believed, abs=0.1))


def test_floating_point_pictures_are_refused(opened: Opener) -> None:
    with pytest.raises(InputError) as caught:
        opened(encoded(RGB.convert("F"), "TIFF"))
    assert caught.value.code == "file-unsupported"
