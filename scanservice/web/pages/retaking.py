"""An upload that replaces some files of an earlier one: the others are taken from what was kept."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scanservice.service import scans
from scanservice.service.blobs import BlobGoneError
from scanservice.service.links import Link
from scanservice.service.refusals import RefusedError
from scanservice.service.services import Services
from scanservice.web.pages.student_view import asked
from scanservice.web.problems import ProblemError
from scanservice.web.uploads import SpooledFile, Upload

FIELD = "again"
"""A form's field whose value `pages` says that the files are the pages asked for, in their order."""


@contextmanager
def with_kept_files(services: Services, link: Link, received: Upload) -> Iterator[Upload]:
    """The whole upload: as received, or the earlier one with the pages that were asked for replaced.

    Raises:
        ProblemError: `request-invalid` where the files are not as many as the pages asked for.
        RefusedError: `pictures-gone` where the earlier ones are no longer kept.
    """
    if received.fields.get(FIELD) != b"pages":
        yield received
        return
    with services.db.read() as tx:
        wanted = asked(tx, services, link, "zh-CN")
        if wanted.scan is None or len(received.files) != len(wanted.slots):
            raise ProblemError("request-invalid")
        stored = scans.files_of(tx, wanted.scan)
    with tempfile.TemporaryDirectory(prefix="again-") as folder:
        replaced = {slot.replaces for slot in wanted.slots}
        try:
            files: list[SpooledFile | None] = [
                None
                if row.position in replaced
                else SpooledFile(services.blobs.local(row.blob_key, Path(folder)), row.sha256, row.size)
                for row in stored
            ]
        except BlobGoneError:
            raise RefusedError("pictures-gone", "The earlier pictures are no longer kept.") from None
        for slot, file in zip(wanted.slots, received.files, strict=True):
            if slot.replaces is None:
                files.append(file)
            else:
                files[slot.replaces] = file
        yield Upload(tuple(file for file in files if file is not None), received.fields)
