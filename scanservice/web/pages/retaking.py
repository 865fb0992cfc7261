"""An upload that replaces some pages of an earlier one: the others are taken from what was kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scanservice.intake.dividing import DividingError
from scanservice.service import housekeeping, scans
from scanservice.service.blobs import BlobGoneError
from scanservice.service.links import Link
from scanservice.service.refusals import RefusedError
from scanservice.service.services import Services
from scanservice.web.pages.keeping import compose, second_name
from scanservice.web.pages.student_view import Asked, asked, places_of_pages
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
    made: set[Path] = set()
    try:
        yield Upload(tuple(_whole(services, wanted.scan, wanted, received, made)), received.fields)
    finally:
        for path in made:
            path.unlink(missing_ok=True)


def _whole(
    services: Services, scan: str, wanted: Asked, received: Upload, made: set[Path]
) -> list[SpooledFile]:
    """Args:
    made: takes the paths of files that were made for it.
    """
    spool = housekeeping.spool(services)
    with services.db.read() as tx:
        stored = scans.files_of(tx, scan)
        places = [place.file for place in places_of_pages(tx, scan)]
    given = list(zip(wanted.slots, received.files, strict=True))
    try:
        with services.blobs.files([row.blob_key for row in stored]) as paths:
            kept = [
                SpooledFile(second_name(path, spool), row.sha256, row.size)
                for path, row in zip(paths, stored, strict=True)
            ]
    except BlobGoneError:
        raise RefusedError("pictures-gone", "The earlier pictures are no longer kept.") from None
    made.update(file.path for file in kept)
    news = {slot.replaces: file for slot, file in given if slot.replaces is not None}
    try:
        whole = compose(kept, [places.count(file) for file in range(len(stored))], news, spool)
    except DividingError:
        raise ProblemError("file-damaged") from None
    made.update(file.path for file in whole if file not in received.files)
    return whole + [file for slot, file in given if slot.replaces is None]
