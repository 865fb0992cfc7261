"""What the rest of a page tells of a suspicion in one place."""

from __future__ import annotations

import pytest

from scanservice.detect.network import LEAST_PLACES, beyond


def test_a_page_that_is_plain_elsewhere_takes_nothing_off() -> None:
    assert beyond([-6.0, -5.0, -4.0, -3.0, 12.0], -2.0) == 0.0, "one other place may be corrected too"


def test_what_is_seen_all_over_a_page_is_taken_off() -> None:
    assert beyond([8.0, 9.0, 9.0, 9.0, 10.0], -2.0) == pytest.approx(11.0)


def test_few_places_tell_nothing() -> None:
    assert beyond([9.0] * (LEAST_PLACES - 1), -2.0) == 0.0
    assert beyond([], -2.0) == 0.0
