import cv2
import numpy as np
import pytest

from scanservice.geometry import Box, PageMap

TILTED = np.array([[7.8, 0.6, 40.0], [-0.4, 8.1, 90.0], [1e-4, -5e-5, 1.0]])


def curled() -> PageMap:
    y, x = np.mgrid[0:13, 0:9]
    bulge = np.stack([2 * np.sin(x / 3), 3 * np.cos(y / 4)], axis=-1).astype(np.float32)
    return PageMap((210.0, 297.0), TILTED, bulge)


@pytest.mark.parametrize("page_map", [PageMap((210.0, 297.0), TILTED), curled()])
def test_there_and_back(page_map):
    points = np.random.default_rng(1).uniform((5, 5), (205, 292), (200, 2))
    np.testing.assert_allclose(page_map.to_page(page_map.to_picture(points)), points, atol=2e-3)


def test_knots_move_points_by_the_displacement():
    displacement = np.zeros((3, 3, 2))
    displacement[1, 1] = (2.0, -1.0)
    page_map = PageMap((200.0, 100.0), np.eye(3), displacement)
    np.testing.assert_allclose(page_map.to_picture([(100, 50)]), [(102, 49)])
    np.testing.assert_allclose(page_map.to_picture([(50, 50)]), [(51, 49.5)])
    np.testing.assert_allclose(page_map.to_picture([(0, 0)]), [(0, 0)])


@pytest.mark.parametrize("scale", [1.0, 0.5])
def test_rectified_marks_lie_where_the_page_says(scale):
    page_map = curled()
    picture = np.full((2800, 2000, 3), 255, np.uint8)
    mark = np.array([[100.0, 150.0]])
    x, y = page_map.to_picture(mark)[0]
    cv2.circle(picture, (round(x), round(y)), 12, (0, 0, 0), -1)
    reduced = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    box = Box(80, 130, 120, 170)
    flat = page_map.rectify(reduced, box, 6.0, scale=scale)
    assert flat.shape == (240, 240, 3)
    rows, columns = np.nonzero(flat[:, :, 0] < 128)
    assert np.mean(columns) == pytest.approx(119.5, abs=0.7)
    assert np.mean(rows) == pytest.approx(119.5, abs=0.7)


def test_outside_the_picture_is_the_border():
    page_map = PageMap((210.0, 297.0), np.diag([4.0, 4.0, 1.0]))
    picture = np.zeros((100, 100, 3), np.uint8)
    assert (page_map.rectify(picture, Box(100, 100, 110, 110), 4.0, border=200) == 200).all()
    assert (page_map.rectify(picture, Box(100, 100, 110, 110), 4.0) == 255).all()


def test_dots_per_mm_is_local():
    page_map = PageMap((210.0, 297.0), TILTED)
    left, right = (page_map.dots_per_mm(Box(x, 100, x + 10, 110)) for x in (0, 200))
    assert left > right > 7


def test_boxes_that_do_not_meet_have_no_area():
    assert Box(0, 0, 1, 1).clipped(Box(2, 2, 3, 3)).area == 0
    assert Box(0, 0, 2, 2).clipped(Box(1, 1, 3, 3)) == Box(1, 1, 2, 2)
