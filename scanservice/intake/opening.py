"""Bytes to pages: the one way in for what is uploaded."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from scanservice.errors import InputError, Problem
from scanservice.evidence import Scan, ScanPage
from scanservice.intake.client import DecodedImage
from scanservice.intake.kinds import Kind, sniff
from scanservice.intake.limits import Limits
from scanservice.intake.pool import POOL
from scanservice.intake.refusal import Refusal


@dataclass(frozen=True, slots=True)
class ScanFile:
    """A file to open.

    Attributes:
        path: where it lies; chosen by the service, never made from a name that came from outside.
        label: what messages call it: the name its sender knows.
    """

    path: Path
    label: str


def open_scan(files: Sequence[ScanFile], limits: Limits = Limits(), *, isolated: bool = True) -> Scan:  # noqa: B008
    """Decodes an upload: PDF, JPEG, PNG, TIFF, WebP, BMP, GIF and HEIC, in any mixture, told by content.

    Args:
        files: in the order given; at least one.
        limits: what the upload may cost.
        isolated: decode in a confined process of its own (`scanservice.intake.confine`). Without it the
            limits on time and memory do not hold; for tests and for files that are trusted.

    Returns:
        The pages in order. `ScanPage.image` is read-only.

    Raises:
        InputError: the first file that cannot be used: its label, the defect and the remedy.
        DecoderUnavailableError: the decoding process cannot be started; not the input's fault.
    """
    contents = _read_all(files, limits)
    try:
        kinds = [_sniffed(index, content) for index, content in enumerate(contents)]
        if isolated:
            pages = POOL.decode(contents, limits, pdf=Kind.PDF in kinds)
        else:
            pages = _decode_here(contents, limits)
    except Refusal as refusal:
        raise refusal.error(_clean(files[refusal.file or 0].label)) from None
    return Scan(
        tuple(ScanPage(p.file, p.page, p.image, p.width, p.height, p.scale, p.dpi or None) for p in pages),
        tuple(hashlib.sha256(content).hexdigest() for content in contents),
    )


def prepare(*, pdf: bool = False) -> None:
    """Starts the decoding process in the background, for callers who will open a scan soon.

    Args:
        pdf: make it one that takes PDFs (which takes longer to start, and more memory).
    """
    POOL.prepare(pdf=pdf)


def _decode_here(contents: Sequence[bytes], limits: Limits) -> list[DecodedImage]:
    # A process that decodes elsewhere never loads the decoders.
    from scanservice.intake.decode import decode_upload

    pages = []
    for page in decode_upload(contents, limits):
        raster = page.raster
        image = np.frombuffer(b"".join(raster.bands()), dtype=np.uint8).reshape(
            raster.rows, raster.columns, 3
        )
        image.flags.writeable = False
        pages.append(
            DecodedImage(page.file, page.page, raster.width, raster.height, raster.scale, raster.dpi, image)
        )
    return pages


def _sniffed(index: int, content: bytes) -> Kind:
    try:
        return sniff(content)
    except Refusal as refusal:
        raise refusal.at(index) from None


def _read_all(files: Sequence[ScanFile], limits: Limits) -> list[bytes]:
    if not files:
        raise InputError("no-pages", "upload", [Problem("", "it holds no file")])
    if len(files) > limits.files:
        raise InputError(
            "too-many-files", "upload", [Problem("", f"{len(files)} files; at most {limits.files}")]
        )
    contents: list[bytes] = []
    total = 0
    for file in files:
        contents.append(_read(file, min(limits.file_bytes, limits.total_bytes - total)))
        total += len(contents[-1])
    return contents


def _read(file: ScanFile, most: int) -> bytes:
    """Reads a regular file; never waits for a pipe or a device."""
    label = _clean(file.label)
    try:
        descriptor = os.open(file.path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except FileNotFoundError:
        raise InputError("file-missing", label) from None
    except (OSError, ValueError):
        raise InputError("file-unreadable", label) from None
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise InputError("file-unreadable", label, [Problem("", "it is no regular file")])
    with os.fdopen(descriptor, "rb") as stream:
        try:
            content = stream.read(most + 1)
        except OSError:
            raise InputError("file-unreadable", label) from None
    if len(content) > most:
        size = max(status.st_size, len(content))
        raise InputError("file-too-large", label, [Problem("", f"{size} bytes; at most {most} are left")])
    return content


def _clean(label: str) -> str:
    """A label on one line: a file's name may hold line breaks and terminal commands."""
    return "".join(character if character.isprintable() else "?" for character in label)
