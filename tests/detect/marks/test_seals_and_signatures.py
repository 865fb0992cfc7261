from __future__ import annotations

import cv2
import numpy as np
import pytest

from scanservice.fingerprint_index import SAME_IMPRINT, imprint_similarity
from tests.detect.marks.paper import BLACK, DOTS, RED, Paper, measured, photographed


def test_a_seal_is_found_with_its_place_and_size(paper: Paper):
    seal = measured(paper.seal(40, 85, 40)).regions["stamp"].seal
    assert seal.presence > 0.95
    assert (seal.ink, seal.shape, seal.overlapping) == ("red", "round", False)
    assert np.hypot(seal.center[0] - 40, seal.center[1] - 85) < 0.4
    assert seal.diameter == pytest.approx(40, abs=0.6)


def test_a_seal_belongs_where_its_middle_lies(paper: Paper):
    regions = measured(paper.seal(62, 85, 40)).regions
    assert regions["stamp"].seal.presence > 0.95
    assert regions["other_stamp"].seal.presence < 0.1


def test_overlapping_seals_are_kept_apart(paper: Paper):
    seals = [
        measured(paper.seal(52, 85, 38).seal(84, 88, 40)).regions[name].seal
        for name in ("stamp", "other_stamp")
    ]
    assert [seal.presence > 0.9 for seal in seals] == [True, True]
    assert all(seal.overlapping for seal in seals)
    assert np.hypot(seals[1].center[0] - 84, seals[1].center[1] - 88) < 0.7


def test_a_faint_seal_is_still_a_seal(paper: Paper):
    assert measured(paper.seal(40, 85, 40, strength=0.3)).regions["stamp"].seal.presence > 0.8


def test_half_a_seal_is_still_a_seal(paper: Paper):
    whole = paper.image.copy()
    paper.seal(40, 85, 40)
    paper.image[:, : round(40 * DOTS)] = whole[:, : round(40 * DOTS)]
    assert measured(paper).regions["stamp"].seal.presence > 0.5


def test_a_copy_of_a_seal_is_grey(paper: Paper):
    seal = measured(paper.seal(40, 85, 40, colour=(95, 95, 95))).regions["stamp"].seal
    assert seal.ink == "grey"
    assert seal.presence > 0.8


def test_a_blue_seal_is_blue(paper: Paper):
    assert measured(paper.seal(40, 85, 40, colour=(190, 70, 50))).regions["stamp"].seal.ink == "blue"


def test_a_small_blue_ring_is_no_seal(paper: Paper):
    middle = round(40 * DOTS), round(85 * DOTS)
    cv2.circle(paper.image, middle, round(6 * DOTS), (190, 70, 50), round(1.6 * DOTS), cv2.LINE_AA)
    assert measured(paper).regions["stamp"].seal.presence < 0.05


def test_red_print_and_warm_light_are_no_seal(paper: Paper):
    regions = measured(paper, image=photographed(paper.image, light=0.7, warm=0.2)).regions
    assert regions["stamp"].seal.presence < 0.05


def test_a_thumb_is_no_seal(paper: Paper):
    cv2.ellipse(paper.image, (80, 900), (160, 90), 0, 0, 360, (120, 155, 215), -1, cv2.LINE_AA)
    region = measured(paper).regions["stamp"]
    assert region.seal.presence < 0.5
    assert region.quality.covered > 0.05


def test_the_ring_is_unrolled_to_a_line(paper: Paper):
    strip = measured(paper.seal(40, 85, 40)).seal_crops["stamp"]
    inked = (strip.min(axis=2) < 128).any(axis=0).astype(int)
    marks = np.count_nonzero(np.diff(np.concatenate(([0], inked, [0]))) == 1)
    assert strip.shape[1] > 6 * strip.shape[0]
    assert 12 <= marks <= 28


def test_print_and_writing_over_a_red_ring_are_told(paper: Paper):
    plain = measured(paper.seal(40, 85, 40)).regions["stamp"].seal
    paper.stroke((28, 70), (52, 70), colour=BLACK, width=1.2)
    crossed = measured(paper).regions["stamp"].seal
    assert plain.hidden == ()
    covered = sum(last - first for first, last in crossed.hidden)
    assert 0.1 < covered < 0.5
    # The ring is cut where it is empty, below: what lies above is in its middle.
    assert all(0.2 < first < last < 0.8 for first, last in crossed.hidden)


def test_one_imprint_twice_is_the_same_and_two_stampings_are_not(paper: Paper):
    def imprint(angle: float, picture_noise: float) -> bytes:
        mine = Paper(paper.template).seal(40, 85, 40)
        rows, columns = slice(600, 1100), slice(150, 650)
        turn = cv2.getRotationMatrix2D((250, 250), angle, 1)
        part = mine.image[rows, columns]
        mine.image[rows, columns] = cv2.warpAffine(part, turn, (500, 500), borderValue=(255, 255, 255))
        result = measured(mine, image=photographed(mine.image, noise=picture_noise, light=0.9))
        return result.regions["stamp"].seal.imprint

    pasted = imprint_similarity(imprint(4, 2.0), imprint(4, 4.0))
    stamped = imprint_similarity(imprint(4, 2.0), imprint(9, 4.0))
    assert pasted > SAME_IMPRINT
    assert stamped < SAME_IMPRINT


def test_a_signature_is_one(paper: Paper):
    rng = np.random.default_rng(4)
    points = np.column_stack(
        [np.linspace(122, 148, 40), 90 + 4 * np.sin(np.arange(40) * 1.9) + rng.normal(0, 0.6, 40)]
    )
    points[:, 0] += 1.2 * np.cos(np.arange(40) * 2.3)
    signature = measured(paper.stroke(*points.tolist())).regions["signed"].signature
    assert signature.presence > 0.9
    assert signature.extent.width > 20


def test_a_stray_line_is_no_signature(paper: Paper):
    assert measured(paper.stroke((120, 88), (150, 92))).regions["signed"].signature.presence < 0.2


def test_a_printed_name_is_no_signature(paper: Paper):
    for index in range(3):
        left, top = 122 + index * 5, 88
        for offset in (0.3, 1.8, 3.5):
            paper.stroke((left, top + offset), (left + 3.8, top + offset), colour=BLACK, width=0.3)
            paper.stroke((left + offset, top), (left + offset, top + 3.8), colour=BLACK, width=0.4)
    assert measured(paper).regions["signed"].signature.presence < 0.2


def test_the_edge_of_a_seal_is_no_signature(paper: Paper):
    assert measured(paper.seal(112, 90, 40, colour=RED)).regions["signed"].signature.presence < 0.2
