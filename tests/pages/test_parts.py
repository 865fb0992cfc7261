"""What pages are computed from: filters, plots, addresses, texts of forms."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanservice.web.pages.filters import STATES, QueueQuery
from scanservice.web.pages.forms import clean
from scanservice.web.pages.plots import BOTTOM, HEIGHT, every_day, stacked
from scanservice.web.pages.rendering import waited
from scanservice.web.pages.visitors import local_path

WORDS = st.text(max_size=30).map(clean)
DAYS = st.dictionaries(
    st.dates(dt.date(2018, 9, 1), dt.date(2019, 12, 31)).map(lambda day: day.isoformat()),
    st.dictionaries(st.sampled_from(["pass", "return"]), st.integers(0, 5000)),
    max_size=40,
)


@given(st.builds(
    QueueQuery,
    state=st.sampled_from(STATES), verdicts=st.sampled_from([(), ("review",), ("pass", "return")]),
    finding=WORDS, college=WORDS, search=WORDS, waited=st.integers(0, 99_999), newest=st.booleans(),
))  # fmt: skip
def test_a_filter_comes_back_from_its_address(query: QueueQuery) -> None:
    assert QueueQuery.parse_text(str(query)) == query


@pytest.mark.parametrize(
    "text", ["state=gone&verdict=x&waited=-1", "waited=999999999", "%00=%ff", "&&=&", "a" * 5000]
)
def test_what_a_filter_does_not_know_it_leaves_out(text: str) -> None:
    assert QueueQuery.parse_text(text) == QueueQuery()


@given(DAYS)
def test_bars_stand_on_the_line_and_keep_proportion(days: dict[str, dict[str, int]]) -> None:
    plot = stacked(days, ("pass", "return"))
    floor = HEIGHT - BOTTOM
    for day, counts in days.items():
        bars = [bar for bar in plot.bars if bar.label == day]
        assert sum(bar.count for bar in bars) == sum(counts.values())
        if bars:
            assert max(bar.y + bar.height for bar in bars) == pytest.approx(floor)
            assert min(bar.y for bar in bars) >= -1e-6
    heights = {bar.height / bar.count for bar in plot.bars}
    assert not heights or max(heights) == pytest.approx(min(heights))
    assert len(plot.steps) <= 7


@given(DAYS)
def test_days_on_which_nothing_happened_keep_their_place(days: dict[str, dict[str, int]]) -> None:
    shown = list(every_day(days))
    assert shown == sorted(shown)
    assert set(days) <= set(shown)
    if days:
        dates = [dt.date.fromisoformat(day) for day in shown]
        assert {after - before for before, after in pairwise(dates)} <= {dt.timedelta(1)}
        assert (shown[0], shown[-1]) == (min(days), max(days))


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("/review?state=all", "/review?state=all"),
        ("//evil.example/x", "/"),
        ("https://evil.example", "/"),
        ("/\\evil.example", "/"),
        ("review", "/"),
        ("", "/"),
        (None, "/"),
    ],
)
def test_nobody_is_sent_to_another_site(text: str | None, path: str) -> None:
    assert local_path(text, "/") == path


@given(st.text())
def test_texts_of_forms_can_be_stored(text: str) -> None:
    assert "\x00" not in clean(text)
    clean(text).encode()


def test_spans_of_time_in_their_largest_unit() -> None:
    spans = [waited(ms, "en") for ms in (0, 59_999, 60_000, 7_199_999, 7_200_000, 172_800_000)]
    assert spans == ["0 s", "59 s", "1 min", "119 min", "2 h", "2 d"]
