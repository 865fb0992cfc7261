"""Whatever is sent, it ends as pages or as one clear error, within the limits, and the next scan works."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from scanservice.errors import REMEDIES, InputError
from scanservice.intake import Limits
from tests.intake.conftest import Opener
from tests.intake.hostile import PAGES, Hostile, corpus
from tests.intake.samples import UPRIGHT, corners, jpeg

LIMITS = Limits(pixels=30_000_000, cpu_seconds=2, wall_seconds=6, memory_mb=400)
CORPUS = tuple(corpus())


def test_the_corpus_has_no_name_twice() -> None:
    assert len({file.name for file in CORPUS}) == len(CORPUS)
    assert all(file.outcomes <= {PAGES, *REMEDIES} for file in CORPUS)


@pytest.mark.parametrize("file", CORPUS, ids=lambda file: file.name)
def test_a_hostile_file_ends_in_pages_or_a_clear_error(opened: Opener, file: Hostile) -> None:
    start = time.monotonic()
    try:
        scan = opened(file.content, limits=LIMITS)
        outcome = PAGES
        assert sum(page.image.size for page in scan.pages) <= 3 * LIMITS.working_pixels
    except InputError as error:
        outcome = error.code
        assert error.line().startswith("file 1: ")
        assert "\n" not in error.line()
        assert error.remedy in error.line()
    assert outcome in file.outcomes
    assert time.monotonic() - start < LIMITS.wall_seconds + 10


@pytest.fixture(scope="module", autouse=True)
def no_memory_is_lost() -> Iterator[None]:
    """The service's own memory does not grow with what hostile files unpack to."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 350_000, f"grew by {grown} kB"


def test_after_hostile_files_the_next_scan_is_as_ever(opened: Opener) -> None:
    bomb = next(file for file in CORPUS if file.name == "content-bomb.pdf")
    for _ in range(2):
        with pytest.raises(InputError):
            opened(bomb.content, limits=Limits(cpu_seconds=1, memory_mb=100))
    assert corners(opened(jpeg()).pages[0].image) == UPRIGHT


def test_the_corpus_can_be_written(tmp_path: Path) -> None:
    """Names are plain file names, so that the maker can write them anywhere."""
    assert all(Path(file.name).name == file.name for file in CORPUS)
