"""The second reader: Tesseract's library, called within the process."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest

from scanservice.geometry import Image
from scanservice.verify.preparing import apart
from scanservice.verify.reader import most_read
from scanservice.verify.second_reader import SecondReader, second_reading


def printed(text: str) -> Image:
    line = np.full((60, 22 * len(text) + 20, 3), 255, np.uint8)
    cv2.putText(line, text, (10, 42), cv2.FONT_HERSHEY_SIMPLEX, 1.0, (0, 0, 0), 2, cv2.LINE_AA)
    return line


def test_a_printed_number_is_read() -> None:
    assert second_reading(printed("2019100423"), digits=True, characters="0123456789").text == "2019100423"


def test_what_one_line_may_hold_does_not_bind_the_next() -> None:
    line = printed("NO.2019100423")
    assert second_reading(line, digits=True, characters="0123456789").text.isdigit()
    assert second_reading(line, digits=True).text == "NO.2019100423"


def test_lines_of_several_threads_are_not_mixed_up() -> None:
    numbers = [f"{2019100000 + 1357 * k}" for k in range(8)]
    alone = [second_reading(printed(number), digits=True).text for number in numbers]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda number: second_reading(printed(number), digits=True).text, numbers))
    assert together == alone
    assert len(set(alone)) == len(numbers)


def test_a_model_that_is_not_installed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TESSDATA_PREFIX", str(tmp_path))
    with pytest.raises(OSError, match="chi_sim is not installed"):
        SecondReader("chi_sim")


def test_characters_are_set_apart_at_their_gaps() -> None:
    line = np.full((20, 60, 3), 240, np.uint8)
    line[4:16, 10:20] = line[4:16, 24:34] = 10
    spread = apart(line, gap=1.0)
    assert spread.shape == (20, 80, 3)
    inked = np.flatnonzero((spread < 100).any(axis=(0, 2)))
    assert np.diff(inked).max() == 25
    blank = np.full((20, 60, 3), 240, np.uint8)
    assert apart(blank).shape == blank.shape


@pytest.mark.parametrize(
    ("texts", "chosen"),
    [
        (["W1I8443655", "W1I8443655", "WI8443655"], "W1I8443655"),  # one that holds a number is an accident
        (["W1I8443655", "WI8443655", "WI8443655"], "WI8443655"),
        (["WI8443655", "WI8443656"], "WI8443655"),
        (["W18443655", "W18443655"], "W18443655"),
        (["", "8443655"], None),
    ],
)
def test_the_number_that_most_readings_hold_counts(texts: list[str], chosen: str | None) -> None:
    assert most_read(texts, r"(?P<serial>[A-Z]{2}\d{7})") == chosen
