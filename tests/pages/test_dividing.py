"""Pages taken out of a PDF as they are."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pymupdf
import pytest
from PIL import Image

from scanservice.intake import Limits
from scanservice.intake.dividing import DividingError, divide_pdf, may_be_divided


@pytest.fixture
def photographs(tmp_path: Path) -> tuple[Path, list[bytes]]:
    """A PDF of three photographs, and the JPEG of each."""
    pictures = []
    with pymupdf.open() as document:
        for seed in range(3):
            noise = np.random.default_rng(seed).integers(0, 256, (120, 90, 3), np.uint8)
            data = io.BytesIO()
            Image.fromarray(noise).save(data, "JPEG")
            pictures.append(data.getvalue())
            document.new_page(width=90, height=120).insert_image((0, 0, 90, 120), stream=data.getvalue())
        document.save(tmp_path / "scan.pdf")
    return tmp_path / "scan.pdf", pictures


def streams(pdf: bytes) -> list[bytes]:
    with pymupdf.open(stream=pdf, filetype="pdf") as document:
        return [document.xref_stream_raw(image[0]) or b"" for page in document for image in page.get_images()]


def test_pictures_stay_byte_for_byte(photographs: tuple[Path, list[bytes]]) -> None:
    path, pictures = photographs
    assert may_be_divided(path)
    first, rest = divide_pdf(path, [(0, 0), (1, 2)], Limits())
    assert streams(first) == pictures[:1]
    assert streams(rest) == pictures[1:]
    assert len(first) < path.stat().st_size / 2


@pytest.mark.parametrize("runs", [[(0, 3)], [(2, 1)], [(7, 7)]])
def test_pages_that_are_not_there(photographs: tuple[Path, list[bytes]], runs: list[tuple[int, int]]) -> None:
    with pytest.raises(DividingError):
        divide_pdf(photographs[0], runs, Limits())


def test_what_is_no_pdf(tmp_path: Path) -> None:
    path = tmp_path / "scan.pdf"
    path.write_bytes(b"%PDF-1.7\n" + bytes(1000))
    with pytest.raises(DividingError):
        divide_pdf(path, [(0, 0)], Limits())
