"""How files are taken in, what messages say, and that the limits are kept before anything is decoded."""

from __future__ import annotations

import hashlib
import os
from dataclasses import fields
from pathlib import Path

import cv2
import numpy as np
import pytest

from scanservice.errors import REMEDIES, InputError
from scanservice.intake import Limits, ScanFile, display_jpeg, open_scan
from scanservice.intake.refusal import REASONS, Refusal
from tests.intake.conftest import Opener
from tests.intake.hostile_pdf import scanned
from tests.intake.samples import encoded, exif, jpeg, picture


def refused(opened: Opener, *contents: bytes, limits: Limits = Limits()) -> InputError:  # noqa: B008
    with pytest.raises(InputError) as caught:
        opened(*contents, limits=limits)
    return caught.value


def test_an_upload_without_files_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        open_scan([])
    assert caught.value.code == "no-pages"


def test_too_many_files_are_refused(opened: Opener) -> None:
    assert refused(opened, jpeg(), jpeg(), limits=Limits(files=1)).code == "too-many-files"


@pytest.mark.parametrize("name", ["none.jpg", "folder", "pipe", "nul\0byte"])
def test_what_is_no_readable_file_is_refused_at_once(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError) as caught:
        open_scan([ScanFile(tmp_path / name, "scan.jpg")])
    assert caught.value.code in ("file-missing", "file-unreadable")
    assert caught.value.line().startswith("scan.jpg: ")


def test_the_bytes_of_one_file_and_of_all_are_limited(opened: Opener) -> None:
    size = len(jpeg())
    error = refused(opened, jpeg(), limits=Limits(file_bytes=size - 1))
    assert error.code == "file-too-large"
    assert str(size) in error.line()
    error = refused(opened, jpeg(), jpeg(), limits=Limits(total_bytes=2 * size - 1))
    assert (error.code, error.source) == ("file-too-large", "file 2")
    assert len(opened(jpeg(), jpeg(), limits=Limits(total_bytes=2 * size)).pages) == 2


def test_pages_are_counted_over_all_files(opened: Opener) -> None:
    error = refused(opened, scanned(2), scanned(2), limits=Limits(pages=3))
    assert (error.code, error.source) == ("too-many-pages", "file 2")
    assert "4 pages; at most 3" in error.line()


def test_an_error_names_the_file_and_the_page(opened: Opener) -> None:
    good = picture(200, 200)
    tiff = encoded(good, "TIFF", save_all=True, append_images=[picture(300, 200)])
    error = refused(opened, jpeg(good), tiff, limits=Limits(side=299))
    assert error.line() == (
        "file 2: picture-too-large: 300 x 200 pixels; at most 299 along an edge "
        "(scan at a lower resolution; 300 dpi is plenty)"
    )


def test_a_label_cannot_break_the_line(tmp_path: Path) -> None:
    path = tmp_path / "0"
    path.write_bytes(b"")
    with pytest.raises(InputError) as caught:
        open_scan([ScanFile(path, "a\nb\x1b[2Jc\u202e.pdf")])
    assert caught.value.line().startswith("a?b?[2Jc?.pdf: file-empty")


def test_the_name_of_a_file_means_nothing(tmp_path: Path) -> None:
    path = tmp_path / "agreement.pdf"
    path.write_bytes(jpeg())
    assert len(open_scan([ScanFile(path, "agreement.pdf")]).pages) == 1


def test_hashes_are_those_of_the_files(opened: Opener) -> None:
    contents = [jpeg(), encoded(picture(), "PNG")]
    assert opened(*contents).input_sha256 == tuple(hashlib.sha256(c).hexdigest() for c in contents)


def test_the_same_upload_gives_the_same_pixels(opened: Opener) -> None:
    content = scanned(2)
    first, second = opened(content), opened(content)
    for one, other in zip(first.pages, second.pages, strict=True):
        assert np.array_equal(one.image, other.image)


def test_usual_scans_are_within_the_limits(opened: Opener) -> None:
    for width, height in ((4032, 3024), (8160, 6144), (4961, 7016)):
        (page,) = opened(jpeg(picture().resize((width, height)), quality=70)).pages
        assert (page.width, page.height) == (width, height)
        assert max(page.image.shape) >= Limits().enough_side
        assert max(page.image.shape) < 2 * Limits().enough_side


def test_every_reason_has_an_error_with_a_remedy() -> None:
    for reason, (code, text) in REASONS.items():
        assert code in REMEDIES
        line = Refusal(reason, (1, 2, 3)).error("scan.pdf").line()
        assert text.format(1, 2, 3) in line


@pytest.mark.parametrize("name", [field.name for field in fields(Limits)])
def test_a_limit_must_be_a_positive_number(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        Limits(**{name: 0})


def test_what_is_shown_has_no_metadata_and_no_more_pixels_than_asked(opened: Opener) -> None:
    content = jpeg(picture(800, 600), exif=exif(1), comment=b"31.2304N 121.4737E")
    (page,) = opened(content).pages
    shown = display_jpeg(page.image, max_side=400)
    assert b"Exif" not in shown
    assert b"31.2304N" not in shown
    assert cv2.imdecode(np.frombuffer(shown, np.uint8), cv2.IMREAD_COLOR).shape == (300, 400, 3)
    small = display_jpeg(page.image[:100, :50], max_side=400)
    assert cv2.imdecode(np.frombuffer(small, np.uint8), cv2.IMREAD_COLOR).shape == (100, 50, 3)
