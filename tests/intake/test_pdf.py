"""A page that is one picture is taken out as it lies on the page; any other page is rendered as it looks."""

from __future__ import annotations

import cv2
import numpy as np
import pymupdf
import pytest

from scanservice.errors import InputError
from scanservice.intake import Limits
from tests.intake.conftest import Opener
from tests.intake.hostile_pdf import image_object, pdf_with_image, scanned
from tests.intake.samples import HEIGHT, UPRIGHT, WIDTH, corners, encoded, exif, jpeg, picture

RGB = picture()
TURNED = {
    0: UPRIGHT,
    90: UPRIGHT[3:] + UPRIGHT[:3],
    180: UPRIGHT[2:] + UPRIGHT[:2],
    270: UPRIGHT[1:] + UPRIGHT[:1],
}


def sheet(content: bytes = jpeg(), rotation: int = 0, size: tuple[int, int] = (320, 240)) -> pymupdf.Document:
    document = pymupdf.open()
    page = document.new_page(width=size[0], height=size[1])
    page.insert_image(page.rect, stream=content)
    page.set_rotation(rotation)
    return document


def reference(content: bytes) -> np.ndarray:
    """The first page as MuPDF renders it, BGR."""
    with pymupdf.open(stream=content, filetype="pdf") as document:
        pixels = document[0].get_pixmap(alpha=False)
    return np.frombuffer(pixels.samples, np.uint8).reshape(pixels.height, pixels.width, 3)[:, :, ::-1]


def assert_looks_alike(image: np.ndarray, expected: np.ndarray) -> None:
    resized = cv2.resize(image, (expected.shape[1], expected.shape[0]), interpolation=cv2.INTER_AREA)
    assert np.abs(resized.astype(int) - expected).mean() < 8


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "JPEG2000"])
def test_a_picture_is_taken_out_as_the_page_shows_it(opened: Opener, kind: str, rotation: int) -> None:
    content = sheet(encoded(RGB, kind), rotation, size=(160, 120)).tobytes()
    (page,) = opened(content).pages
    assert {page.width, page.height} == {WIDTH, HEIGHT}  # its own pixels, though the page is half the size
    assert page.image.shape == (page.height, page.width, 3)
    assert corners(page.image) == TURNED[rotation]
    assert_looks_alike(page.image, reference(content))


@pytest.mark.parametrize("matrix", [
    b"595 0 0 842 0 0", b"-595 0 0 842 595 0", b"-595 0 0 -842 595 842", b"595 0 0 -842 0 842",
    b"0 842 595 0 0 0", b"0 842 -595 0 595 0", b"0 -842 -595 0 595 842", b"0 -842 595 0 0 842",
])  # fmt: skip
@pytest.mark.parametrize("rotate", [b"", b"/Rotate 90", b"/Rotate 270"])
def test_every_way_to_place_a_picture_comes_out_as_rendered(
    opened: Opener, matrix: bytes, rotate: bytes
) -> None:
    content = pdf_with_image(image_object(WIDTH, HEIGHT, jpeg(), b"/DCTDecode"), more=rotate)
    content = content.replace(b"595 0 0 842 0 0", matrix)
    (page,) = opened(content).pages
    assert {page.width, page.height} == {WIDTH, HEIGHT}
    assert_looks_alike(page.image, reference(content))


def test_the_exif_turn_of_a_picture_inside_a_pdf_means_nothing(opened: Opener) -> None:
    content = pdf_with_image(image_object(WIDTH, HEIGHT, jpeg(exif=exif(6)), b"/DCTDecode"))
    (page,) = opened(content).pages
    assert (page.width, page.height) == (WIDTH, HEIGHT)
    assert corners(page.image) == UPRIGHT


@pytest.mark.parametrize(("space", "data"), [
    (b"/DeviceCMYK", "CMYK"), (b"/DeviceGray", "L"), (b"[/Indexed/DeviceGray 255<%s>]", "L"),
])  # fmt: skip
def test_colours_are_those_of_the_page(opened: Opener, space: bytes, data: str) -> None:
    if b"%s" in space:
        space %= bytes(255 - i for i in range(256)).hex().encode()
    image = image_object(WIDTH, HEIGHT, encoded(RGB.convert(data), "JPEG", quality=95), b"/DCTDecode", space)
    content = pdf_with_image(image)
    assert_looks_alike(opened(content).pages[0].image, reference(content))


def test_an_inverted_picture_is_shown_inverted(opened: Opener) -> None:
    image = image_object(WIDTH, HEIGHT, jpeg(), b"/DCTDecode/Decode[1 0 1 0 1 0]")
    content = pdf_with_image(image)
    assert_looks_alike(opened(content).pages[0].image, reference(content))


def test_recognised_text_under_a_picture_is_not_seen(opened: Opener) -> None:
    document = sheet()
    document[0].insert_text((20, 100), "hidden", render_mode=3, fontsize=40)
    (page,) = opened(document.tobytes()).pages
    assert (page.width, page.height) == (WIDTH, HEIGHT)


