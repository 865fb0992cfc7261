from __future__ import annotations

import cv2
import numpy as np

from tests.detect.marks.paper import BLACK, DOTS, RED, Paper, measured


def serial(paper: Paper):
    return measured(paper).regions["number"].serial


def test_a_number_as_printed_is_not_suspected(paper: Paper):
    mark = serial(paper.digits("20190042", 112, 11.5))
    assert (mark.signs, mark.ink) == ((), "red")
    assert mark.altered < 0.5
    assert mark.blank < 0.01


def test_its_crop_holds_the_number_in_dark_ink(paper: Paper):
    result = measured(paper.digits("20190042", 112, 11.5))
    (crop,) = [item for item in result.crops if item.region == "number"]
    assert crop.lines[0].image.min() < 110
    assert abs(crop.lines[0].box.left - 111.5) < 1.0


def test_shifted_down_by_two_millimetres(paper: Paper):
    mark = serial(paper.digits("20190042", 112, 13.7))
    assert mark.signs == ("shifted",)
    assert abs(mark.offset[1] - 2.2) < 0.7


def test_shifted_out_of_its_box(paper: Paper):
    assert "shifted" in serial(paper.digits("20190042", 132.5, 11.5)).signs


def test_in_another_ink(paper: Paper):
    mark = serial(paper.digits("20190042", 112, 11.5, colour=BLACK))
    assert mark.signs == ("ink",)
    assert mark.ink == "black"


def test_the_ink_of_a_copy_says_nothing(paper: Paper):
    grey = (95, 95, 95)
    mark = serial(paper.digits("20190042", 112, 11.5, colour=BLACK).seal(40, 85, 40, colour=grey))
    assert mark.signs == ()
    assert mark.altered < 0.5


def test_written_by_hand(paper: Paper):
    rng = np.random.default_rng(2)
    for index in range(8):
        place = (round((112 + index * 2.6) * DOTS), round((11.5 + rng.normal(0, 0.35)) * DOTS))
        cv2.putText(
            paper.image,
            str(index),
            place,
            cv2.FONT_HERSHEY_SCRIPT_SIMPLEX,
            1 + rng.normal(0, 0.18),
            RED,
            4,
            cv2.LINE_AA,
        )
    assert "handwritten" in serial(paper).signs


def test_pasted_over(paper: Paper):
    patch = slice(70, 130), slice(1090, 1400)
    paper.image[74:134, 1094:1404] = 190
    paper.image[patch] = (246, 249, 251)
    assert "pasted" in serial(paper.digits("20190042", 112, 11.5)).signs


def test_nothing_there(paper: Paper):
    mark = serial(paper)
    assert mark.blank > 0.95
    assert mark.offset is None


def test_where_registration_is_doubtful_the_number_is_still_found_and_no_shift_is_claimed(paper: Paper):
    result = measured(paper.digits("20190042", 112, 13.7), residual=2.2)
    assert result.regions["number"].serial.signs == ()
    assert [item.region for item in result.crops if item.region == "number"] == ["number"]


def test_where_the_form_may_lie_anywhere_nothing_is_told(paper: Paper):
    mark = measured(paper.digits("20190042", 112, 11.5), residual=5.5).regions["number"].serial
    assert (mark.ink, mark.altered, mark.blank) == (None, 0.0, 0.5)


def test_nothing_within_reach_of_a_doubtful_place_is_nothing(paper: Paper):
    assert measured(paper, residual=2.7).regions["number"].serial.blank > 0.95
    assert measured(paper, residual=4.5).regions["number"].serial.blank > 0.95


def test_ink_at_the_edge_of_what_is_in_reach_may_be_the_numbers(paper: Paper):
    """Above the row that is looked at for the number, and too pale for ink."""
    smear = paper.stroke((112, 2.5), (122, 2.5), colour=(200, 200, 215), width=1.0)
    assert measured(smear, residual=2.7).regions["number"].serial.blank > 0.95
    assert measured(smear, residual=4.5).regions["number"].serial.blank == 0.5


def test_a_number_that_the_picture_all_but_lost_is_not_missing(paper: Paper):
    mark = serial(paper.digits("20190042", 112, 11.5, colour=(222, 222, 222)))
    assert (mark.blank, mark.altered) == (0.5, 0.0)
