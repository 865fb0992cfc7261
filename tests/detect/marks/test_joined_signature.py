"""A signature in one stroke has no feet whose straightness would make it print."""

from dataclasses import replace

from scanservice.detect.handwriting import StrokeLook
from scanservice.detect.signatures import JOINED_PRINT, presence_of

SMALL = StrokeLook(
    area=12.7, width=6.4, height=4.4, spread=0.88, turns=0.98, axes=0.19, ragged=0.0, uneven=0.0, pieces=1,
    lean=7.7, lean_spread=13.6, level=9.9, level_spread=11.7, plumb=0.19, true=0.08, swell=0.49, joined=1.46,
    parted=0.69, blue=0.004,
)  # fmt: skip


def test_small_ink_in_one_piece_is_for_a_person() -> None:
    assert JOINED_PRINT <= presence_of(SMALL) < 0.9


def test_a_row_of_even_characters_is_still_print() -> None:
    row = replace(
        SMALL, ragged=0.004, uneven=0.01, pieces=8, lean=0.3, level=0.3, plumb=0.9, true=0.9, axes=0.6
    )
    assert presence_of(row) < 0.1


def test_a_stray_line_in_one_piece_is_still_no_signature() -> None:
    assert presence_of(replace(SMALL, spread=0.2, turns=0.3)) < 0.1
