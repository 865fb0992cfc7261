"""Corrections beside the expected text: where each character stands, and how its ink compares."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from scanservice.case import Case
from scanservice.evidence import (
    Evidence,
    InkMeasure,
    Layout,
    LineInk,
    RegionEvidence,
    RegionQuality,
    RegionReading,
)
from scanservice.template import Description, Template
from scanservice.verify import judge
from scanservice.verify.corrections import (
    DIGITS_ASK,
    INPUTS,
    MARKED,
    MEASURED,
    MOST_MARK,
    Characters,
    characters,
    corrected,
    inputs,
    suspicion,
)
from scanservice.verify.perceptron import Perceptron
from scanservice.verify.recogniser import PLAIN, TUNED
from scanservice.verify.rules.altered import CORRECTED_FROM
from scanservice.verify.strokes import DEFAULT, stroke_length
from scanservice.verify.tuned import MARK
from tests.verify.reading.inked import case, line, posterior, reading, texts

QUALITY = RegionQuality(8.0, 0.9, 0.9, 0.0, 0.0, 0.0)
CORNERS = ((0.0, 0.0), (9.0, 0.0), (9.0, 9.0), (0.0, 9.0))
COLLEGE, NAME = "法学院法学院法学院", "张海洋"
HELD = case({"name": NAME, "college": COLLEGE})
DOUBT, INK, STROKE = (MEASURED.index(name) for name in ("doubt", "ink", "stroke"))


def form() -> Template:
    regions = [
        {"id": "name", "kind": "text", "box": [0, 0, 60, 8], "value": "student.name", "compare": "name"},
        {"id": "college", "kind": "text", "box": [0, 9, 60, 18], "value": "student.college"},
        {"id": "remark", "kind": "text", "box": [0, 19, 60, 28]},
    ]
    content = {
        "format": 1,
        "id": "f",
        "title": "表",
        "pages": [{"page": 1, "name": "one", "regions": regions}],
    }
    return Template(Description.model_validate(content), Path("form"), "0", ((210.0, 297.0),))


def inked(text: str, *, heavy: int | None = None, doubt: int | None = None) -> LineInk:
    """Ten parts to a character, with as much ink as it takes; one has twice as much, one is doubted."""
    count = 10 * len(text)
    parts = np.zeros((4, count), np.float16)
    parts[1] = -6.0
    for place, character in enumerate(text):
        own = slice(10 * place, 10 * place + 10)
        parts[[0, 2, 3], own] = stroke_length(character) / 10
        if place == heavy:
            parts[:, own] *= np.array([[2.0], [1.0], [2.0], [2.6]])
        if place == doubt:
            parts[1, own] = 5.0
    return LineInk(float(len(text)), parts, -3.0, 0.5)


def evidence(
    inks: dict[str, tuple[LineInk, ...]], readings: dict[str, RegionReading] | None = None
) -> Evidence:
    seen = {
        name: RegionEvidence(
            name, 0, CORNERS, 0.2, QUALITY, ink=InkMeasure(20.0, None, 0.0, painted=0.0), lines=lines
        )
        for name, lines in inks.items()
    }
    read = readings or {"name": texts([NAME]), "college": texts([COLLEGE])}
    return Evidence(((0, 0, 9, 9),), Layout("f", "accepted", (), ("form",), ()), seen, read)


def told(found: Evidence, held: Case = HELD) -> dict[str, Characters]:
    return dict(characters(found, held, form(), judge(found, held, form())))


def clean() -> dict[str, tuple[LineInk, ...]]:
    return {"name": (inked(NAME),), "college": (inked(COLLEGE),)}


def test_each_character_has_the_ink_where_the_readers_see_it() -> None:
    found = told(evidence(clean() | {"college": (inked(COLLEGE, heavy=4, doubt=4),)}))["college"]
    assert found.text == COLLEGE
    assert found.line.tolist() == [0] * 9
    assert (found.start[1:] == found.end[:-1]).all()
    assert (found.start[0], found.end[-1]) == (0.0, 1.0)
    assert int(np.argmax(found.measured[:, INK])) == 4
    assert int(np.argmax(found.measured[:, STROKE])) == 4
    assert found.measured[4, DOUBT] == 5.0 > found.measured[0, DOUBT]
    assert found.agrees


def test_lines_are_told_apart() -> None:
    two = reading(line(COLLEGE[:5]), line(COLLEGE[5:]))
    found = told(
        evidence(clean() | {"college": (inked(COLLEGE[:5]), inked(COLLEGE[5:], heavy=3))}, {"college": two})
    )["college"]
    assert found.line.tolist() == [0] * 5 + [1] * 4
    assert (found.end[4], found.start[5]) == (1.0, 0.0)
    assert int(np.argmax(found.measured[:, INK])) == 8


def test_heavy_and_doubted_ink_makes_a_correction_likelier() -> None:
    def chance(**odd: int) -> float:
        found = evidence(clean() | {"college": (inked(COLLEGE, **odd),)})
        return judge(found, HELD, form())["college"].corrected or 0.0

    assert chance() < 0.001 < CORRECTED_FROM < chance(heavy=4, doubt=4)
    assert chance() < chance(heavy=4) < chance(heavy=4, doubt=4)


def test_what_the_tuned_reader_marks_is_likelier_a_correction_or_is_one() -> None:
    def chance(share: float, source: str = f"{TUNED}/ink", **odd: int) -> float:
        look = posterior(COLLEGE, {4: {MARK: share}}, source=source)
        read = {"name": texts([NAME]), "college": reading(replace(line(COLLEGE), posteriors=(look,)))}
        found = evidence(clean() | {"college": (inked(COLLEGE, **odd),)}, read)
        return judge(found, HELD, form())["college"].corrected or 0.0

    assert chance(0.001, heavy=4) < chance(0.3, heavy=4) < 0.5 < chance(0.98) == MARKED
    assert chance(0.95) < 0.5
    # The other reader knows no such mark.
    assert chance(0.98, f"{PLAIN}/ink") < 0.5


def test_a_mark_alone_is_not_enough_at_a_digit() -> None:
    """A brush's 4 is a blot: what the reader marks there needs ink that is too much."""
    found = {}
    for text in ("610041", "法院学法"):
        held = case({"name": NAME, "college": text})
        look = posterior(text, {3: {MARK: 0.98}}, source=f"{TUNED}/ink")
        read = {"name": texts([NAME]), "college": reading(replace(line(text), posteriors=(look,)))}
        seen = evidence(clean() | {"college": (inked(text),)}, read)
        found[text] = judge(seen, held, form())["college"].corrected or 0.0
    assert found["610041"] < 0.5 < found["法院学法"] == MARKED


