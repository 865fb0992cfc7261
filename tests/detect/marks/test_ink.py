"""Writing, apart from print and seals; lines, cells, and fields that are blank."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.detect.marks.paper import BLACK, DOTS, Paper, form, measured

FIELDS = ("first", "second", "when")


def crops(result, region):
    return next(item for item in result.crops if item.region == region)


def dark(image):
    return image.min(axis=2) < 150


def test_an_empty_form_is_blank_everywhere(paper: Paper):
    result = measured(paper)
    assert not result.failures
    assert result.crops == ()
    assert all(result.regions[name].ink.blank > 0.95 for name in FIELDS)
    assert result.regions["stamp"].seal.presence < 0.05
    assert result.regions["signed"].signature.presence < 0.05
    assert result.regions["number"].serial.blank > 0.95
    assert result.fingerprint is None


def test_misregistered_print_is_not_writing(paper: Paper):
    result = measured(paper, off_mm=0.5)
    assert all(result.regions[name].ink.blank > 0.95 for name in FIELDS)


def test_one_faint_small_stroke_is_writing(paper: Paper):
    paper.stroke((60, 25), (63, 25.3), colour=(165, 160, 160))
    assert measured(paper).regions["first"].ink.blank < 0.05


def test_dust_is_not_writing(paper: Paper):
    for x in range(45, 95, 7):
        cv2.circle(paper.image, (x * 10, 250), 1, BLACK, -1)
    assert measured(paper).regions["first"].ink.blank > 0.95


def test_a_speck_apart_from_the_writing_is_none_of_it_and_one_beside_it_stays(paper: Paper):
    paper.words(50, 21.5, 3)
    clean = crops(measured(paper), "first").lines
    for x, y in ((94, 24), (60, 28)):
        cv2.circle(paper.image, (round(x * DOTS), round(y * DOTS)), round(0.3 * DOTS), BLACK, -1)
    (line,) = crops(measured(paper), "first").lines
    assert line.box == clean[0].box
    end = clean[0].box.right
    cv2.circle(paper.image, (round(end * DOTS), round(24 * DOTS)), round(0.3 * DOTS), BLACK, -1)
    (line,) = crops(measured(paper), "first").lines
    assert line.box.right > end


def test_writing_across_a_printed_line_stays_whole(paper: Paper):
    paper.words(50, 24, 3).stroke((70, 24), (70.4, 32))
    image = crops(measured(paper), "first").lines[0].image
    left = crops(measured(paper), "first").lines[0].box.left
    column = dark(image)[:, round((69.6 - left) * 8) : round((71 - left) * 8)].any(axis=1)
    rows = np.flatnonzero(column)
    assert rows.size > 0.95 * (rows[-1] - rows[0] + 1)


def test_the_printed_line_below_is_gone(paper: Paper):
    paper.words(50, 24.5, 4)
    line = crops(measured(paper), "first").lines[0]
    assert line.box.bottom < 30
    assert dark(line.image).any(axis=0).sum() < 0.95 * line.image.shape[1]


def test_a_seal_over_writing_is_taken_away(paper: Paper):
    paper.words(50, 24, 8)
    alone = dark(crops(measured(paper), "first").lines[0].image).sum()
    paper.seal(60, 27, 36)
    sealed = dark(crops(measured(paper), "first").lines[0].image).sum()
    assert abs(sealed - alone) < 0.15 * alone


def test_two_lines_are_parted_top_to_bottom(paper: Paper):
    paper.words(45, 32, 7, seed=1).words(45, 39, 5, seed=2)
    lines = crops(measured(paper), "second").lines
    assert [round(line.box.top) for line in lines] == [31, 38]
    assert all(line.image.shape[0] < 7 * 8 for line in lines)


def test_slanting_lines_are_parted(paper: Paper):
    for index in range(9):
        paper.words(44 + index * 5, 32 + index * 0.33, 1, seed=index).words(
            44 + index * 5, 38 + index * 0.33, 1, seed=50 + index
        )
    assert len(crops(measured(paper), "second").lines) == 2


def test_every_cell_has_its_crop_even_an_empty_one(paper: Paper):
    paper.words(112, 23, 1).words(142, 23, 1)
    result = crops(measured(paper), "when")
    assert result.cells
    assert [bool(dark(line.image).any()) for line in result.lines] == [True, False, True]


def test_a_neighbour_that_reaches_over_the_line_stays_the_neighbours(paper: Paper):
    paper.words(50, 28.9, 5, size=4.5)
    result = measured(paper)
    assert result.regions["first"].ink.blank > 0.9
    assert crops(result, "second").lines[0].box.top < 29


def test_crops_keep_grey_levels(paper: Paper):
    paper.words(50, 24, 4)
    image = crops(measured(paper), "first").lines[0].image
    assert np.unique(image).size > 40


def test_struck_out_writing_stands_out(paper: Paper):
    paper.words(45, 24, 9)
    assert measured(paper).regions["first"].ink.altered < 0.5
    zigzag = [(60 + i * 0.45, 24.3 + 3.4 * (i % 2)) for i in range(14)]
    paper.stroke(*zigzag).stroke(*[(x + 0.2, y) for x, y in zigzag])
    assert measured(paper).regions["first"].ink.altered > 0.5


def test_a_region_that_may_lie_elsewhere_is_unsure_but_for_what_is_plain(paper: Paper):
    paper.words(50, 24, 4).seal(40, 85)
    near, far = measured(paper, residual=1.8), measured(paper, residual=4.5)
    assert near.regions["first"].ink.blank < 0.05  # writing is read: what it says speaks for itself
    assert near.regions["second"].ink.blank == 0.5  # and what is not there may be elsewhere
    assert near.regions["stamp"].seal.presence > 0.95
    assert near.regions["other_stamp"].seal.presence < 0.05
    for result in (near, far):
        assert result.regions["signed"].signature.presence == 0.5
    assert far.regions["first"].ink.blank == 0.5
    assert far.regions["stamp"].seal.presence == far.regions["other_stamp"].seal.presence == 0.5


def test_a_seal_on_the_border_of_a_place_that_may_lie_elsewhere_is_unsure(paper: Paper):
    paper.seal(71, 85)
    regions = measured(paper, residual=2.5).regions
    assert regions["stamp"].seal.presence == 0.5
    assert regions["other_stamp"].seal.presence == 0.5


def test_a_faint_stroke_near_ink_stays_in_the_crop_and_one_alone_does_not(paper: Paper):
    # The upright of a 4 in ink, its slanting stroke too thin for it; the same faint stroke far from ink.
    paper.stroke((60, 23), (60, 28)).stroke((57.5, 26.5), (59.7, 23.6), colour=(212, 212, 212))
    paper.stroke((80, 26.5), (82.2, 23.6), colour=(212, 212, 212))
    line = crops(measured(paper), "first").lines[0]
    assert line.box.right < 70
    middle = line.image[:, : round((59.2 - line.box.left) * 8)].min(axis=2)
    assert (middle < 246).sum() > 40


def test_a_stroke_that_is_nowhere_dark_is_no_others_and_stays_in_the_crop(paper: Paper):
    # The drop of a 江 that a scanner's program made pale, beside ink.
    paper.stroke((60, 23), (60, 28)).stroke((58.6, 25), (59.2, 24.4), width=0.5, colour=(214, 214, 214))
    line = crops(measured(paper), "first").lines[0]
    assert line.box.left < 58.2
    drop = line.image[:, : round((59.4 - line.box.left) * 8)].min(axis=2)
    assert (drop < 235).sum() > 12


def test_a_faint_stroke_is_followed_to_its_end_and_a_faint_rule_is_not(paper: Paper):
    # The arm of a 4 ends 1.9 mm from its upright, on the left; a rule goes on to the right.
    paper.stroke((60, 23), (60, 28)).stroke((58.1, 26.4), (59.9, 26.4), colour=(212, 212, 212))
    paper.stroke((60.1, 25), (75, 25), colour=(225, 225, 225))
    line = crops(measured(paper), "first").lines[0]
    assert 56.8 < line.box.left < 57.7
    assert 60.9 < line.box.right < 62.8
    arm = line.image[:, : round((59.0 - line.box.left) * 8)].min(axis=2)
    assert (arm < 246).sum() > 20


@pytest.mark.parametrize(
    "colour", [(0.86, 0.91, 0.96), (0.95, 0.88, 0.88), (0.89, 0.89, 0.89), (0.68, 0.8, 0.92), (0.7, 0.7, 0.7)]
)
def test_a_pale_pattern_behind_the_fields_is_no_ink_and_no_correction(tmp_path: Path, colour):
    (tmp_path / "plain").mkdir()
    (tmp_path / "pattern").mkdir()
    plain, patterned = Paper(form(tmp_path / "plain")), Paper(form(tmp_path / "pattern", colour))
    assert measured(patterned).regions["first"].ink.blank > 0.95
    assert measured(patterned).regions["number"].serial.blank > 0.95
    marks = []
    for paper in (plain, patterned):
        paper.words(45, 22.5, 6).digits("20191004", 114, 12)
        found = measured(paper)
        marks.append((found.regions["first"].ink, found.regions["number"].serial))
    (ink, serial), (ink_on_pattern, serial_on_pattern) = marks
    assert ink_on_pattern.altered < 0.5
    assert ink_on_pattern.area_mm2 == pytest.approx(ink.area_mm2, rel=0.12)
    assert serial_on_pattern.altered < 0.5
    assert serial_on_pattern.signs == serial.signs


def test_lines_that_touch_are_parted_and_a_stroke_through_both_is_cut(paper: Paper):
    paper.words(45, 31.5, 10, seed=1).words(45, 37.5, 10, seed=2).stroke((60, 32), (60, 41))
    lines = crops(measured(paper), "second").lines
    assert len(lines) == 2
    for line in lines:
        column = dark(line.image)[:, round((59.8 - line.box.left) * 8) : round((60.4 - line.box.left) * 8)]
        assert column.any(axis=1).sum() > 2.0 * 8
        assert line.image.shape[0] < 8.5 * 8


def test_tall_characters_are_one_line(paper: Paper):
    paper.words(45, 31.5, 6, seed=3, size=8.0)
    assert len(crops(measured(paper), "second").lines) == 1


def test_a_pattern_that_the_picture_shows_paler_takes_no_more_than_itself_off(tmp_path: Path):
    areas = []
    for name, colour in (("plain", None), ("pattern", (0.7, 0.7, 0.7))):
        (tmp_path / name).mkdir()
        paper = Paper(form(tmp_path / name, colour))
        middling = paper.image.min(axis=2) > 150
        paper.image[middling] = 255 - (255 - paper.image[middling]) // 2
        paper.stroke((45, 24), (90, 24), width=0.5, colour=(165, 165, 165))
        areas.append(measured(paper).regions["first"].ink.area_mm2)
    assert areas[1] == pytest.approx(areas[0], rel=0.06)