def test_a_white_ground_under_a_picture_is_not_seen(opened: Opener) -> None:
    document = pymupdf.open()
    page = document.new_page(width=320, height=240)
    page.draw_rect(page.rect, fill=(1, 1, 1), color=None)
    page.insert_image(page.rect, stream=jpeg())
    assert opened(document.tobytes()).pages[0].width == WIDTH


def _with_text(page: pymupdf.Page) -> None:
    page.insert_text((60, 130), "seen", fontsize=40)


def _with_note(page: pymupdf.Page) -> None:
    page.add_rect_annot(pymupdf.Rect(100, 80, 220, 160)).update(fill_color=(0, 0, 0))


def _with_line(page: pymupdf.Page) -> None:
    page.draw_line((100, 100), (220, 140), width=20)


def _with_picture(page: pymupdf.Page) -> None:
    page.insert_image(pymupdf.Rect(100, 80, 220, 160), stream=jpeg(picture(90, 60)), keep_proportion=False)


@pytest.mark.parametrize("addition", [_with_text, _with_note, _with_line, _with_picture])
@pytest.mark.parametrize("rotation", [0, 90])
def test_whatever_lies_over_a_picture_is_seen(opened: Opener, addition: object, rotation: int) -> None:
    document = sheet(rotation=rotation)
    addition(document[0])  # type: ignore[operator]
    content = document.tobytes()
    (page,) = opened(content).pages
    assert max(page.width, page.height) >= 2_900
    assert page.scale == 1
    assert corners(page.image) == TURNED[rotation]
    assert_looks_alike(page.image, reference(content))


def test_a_page_of_text_and_lines_is_rendered_finely_enough_to_read(opened: Opener) -> None:
    document = pymupdf.open()
    document.new_page().insert_text((72, 72), "agreement")
    (page,) = opened(document.tobytes()).pages
    assert max(page.width, page.height) == 2_900
    assert page.dpi == pytest.approx(248, abs=1)


def test_a_cropped_page_shows_its_crop(opened: Opener) -> None:
    document = sheet()
    document[0].set_cropbox(pymupdf.Rect(0, 0, 160, 120))
    content = document.tobytes()
    (page,) = opened(content).pages
    assert corners(page.image)[0] == "red"
    assert_looks_alike(page.image, reference(content))


def test_strips_of_one_page_are_put_together(opened: Opener) -> None:
    document = pymupdf.open()
    page = document.new_page(width=320, height=240)
    for top in range(0, 240, 60):
        strip = RGB.crop((0, top, WIDTH, top + 60))
        page.insert_image(pymupdf.Rect(0, top, 320, top + 60), stream=encoded(strip, "PNG"))
    assert corners(opened(document.tobytes()).pages[0].image) == UPRIGHT


def test_a_large_picture_is_reduced_and_says_so(opened: Opener) -> None:
    for kind in ("JPEG", "PNG"):
        content = sheet(encoded(RGB, kind), rotation=90).tobytes()
        (page,) = opened(content, limits=Limits(enough_side=150)).pages
        assert (page.width, page.height) == (HEIGHT, WIDTH)
        assert page.image.shape == (WIDTH // 2, HEIGHT // 2, 3)
        assert page.scale == 0.5


def test_many_rendered_pages_share_the_working_memory(opened: Opener) -> None:
    document = pymupdf.open()
    for _ in range(3):
        document.new_page().insert_text((72, 72), "agreement")
    budget = 3_000_000
    pages = opened(document.tobytes(), limits=Limits(working_pixels=budget)).pages
    assert sum(page.image.shape[0] * page.image.shape[1] for page in pages) <= budget
    assert {(page.width, page.height) for page in pages} == {(2050, 2900)}
    assert all(page.scale == pytest.approx(page.image.shape[1] / page.width, rel=0.002) for page in pages)


def test_the_stated_resolution_is_that_of_the_picture_on_its_paper(opened: Opener) -> None:
    content = sheet(jpeg(picture(1240, 1754)), size=(595, 842)).tobytes()
    assert opened(content).pages[0].dpi == pytest.approx(150, abs=1)


def test_pages_come_in_order_over_several_files(opened: Opener) -> None:
    scan = opened(scanned(2), jpeg(), scanned(1))
    assert [(page.scan, page.page) for page in scan.pages] == [(0, 0), (0, 1), (1, 0), (2, 0)]


def test_a_part_of_a_damaged_picture_on_a_mixed_page_is_not_taken_for_grey_paper(opened: Opener) -> None:
    half = jpeg(picture(640, 480))
    half = half[: len(half) // 2] + b"\xff\xd9"
    content = pdf_with_image(image_object(640, 480, half, b"/DCTDecode"))
    content = content.replace(b"/I Do Q", b"/I Do Q 0 0 50 50 re f")
    with pytest.raises(InputError) as caught:
        opened(content)
    assert caught.value.code == "file-truncated"