@pytest.mark.parametrize(("text", "capped"), [("610041", True), ("法院学法", False)])
def test_a_digit_s_mark_counts_up_to_a_limit(text: str, capped: bool) -> None:
    held = case({"name": NAME, "college": text})
    look = posterior(text, {3: {MARK: 0.98}}, source=f"{TUNED}/ink")
    read = {"name": texts([NAME]), "college": reading(replace(line(text), posteriors=(look,)))}
    rows = inputs(told(evidence(clean() | {"college": (inked(text),)}, read), held))["college"]
    highest = rows[:, INPUTS.index("mark")].max()
    assert highest == pytest.approx(MOST_MARK) if capped else highest > MOST_MARK + 1


def test_a_digit_asks_for_more_suspicion_than_a_word() -> None:
    count = len(INPUTS)
    judge_of_ones = Perceptron(np.ones(count), 0.0, np.zeros((count, 1)), np.zeros(1), np.zeros(1))
    word, digit = np.zeros((1, count)), np.zeros((1, count))
    digit[0, INPUTS.index("digit")] = 1
    assert suspicion(judge_of_ones, word) == pytest.approx(0.0)
    assert suspicion(judge_of_ones, digit) == pytest.approx(1.0 - DIGITS_ASK)


def test_the_scan_s_own_hand_is_what_counts() -> None:
    """A pen that is heavy everywhere corrects nothing."""

    def heavy(ink: LineInk) -> LineInk:
        return replace(ink, parts=(ink.parts * np.array([[2.0], [1.0], [1.0], [1.0]])).astype(np.float16))

    found = evidence({name: tuple(map(heavy, lines)) for name, lines in clean().items()})
    away = INPUTS.index("ink against the scan")
    before, now = (inputs(told(each))["college"] for each in (evidence(clean()), found))
    assert now[:, away] == pytest.approx(before[:, away], abs=0.01)


def test_what_cannot_be_weighed_is_left_out() -> None:
    other_count = evidence(clean() | {"college": (inked(COLLEGE),) * 2})
    older = evidence(clean() | {"college": ()})
    empty = evidence(clean() | {"college": (replace(inked(COLLEGE), width=0.0),)})
    unread = evidence(clean(), {"name": texts([NAME]), "college": reading()})
    unknown = evidence(clean() | {"remark": (inked("好"),)}, {"name": texts([NAME]), "remark": texts(["好"])})
    for found in (other_count, older, empty, unread, unknown):
        assert set(corrected(found, HELD, form(), {})) == {"name"}
        assert judge(found, HELD, form())["college"].corrected is None
    assert corrected(evidence({}, {"name": texts([NAME])}), HELD, form(), {}) == {}


def test_a_field_of_one_character_and_one_that_is_denied_are_weighed() -> None:
    other = evidence({"college": (inked("医"),)}, {"college": texts(["化工系" * 3])})
    assert inputs(told(other))["college"].shape == (9, len(INPUTS))
    assert not told(other)["college"].agrees
    found = evidence({"college": (inked("医"),)}, {"college": texts(["医"])})
    held = case({"name": NAME, "college": "医"})
    alone = inputs(told(found, held))["college"]
    assert alone.shape == (1, len(INPUTS))
    assert np.isfinite(alone).all()


def test_lengths_of_strokes() -> None:
    assert stroke_length("一") < stroke_length("人") < stroke_length("国") < stroke_length("疆")
    assert stroke_length("1") < stroke_length("8")
    assert stroke_length("\N{SNOWMAN}") == DEFAULT
