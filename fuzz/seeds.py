"""Small files of every kind and variant, from which the fuzzer starts."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pillow_heif
import pymupdf
from PIL import Image, ImageDraw

from scanservice.intake import wire
from scanservice.intake.wire import Message, Tag
from tests.intake.hostile_structures import structure_files

pillow_heif.register_heif_opener()
_SIZE = (96, 80)
_ENDINGS = {"jpeg": "jpg", "tiff": "tif"}
_LONGEST_BROKEN = 20_000
"""Bytes of a broken file that is worth starting from: longer ones are slow to change."""


def seeds(kind: str) -> Iterator[bytes]:
    """The seeds of a kind: of `jpeg`, `png`, `tiff`, `webp`, `bmp`, `gif`, `heic`, `pdf`, `answers`; after
    the sound ones those whose structure is out of joint already."""
    yield from _sound(kind)
    for name, content, *_ in structure_files():
        if name.endswith(f".{_ENDINGS.get(kind, kind)}") and len(content) <= _LONGEST_BROKEN:
            yield content


def _sound(kind: str) -> Iterator[bytes]:
    colour = Image.new("RGB", _SIZE, "white")
    ImageDraw.Draw(colour).ellipse((20, 10, 70, 60), outline="red", width=3)
    grey, palette, bits = colour.convert("L"), colour.quantize(16), colour.convert("1")
    if kind == "jpeg":
        yield from (_file(colour, "JPEG", progressive=p, restart_marker_blocks=p * 3) for p in (0, 1))
        yield from (_file(grey, "JPEG"), _file(colour.convert("CMYK"), "JPEG"))
    elif kind == "png":
        yield from (_file(image, "PNG") for image in (colour, grey, palette, bits, colour.convert("RGBA")))
    elif kind == "tiff":
        yield from (_file(bits, "TIFF", compression=c) for c in ("group3", "group4", "raw"))
        names = ("tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg")
        yield from (_file(colour, "TIFF", compression=c) for c in names)
        yield _file(grey, "TIFF", save_all=True, append_images=[palette])
    elif kind == "webp":
        yield from (_file(colour, "WEBP", lossless=lossless) for lossless in (False, True))
        yield _file(colour.convert("RGBA"), "WEBP")
    elif kind in ("bmp", "gif"):
        yield from (_file(image, kind.upper()) for image in (palette, bits, grey))
    elif kind == "heic":
        yield _file(colour, "HEIF", quality=50)
        yield _file(colour.convert("RGBA"), "HEIF", quality=-1)
    elif kind == "pdf":
        yield from _pdfs(colour, bits)
    else:
        page = Message(Tag.PAGE, numbers=(10, 10, 10, 10)).pack()
        yield page + Message(Tag.DONE).pack()
        yield Message(Tag.REFUSED, numbers=(3, 0, 0, 0), page=wire.WHOLE_FILE).pack()


def _file(image: Image.Image, kind: str, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)  # type: ignore[arg-type]
    return stream.getvalue()


def _pdfs(colour: Image.Image, bits: Image.Image) -> Iterator[bytes]:
    pictures = (_file(colour, "JPEG"), _file(colour, "PNG"), _file(colour, "JPEG2000"), _file(bits, "TIFF"))
    for content in pictures:
        document = pymupdf.open()
        page = document.new_page(width=96, height=80)
        page.insert_image(page.rect, stream=content)
        yield document.tobytes()
    document = pymupdf.open()
    page = document.new_page(width=96, height=80)
    page.insert_text((10, 40), "text")
    page.draw_circle((40, 40), 20)
    page.add_rect_annot(pymupdf.Rect(5, 5, 30, 30))
    yield document.tobytes()
    yield document.tobytes(deflate=True, garbage=3)
