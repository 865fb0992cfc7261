"""A PDF into PDFs of some of its pages, each as it was: nothing is decoded or drawn.

The file is read by a process of its own that gives up everything but computing first, as for decoding
(`confine`). It is seldom needed, so that none is kept waiting. Run as
`python -m scanservice.intake.dividing LIMITS FIRST-LAST ...`, the file at its input, by `divide_pdf` alone.
"""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import scanservice
from scanservice.intake.confine import confine
from scanservice.intake.limits import Limits

Run = tuple[int, int]
"""Pages from the first to the last of a run, both included, counted from 0."""
PDF_START = b"%PDF-"
_LENGTH = struct.Struct("!Q")


class DividingError(Exception):
    """The file could not be divided; it holds nothing of the file's content."""


def may_be_divided(path: Path) -> bool:
    """Whether a file is a PDF as most programs write them."""
    with path.open("rb") as file:
        return file.read(len(PDF_START)) == PDF_START


def divide_pdf(path: Path, runs: Sequence[Run], limits: Limits) -> list[bytes]:
    """One PDF for each run of pages. Raises DividingError."""
    command = [sys.executable, "-s", "-B", "-m", __name__, limits.pack().hex()]
    environment = {
        "PYTHONPATH": str(Path(scanservice.__file__).parent.parent),
        "LANG": "C.UTF-8",
        "OMP_NUM_THREADS": "1",
    }
    with path.open("rb") as file:
        try:
            done = subprocess.run(
                [*command, *(f"{first}-{last}" for first, last in runs)],
                stdin=file, capture_output=True, env=environment, cwd="/", timeout=limits.wall_seconds,
                start_new_session=True, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise DividingError("time") from None
    if done.returncode != 0:
        raise DividingError(f"status {done.returncode}")
    parts, left = [], done.stdout
    while len(left) >= _LENGTH.size:
        end = _LENGTH.size + _LENGTH.unpack_from(left)[0]
        parts.append(left[_LENGTH.size : end])
        left = left[end:]
    if len(parts) != len(runs) or left:
        raise DividingError("answer")
    return parts


def main() -> int:
    """The child's whole life."""
    import pymupdf

    limits = Limits.unpack(bytes.fromhex(sys.argv[1]))
    runs = [tuple(int(page) for page in run.split("-")) for run in sys.argv[2:]]
    data = sys.stdin.buffer.read(limits.file_bytes)
    pymupdf.TOOLS.mupdf_display_errors(False)
    pymupdf.TOOLS.mupdf_display_warnings(False)
    confine(limits)
    answer = bytearray()
    with pymupdf.open(stream=data, filetype="pdf") as document:
        for first, last in runs:
            if not 0 <= first <= last < document.page_count:
                return 1
            with pymupdf.open() as part:
                part.insert_pdf(document, from_page=first, to_page=last, links=False)
                pdf = part.tobytes(garbage=3)
            answer += _LENGTH.pack(len(pdf)) + pdf
    left = memoryview(answer)
    while left:
        left = left[os.write(1, left) :]
    return 0


if __name__ == "__main__":
    sys.exit(main())
