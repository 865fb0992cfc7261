"""The parts of the registration, each by its own property."""

from __future__ import annotations

import numpy as np

from scanservice.detect.features import ratio_matches
from scanservice.detect.inkmap import ink_map, light, reduced
from scanservice.detect.kinship import find_kin
from scanservice.detect.prints import find_glyphs
from scanservice.detect.register import plausible
from scanservice.detect.smooth import design, doubt, fit_displacement, grid_shape
from scanservice.geometry import Box, PageMap
from scanservice.template import Page, Region

SIZE = (210.0, 297.0)


def bend(points: np.ndarray) -> np.ndarray:
    """A smooth displacement of up to 3 mm."""
    x, y = points[:, 0] / 210, points[:, 1] / 297
    return np.stack([3 * np.sin(2 * x + y) * x, 2 * np.cos(3 * y) * y], axis=1)


def isotropic(points: np.ndarray, offsets: np.ndarray, sigma: float) -> tuple[np.ndarray, np.ndarray]:
    confidence = np.full(len(points), 1 / sigma**2)
    return np.stack([confidence, np.zeros_like(confidence), confidence], axis=1), confidence[
        :, None
    ] * offsets


def test_a_smooth_displacement_is_recovered() -> None:
    rng = np.random.default_rng(1)
    points = rng.uniform((0, 0), SIZE, (400, 2))
    measured = design(points, SIZE, grid_shape(SIZE, 10.0))
    noisy = bend(points) + rng.normal(0, 0.1, (400, 2))
    fitted = PageMap(SIZE, np.eye(3), fit_displacement(measured, *isotropic(points, noisy, 0.1), 0.2))
    places = rng.uniform((15, 15), (195, 282), (200, 2))
    off = np.linalg.norm(fitted.displaced(places) - places - bend(places), axis=1)
    assert np.quantile(off, 0.95) < 0.15


def test_lines_inform_across_themselves_only() -> None:
    """Windows on upright lines fix x, those on level lines y; what they say along themselves is nonsense."""
    rng = np.random.default_rng(2)
    points = rng.uniform((0, 0), SIZE, (600, 2))
    upright = rng.random(600) < 0.5
    information = np.zeros((600, 3))
    information[upright, 0] = information[~upright, 2] = 100.0
    measured = bend(points)
    measured[upright, 1] = rng.uniform(-9, 9, upright.sum())
    measured[~upright, 0] = rng.uniform(-9, 9, (~upright).sum())
    moments = information[:, [0, 2]] * measured
    where = design(points, SIZE, grid_shape(SIZE, 10.0))
    fitted = PageMap(SIZE, np.eye(3), fit_displacement(where, information, moments, 0.2))
    off = np.linalg.norm(fitted.displaced(points) - points - bend(points), axis=1)
    assert np.quantile(off, 0.95) < 0.15


def test_doubt_grows_away_from_measurements() -> None:
    points = np.random.default_rng(3).uniform((20, 20), (100, 100), (200, 2))
    information, _ = isotropic(points, points, 0.1)
    places = np.array([(60.0, 60.0), (120.0, 120.0), (200.0, 280.0)])
    measured = design(points, SIZE, grid_shape(SIZE, 10.0))
    near, outside, far = doubt(measured, information, SIZE, 0.1, places)
    assert near < 0.1 < outside < far


def test_ambiguous_features_match_nothing() -> None:
    products = np.array([[0.9, 0.5, 0.4], [0.9, 0.89, 0.1]], np.float32)
    rows, columns = ratio_matches(products)
    assert (rows.tolist(), columns.tolist()) == ([0], [0])


def test_no_camera_sees_a_page_mirrored() -> None:
    assert plausible(np.diag([8.0, 8.0, 1.0]), SIZE)
    assert not plausible(np.array([[-8.0, 0, 1680], [0, 8.0, 0], [0, 0, 1]]), SIZE)
    assert not plausible(np.array([[8.0, 0, 0], [0, 8.0, 0], [-0.004, 0, 1]]), SIZE)


def test_ink_does_not_depend_on_the_light() -> None:
    page = np.full((400, 300), 240, np.uint8)
    page[100:103, 40:260] = 40
    shaded = (page * np.linspace(0.4, 1.0, 300)[None]).astype(np.uint8)
    bright, dark = ink_map(page, 4.0), ink_map(shaded, 4.0)
    assert abs(int(bright[101, 60]) - int(dark[101, 60])) < 20
    assert dark[200:, 40:260].max() < 30


def test_red_ink_vanishes_in_red_light() -> None:
    image = np.full((40, 40, 3), 255, np.uint8)
    image[10:20] = (60, 60, 250)
    assert light(image, "red").min() > 240
    assert light(image, "green").min() < 70


def test_reduction_says_its_exact_scale() -> None:
    small, scale = reduced(np.zeros((1001, 777), np.uint8), 500)
    assert small.shape == (500, 388)
    assert scale == 388 / 777


def glyph_page() -> np.ndarray:
    """Six glyphs of 4 mm in a row, a rule of a table under them; at 6 dots per mm."""
    ink = np.zeros((300, 600), np.uint8)
    for number in range(6):
        left = 60 + 30 * number
        ink[60:84, left : left + 3] = ink[60:63, left : left + 24] = ink[72:75, left : left + 24] = 255
    ink[120:122, 30:570] = 255
    return ink


def test_glyphs_are_found_and_rules_are_not() -> None:
    region = Region(id="title", kind="print", box=Box(9, 9, 24, 15))
    contested = Region(id="seal", kind="seal", box=Box(24, 5, 60, 20), owner="school")
    page = Page(page=1, name="one", regions=(region, contested))
    glyphs = find_glyphs(glyph_page(), 6.0, page)
    assert len(glyphs) == 6
    assert glyphs.names == ("title",)
    assert glyphs.regions.tolist().count(0) == 3
    assert glyphs.contested.sum() == 3
    assert glyphs.boxes[:, 3].max() < 15


def test_kin_pages_differ_where_one_glyph_differs() -> None:
    ink, page = glyph_page(), Page(page=1, name="one")
    other = ink.copy()
    other[60:84, 120:144] = np.rot90(ink[60:84, 120:144])
    boxes = [find_glyphs(image, 6.0, page).boxes for image in (ink, other)]
    kin = find_kin([ink, other], boxes, [(100.0, 50.0)] * 2, 6.0)
    assert [round(float(boxes[0][index][0])) for index in kin[0, 1]] == [20]
    assert len(kin[1, 0]) == 1


def test_what_is_left_of_a_rule_is_no_run_of_glyphs() -> None:
    ink = np.zeros((120, 200), np.uint8)
    ink[20, 30:70] = 255
    ink[60:90, 100] = 255
    found = find_glyphs(ink, 6.0, Page(page=1, name="one"))
    assert (found.boxes[:, 2] > found.boxes[:, 0]).all()
    assert (found.boxes[:, 3] > found.boxes[:, 1]).all()
