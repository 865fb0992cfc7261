"""Marks on a few generated uploads; docs/benchmarks/marks.md has the figures of many."""

from __future__ import annotations

from collections import Counter

import pytest

from benchmarks.marks import corpus
from benchmarks.marks.tally import Tally

CORRECTED, TAMPERED = (23002, 23012), 23003
"""Seeds of uploads with corrections and false signatures, and of one with a tampered number."""


@pytest.fixture(scope="module")
def tally() -> Tally:
    form = corpus.template("ouc-2019")
    found = Tally(form)
    for seed in (*CORRECTED, TAMPERED):
        found.add(*corpus.mixed(form, seed))
    return found


def row(tally: Tally, table: str, drawn: str) -> Counter[str]:
    return Counter({said: count for (truth, said), count in tally.counts[table].items() if truth == drawn})


def test_corrections_are_found(tally: Tally) -> None:
    struck = row(tally, "correction", "strike")
    assert struck.total() >= 4
    assert struck["not"] <= 0.2 * struck.total()


def test_clean_fields_are_left_alone(tally: Tally) -> None:
    clean = row(tally, "correction", "none")
    assert clean.total() > 40
    assert clean["corrected"] <= 1


def test_hands_sign_and_print_does_not(tally: Tally) -> None:
    assert row(tally, "signature", "signature")["not signed"] == 0
    assert row(tally, "signature", "printed_name")["signed"] == 0
    assert row(tally, "signature", "stray_line")["signed"] == 0


def test_numbers(tally: Tally) -> None:
    assert row(tally, "serial", "printed")["altered"] == 0
    assert sum(count for (truth, _), count in tally.counts["serial"].items() if truth == "none") == 0
