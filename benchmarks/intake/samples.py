"""A page as a camera sees it: print, handwriting's frequencies and noise, so that files have real sizes."""

from __future__ import annotations

import io
from collections.abc import Iterator

import cv2
import numpy as np
import pillow_heif
import pymupdf
from PIL import Image

pillow_heif.register_heif_opener()
PHONE, LARGE_PHONE, SCAN_300, SCAN_600 = (4032, 3024), (8160, 6144), (2480, 3508), (4961, 7016)


def page(width: int, height: int) -> Image.Image:
    """Lines of dark strokes on paper of uneven brightness, with sensor noise; seed fixed."""
    rng = np.random.default_rng(20181225)
    ink = np.full((height // 4, width // 4), 235, np.uint8)
    for row in range(40, height // 4 - 40, 24):
        for left in range(40, width // 4 - 40, 16):
            points = rng.integers(0, 14, (5, 2)) + np.array([left, row])
            cv2.polylines(ink, [points.astype(np.int32)], False, 40, 1, cv2.LINE_AA)
    picture = cv2.resize(ink, (width, height), interpolation=cv2.INTER_CUBIC).astype(np.int16)
    picture -= np.linspace(0, 40, width).astype(np.int16)
    tile = rng.normal(0, 3, (512, 512)).astype(np.int16)
    picture += np.tile(tile, (height // 512 + 1, width // 512 + 1))[:height, :width]
    grey = np.clip(picture, 0, 255).astype(np.uint8)
    return Image.fromarray(np.dstack([grey, grey, cv2.subtract(grey, 12)]), "RGB")


def uploads() -> Iterator[tuple[str, list[bytes]]]:
    """Names and the files of an upload."""
    phone, scan = page(*PHONE), page(*SCAN_300)
    photograph = _file(phone, "JPEG", quality=88)
    yield "JPEG, 12 megapixels", [photograph]
    yield "JPEG progressive, 12 megapixels", [_file(phone, "JPEG", quality=88, progressive=True)]
    yield "three JPEGs, 12 megapixels each", [photograph] * 3
    yield "JPEG, 50 megapixels", [_file(page(*LARGE_PHONE), "JPEG", quality=80)]
    yield "HEIC, 12 megapixels", [_file(phone, "HEIF", quality=60)]
    yield "WebP, 12 megapixels", [_file(phone, "WEBP", quality=85, method=0)]
    yield "PNG, A4 at 300 dpi", [_file(scan, "PNG", compress_level=1)]
    yield "PNG, A4 at 600 dpi", [_file(page(*SCAN_600), "PNG", compress_level=1)]
    yield "TIFF fax, A4 at 300 dpi, 3 pages", [_fax(scan, 3)]
    yield "PDF, 3 scans at 300 dpi (JPEG)", [_pdf(_file(scan, "JPEG", quality=85), 3)]
    yield "PDF, 1 photograph of 12 megapixels", [_pdf(photograph, 1)]
    yield "PDF, the same under a watermark", [_pdf(photograph, 1, "made with a scanner app")]


def _file(image: Image.Image, kind: str, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)  # type: ignore[arg-type]
    return stream.getvalue()


def _fax(image: Image.Image, pages: int) -> bytes:
    bits = image.convert("L").point(lambda v: 255 * (v > 128)).convert("1")
    return _file(bits, "TIFF", compression="group4", save_all=True, append_images=[bits] * (pages - 1))


def _pdf(content: bytes, pages: int, watermark: str = "") -> bytes:
    document = pymupdf.open()
    for _ in range(pages):
        sheet = document.new_page(width=595, height=842)
        sheet.insert_image(sheet.rect, stream=content, keep_proportion=False)
        if watermark:
            sheet.insert_text((400, 830), watermark, fontsize=9)
    return document.tobytes()
