"""Quality where it matters: what keeps one region from being judged troubles no other."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from tests.detect.marks.paper import Paper, measured, photographed


def troubles(result):
    return {
        name: region.quality.troubles for name, region in result.regions.items() if region.quality.troubles
    }


@pytest.fixture
def picture(paper: Paper):
    return photographed(paper.words(45, 24, 8).image)


def test_a_good_picture_troubles_nobody(paper: Paper, picture):
    assert troubles(measured(paper, image=picture)) == {}


def test_dots_per_mm_are_the_uploads(paper: Paper, picture):
    assert measured(paper, image=picture).regions["first"].quality.dots_per_mm == pytest.approx(10)


def test_cut_off_at_the_right(paper: Paper, picture):
    found = troubles(measured(paper, image=np.ascontiguousarray(picture[:, :1350])))
    assert set(found) == {"number", "when", "signed"}
    assert all("cut_off" in names for names in found.values())


def test_a_finger_over_one_field(paper: Paper, picture):
    cv2.ellipse(picture, (900, 250), (160, 75), 10, 0, 360, (120, 150, 205), -1)
    assert "covered" in measured(paper, image=picture).regions["first"].quality.troubles
    assert measured(paper, image=picture).regions["stamp"].quality.troubles == ()


def test_a_burnt_out_spot(paper: Paper, picture):
    cv2.circle(picture, (500, 250), 60, (255, 255, 255), -1)
    regions = measured(paper, image=picture).regions
    assert "glare" in regions["first"].quality.troubles
    assert regions["signed"].quality.troubles == ()


def test_white_paper_of_a_scanner_is_no_glare(paper: Paper):
    white = np.where(paper.image > 200, 255, paper.image).astype(np.uint8)
    assert troubles(measured(paper, image=white)) == {}


def test_blur_that_nobody_can_read_through(paper: Paper, picture):
    found = measured(paper, image=cv2.GaussianBlur(picture, (0, 0), 6)).regions["first"].quality
    assert "blur" in found.troubles
    assert found.sharpness < 0.35


def test_a_blurred_corner_without_a_region(paper: Paper, picture):
    picture[1120:, 1300:] = cv2.GaussianBlur(picture[1120:, 1300:], (0, 0), 9)
    assert troubles(measured(paper, image=picture)) == {}


def test_blur_beside_sharp_print_troubles_the_field(paper: Paper, picture):
    """Half a field is blurred; the print around it that is sharp must not make up for it."""
    blurred = cv2.GaussianBlur(picture, (0, 0), 9)
    picture[190:330, 430:700] = blurred[190:330, 430:700]
    found = measured(paper, image=picture).regions
    assert "blur" in found["first"].quality.troubles
    assert found["signed"].quality.troubles == ()


def test_print_faded_round_a_burnt_out_spot_is_glare(paper: Paper, picture):
    spot = np.zeros(picture.shape[:2], np.float32)
    cv2.circle(spot, (560, 250), 90, 1, -1)
    spot = np.clip(1.6 * cv2.GaussianBlur(spot, (0, 0), 40), 0, 1)[..., None]
    lit = (picture * (1 - spot) + 255 * spot).astype(np.uint8)
    assert measured(paper, image=lit).regions["first"].quality.troubles[0] == "glare"


def test_a_picture_soft_all_over_is_not_blurred_in_places(paper: Paper, picture):
    assert troubles(measured(paper, image=cv2.GaussianBlur(picture, (0, 0), 2))) == {}


def test_resolution(paper: Paper, picture):
    def at(scale: float):
        small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        return measured(paper, image=small, scale=scale).regions["first"].quality.troubles

    assert at(130 / 254) == ()
    assert "low_resolution" in at(85 / 254)


def test_darkness(paper: Paper, picture):
    assert measured(paper, image=(picture * 0.1).astype(np.uint8)).regions["first"].quality.troubles != ()
