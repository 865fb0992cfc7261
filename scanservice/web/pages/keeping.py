"""What stays of an earlier upload when some of its pages are taken again, and what becomes of the two."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from scanservice.intake import Limits
from scanservice.intake.dividing import Run, divide_pdf, may_be_divided
from scanservice.service import scans
from scanservice.service.blobs import BlobGoneError
from scanservice.service.database import Tx
from scanservice.service.services import Services
from scanservice.web.uploads import SpooledFile


@dataclass(frozen=True, slots=True)
class Part:
    """A file of an upload, or where `page` is not None that one of its pages; both count from 0."""

    file: int
    page: int | None = None


def divisible(tx: Tx, services: Services, scan: str, file: int, taken_again: int) -> bool:
    """Whether pages of an upload's file can be kept without the others.

    Args:
        taken_again: how many pages are replaced; each may split its file in three.
    """
    stored = scans.files_of(tx, scan)
    if len(stored) + 2 * taken_again > services.settings.max_files:
        return False
    try:
        with services.blobs.files([stored[file].blob_key]) as paths:
            return may_be_divided(paths[0])
    except BlobGoneError:
        return False


def compose(
    kept: Sequence[SpooledFile], pages: Sequence[int], news: Mapping[Part, SpooledFile], spool: Path
) -> list[SpooledFile]:
    """An upload's files with some parts replaced, the rest byte for byte or page for page as it was.

    Args:
        pages: how many each file has.

    Raises DividingError.
    """
    whole: list[SpooledFile] = []
    for file, (old, count) in enumerate(zip(kept, pages, strict=True)):
        in_place = [news.get(Part(file, page)) for page in range(count)]
        if Part(file) in news:
            whole.append(news[Part(file)])
        elif not any(in_place):
            whole.append(old)
        else:
            whole += _replaced(old, in_place, spool)
    return whole


def _replaced(old: SpooledFile, in_place: Sequence[SpooledFile | None], spool: Path) -> list[SpooledFile]:
    pieces: list[SpooledFile | Run] = []
    for page, new in enumerate(in_place):
        last = pieces[-1] if pieces else None
        if new is not None:
            pieces.append(new)
        elif isinstance(last, tuple):
            pieces[-1] = last[0], page
        else:
            pieces.append((page, page))
    runs = [piece for piece in pieces if isinstance(piece, tuple)]
    parts = iter(divide_pdf(old.path, runs, Limits()))
    return [_spooled(next(parts), spool) if isinstance(piece, tuple) else piece for piece in pieces]


def _spooled(data: bytes, spool: Path) -> SpooledFile:
    path = new_path(spool)
    path.write_bytes(data)
    return SpooledFile(path, hashlib.sha256(data).hexdigest(), len(data))


def new_path(spool: Path) -> Path:
    return spool / f"up-{secrets.token_hex(16)}"


def second_name(path: Path, spool: Path) -> Path:
    """The file under another name too, so that the upload which takes that away leaves the first."""
    other = new_path(spool)
    try:
        os.link(path, other)
    except OSError:
        shutil.copyfile(path, other)
    return other
