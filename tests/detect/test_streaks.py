"""Lines that dust on a scanner's glass draws."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from scanservice import detect
from scanservice.check import Checker
from scanservice.detect import without_streaks
from scanservice.evidence import Layout, Scan, ScanPage
from scanservice.geometry import Image
from scanservice.locations import default_templates
from scanservice.template import load_templates

HEIGHT, WIDTH = 1170, 830


def scan(image: Image) -> Scan:
    return Scan((ScanPage(0, 0, image, image.shape[1], image.shape[0]),), ("0" * 64,))


def cleaned(image: Image) -> Image:
    return without_streaks(scan(image)).pages[0].image


def sheet(seed: int = 0) -> Image:
    """A scanned form: grain, a table's rules, writing."""
    rng = np.random.default_rng(seed)
    page = np.full((HEIGHT, WIDTH, 3), 243, np.uint8)
    for x in (80, 300, 310, 700):
        cv2.line(page, (x, 150), (x, 1000), (30, 30, 30), 2)
    for row in range(160, 1000, 40):
        cv2.line(page, (80, row), (700, row), (30, 30, 30), 2)
        for column in range(100, 680, 22):
            cv2.line(page, (column, row + 10), (column + 9, row + 30), (120, 50, 40), 2)
    return np.clip(page + rng.normal(0, 2, page.shape), 0, 255).astype(np.uint8)


def dusted(page: Image, columns: dict[int, tuple[float, float, float]]) -> Image:
    seen = page.astype(np.float32)
    for x, left in columns.items():
        seen[:, x : x + 2] *= np.array(left)
    _, packed = cv2.imencode(".jpg", np.clip(seen, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 90])
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)


def off(image: Image, page: Image) -> float:
    """The worst column's mean error, grey values."""
    return float(np.abs(image.astype(int) - page).mean(axis=(0, 2)).max())


DUST = {205: (0.7, 0.9, 0.8), 420: (0.85, 0.6, 0.95), 640: (1.05, 1.05, 0.8)}


@pytest.mark.parametrize("lying", [False, True])
def test_lines_of_dust_are_given_back_what_they_took(lying: bool):
    page = sheet()
    seen = dusted(page, DUST)
    if lying:
        page, seen = (np.ascontiguousarray(one.transpose(1, 0, 2)) for one in (page, seen))
    before = seen.copy()
    found = cleaned(seen)
    axis = np.abs(found.astype(int) - page).mean(axis=(1, 2) if lying else (0, 2))
    assert off(dusted(sheet(), DUST), sheet()) > 30
    assert axis.max() < 8
    assert not found.flags.writeable
    assert (seen == before).all(), "the picture that is shown stays as it was sent"


def test_a_page_without_dust_is_the_same_object():
    given = scan(dusted(sheet(), {}))
    assert without_streaks(given) is given


@pytest.mark.parametrize(
    ("begin", "end"),
    [((205, 60), (205, HEIGHT)), ((205, 0), (209, HEIGHT)), ((205, 0), (205, 3 * HEIGHT // 4))],
    ids=["not-from-the-edge", "slanting", "ends-on-the-page"],
)
def test_what_is_drawn_on_the_paper_stays(begin: tuple[int, int], end: tuple[int, int]):
    page = sheet()
    cv2.line(page, begin, end, (60, 60, 60), 2)
    given = scan(page)
    assert without_streaks(given) is given


def test_a_table_s_grain_around_a_photographed_sheet_is_no_dust():
    page = sheet()
    grain = 120 + 60 * np.sin(np.arange(WIDTH) / 1.7)[None, :, None] * np.ones((1, 1, 3))
    page[:60] = page[-60:] = grain.astype(np.uint8)
    given = scan(page)
    assert without_streaks(given) is given


@pytest.mark.parametrize("shape", [(40, 40), (3, 900), (900, 3), (1, 1)])
def test_tiny_pictures_have_no_lines(shape: tuple[int, int]):
    given = scan(np.full((*shape, 3), 240, np.uint8))
    assert without_streaks(given) is given


def test_one_page_of_several_is_cleaned():
    clean, dusty = dusted(sheet(), {}), dusted(sheet(1), DUST)
    pages = tuple(ScanPage(index, 0, image, WIDTH, HEIGHT) for index, image in enumerate((clean, dusty)))
    found = without_streaks(Scan(pages, ("0" * 64, "1" * 64)))
    assert found.pages[0] is pages[0]
    assert off(found.pages[1].image, sheet(1)) < 8


def test_a_check_seeks_the_form_in_the_cleaned_picture(monkeypatch: pytest.MonkeyPatch):
    sought: list[Scan] = []

    def find(seen: Scan, library: detect.Library) -> Layout:
        sought.append(seen)
        return really(seen, library)

    really = detect.find
    monkeypatch.setattr(detect, "find", find)
    given = scan(dusted(sheet(), DUST))
    Checker(load_templates(default_templates())).see(given, None)
    assert off(given.pages[0].image, sheet()) > 30
    assert off(sought[0].pages[0].image, sheet()) < 8
