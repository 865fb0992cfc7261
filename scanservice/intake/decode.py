"""One upload, from bytes to decoded pages: the work of the decoding process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from scanservice.intake.kinds import Kind, sniff
from scanservice.intake.limits import Limits
from scanservice.intake.pictures import Document, open_picture
from scanservice.intake.raster import Raster
from scanservice.intake.refusal import Refusal


@dataclass(frozen=True, eq=False)
class DecodedPage:
    file: int
    page: int
    raster: Raster


def decode_upload(
    files: Sequence[bytes], limits: Limits, begun: Callable[[int], None] = lambda file: None
) -> Iterator[DecodedPage]:
    """Decodes the pages of an upload in order, one at a time.

    All files are opened and measured before the first page is decoded, so that what is beyond a limit
    is refused early, and so that the pages can share `limits.working_pixels`.

    Args:
        begun: called with a file's index before it is opened, and again before its pages are decoded.

    Raises:
        Refusal: with the file's index, for the first file that cannot be used.
    """
    documents: list[Document] = []
    for number, data in enumerate(files):
        begun(number)
        with _located(limits, number):
            documents.append(_open(data, limits))
            total = sum(len(document.sizes) for document in documents)
            if not documents[-1].sizes:
                raise Refusal("no-pages")
            if total > limits.pages:
                raise Refusal("pages", (total, limits.pages))
    most_pixels = fair_share(
        [_working_size(size, limits) for document in documents for size in document.sizes],
        limits.working_pixels,
    )
    for number, document in enumerate(documents):
        begun(number)
        for page in range(len(document.sizes)):
            with _located(limits, number, page if len(document.sizes) > 1 else None):
                raster = document.page(page, most_pixels)
            yield DecodedPage(number, page, raster)


def fair_share(sizes: Sequence[int], budget: int) -> int:
    """The largest bound c for which the sum of min(size, c) over all sizes stays within the budget."""
    remaining, ordered = budget, sorted(sizes)
    for index, size in enumerate(ordered):
        share = remaining // (len(ordered) - index)
        if size > share:
            return max(1, share)
        remaining -= size
    return ordered[-1]


def _working_size(size: tuple[int, int], limits: Limits) -> int:
    """Pixels after reduction; JPEG reduces by powers of two only, so this may be an underestimate for it."""
    factor = max(1, max(size) // limits.enough_side)
    power = max(p for p in (1, 2, 4, 8) if p <= factor)
    return -(-size[0] // power) * -(-size[1] // power)


def _open(data: bytes, limits: Limits) -> Document:
    kind = sniff(data)
    if kind is Kind.PDF:
        # MuPDF takes half a second to load: only a process that was started for PDFs has it.
        from scanservice.intake.pdf import PdfDocument

        return PdfDocument(data, limits)
    return open_picture(kind, data, limits)


@contextmanager
def _located(limits: Limits, file: int, page: int | None = None) -> Iterator[None]:
    """Adds the place to a refusal, and makes one of memory that ran out."""
    try:
        yield
    except Refusal as refusal:
        raise refusal.at(file, page) from None
    except MemoryError:
        raise Refusal("memory", (limits.memory_mb,), file, page) from None
