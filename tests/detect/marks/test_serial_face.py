"""Numbers of one paper's pages are printed in one face."""

from __future__ import annotations

import cv2
import numpy as np

from scanservice.detect.regionink import RegionInk
from scanservice.detect.serialface import glyphs_of, likeness, other_faces
from scanservice.geometry import Box, FloatArray

PLAIN, SERIFS = cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_TRIPLEX


def number(text: str, face: int, blur: float = 1.0) -> list[tuple[float, FloatArray]]:
    plane = np.zeros((60, 360), np.uint8)
    for index, digit in enumerate(text):
        cv2.putText(plane, digit, (10 + 26 * index, 45), face, 1.0, (200,), 2, cv2.LINE_AA)
    plane = cv2.GaussianBlur(plane, (0, 0), blur)
    ink = RegionInk(slice(0, 60), slice(0, 360), Box(0, 0, 45, 7.5), plane > 26)
    return glyphs_of(ink, plane)


def test_one_face_is_like_itself_though_the_numbers_differ() -> None:
    assert len(number("2019100423", PLAIN)) == 10
    found = likeness(number("2019100423", PLAIN), number("2019104103", PLAIN, blur=1.4))
    assert found is not None
    assert found > 0.9


def test_another_face_is_told() -> None:
    pages = {"cover": number("2019100423", PLAIN), "agreement": number("2019100423", SERIFS)}
    assert other_faces(pages) == {"cover", "agreement"}


def test_of_three_the_odd_one_is_named() -> None:
    pages = {
        "a": number("2019100423", PLAIN),
        "b": number("2019100423", SERIFS),
        "c": number("2019100423", PLAIN, blur=1.3),
    }
    assert other_faces(pages) == {"b"}


def test_nothing_is_said_of_too_few_glyphs() -> None:
    assert likeness(number("20", PLAIN), number("2019100423", SERIFS)) is None
    assert other_faces({"a": number("2019100423", PLAIN)}) == frozenset()
