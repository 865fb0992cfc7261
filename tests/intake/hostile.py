"""A corpus of files made to hurt, and of odd ones that are sound: `python -m tests.intake.hostile DIR`.

Every file names what may come of it: pages, or the codes of the errors with which it may be refused.
Nothing here was taken from anywhere; all is put together from the formats' specifications.
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.intake.hostile_pdf import pdf_files
from tests.intake.hostile_pdf_images import active_pdf_files, pdf_image_files
from tests.intake.hostile_pictures import other_files, picture_files
from tests.intake.hostile_png import png_files
from tests.intake.hostile_structures import structure_files

PAGES = "pages"
_PARTS = (
    picture_files,
    png_files,
    pdf_files,
    pdf_image_files,
    active_pdf_files,
    other_files,
    structure_files,
)


@dataclass(frozen=True)
class Hostile:
    """A file and its allowed outcomes: `PAGES` or error codes."""

    name: str
    content: bytes
    outcomes: frozenset[str]


def corpus() -> Iterator[Hostile]:
    """The whole corpus, always the same; names are unique."""
    for name, content, *outcomes in itertools.chain(*(files() for files in _PARTS)):
        yield Hostile(name, content, frozenset(outcomes))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path)
    directory = parser.parse_args().directory
    directory.mkdir(parents=True, exist_ok=True)
    for file in corpus():
        (directory / file.name).write_bytes(file.content)


if __name__ == "__main__":
    main()
