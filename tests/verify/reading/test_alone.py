"""A character of a set word is read by itself, since readers know the word."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fixtures.maker.fonts import hands
from fixtures.maker.ink import print_line
from scanservice.evidence import Judgement, LineCrop, Posterior, RegionCrops
from scanservice.geometry import Box, Image
from scanservice.verify import read
from scanservice.verify.judge_text import judge_text
from scanservice.verify.reader import _tuned_look_alone
from tests.verify.reading.inked import case, posterior, region, texts
from tests.verify.reading.test_reader import form

NAME = "合肥金信工程咨询有限公司"
EMPLOYER = region("organisation", "entry.employer_name")
ENTERED = case(entry={"employer_name": NAME})


def judged(
    written: str, hand: str = "ma-shan-zheng", entered: str = NAME, mended: str | None = None
) -> tuple[float | None, Judgement]:
    """What each character of the legal form has by itself at least, and what is said of the line, or is said
    once the entry is mended."""
    cover, _ = print_line(written, hands()[hand], 44.0)
    picture = (250 - np.repeat(cover[:, :, None], 3, axis=2) * 210).astype(np.uint8)
    held = case(entry={"employer_name": entered})
    crops = [RegionCrops(EMPLOYER.id, (LineCrop(picture, picture, Box(0, 0, 80, 8), 8.0),))]
    found = read(crops, form(EMPLOYER), held)[EMPLOYER.id]
    judging = held if mended is None else case(entry={"employer_name": mended})
    return found.alone, judge_text(EMPLOYER, found, judging)


@pytest.mark.parametrize("hand", ["ma-shan-zheng", "lxgw-wenkai", "long-cang"])
def test_a_legal_form_as_it_should_be_agrees(hand: str) -> None:
    alone, found = judged(NAME, hand)
    assert alone is not None and alone > 1
    assert found.agreement == "agree"


@pytest.mark.parametrize("hand", ["ma-shan-zheng", "lxgw-wenkai", "ar-pl-ukai", "long-cang"])
@pytest.mark.parametrize(("own", "other"), [("有", "冇"), ("公", "么"), ("限", "恨"), ("司", "同")])
def test_another_character_in_a_legal_form_does_not_agree(hand: str, own: str, other: str) -> None:
    assert judged(NAME.replace(own, other), hand)[1].agreement == "unsure"


@pytest.mark.parametrize(("written", "agreement"), [(NAME, "agree"), (NAME.replace("有", "冇"), "unsure")])
def test_what_was_read_under_another_entry_holds_for_the_mended_one(written: str, agreement: str) -> None:
    alone, found = judged(written, entered="合肥金信工程有限公司", mended=NAME)
    assert alone is not None
    assert found.agreement == agreement


@pytest.mark.parametrize("reader", ["_look_alone", "_tuned_look_alone"])
def test_one_of_the_two_models_is_enough(monkeypatch: pytest.MonkeyPatch, reader: str) -> None:
    monkeypatch.setattr(f"scanservice.verify.reader.{reader}", lambda part: posterior("口"))
    assert judged(NAME)[1].agreement == "agree"
    monkeypatch.setattr("scanservice.verify.reader._look_alone", lambda part: posterior("口"))
    monkeypatch.setattr("scanservice.verify.reader._tuned_look_alone", lambda part: posterior("口"))
    assert judged(NAME)[1].why == "character-alone"


def test_the_last_look_leaves_the_neighbours_out(monkeypatch: pytest.MonkeyPatch) -> None:
    widths: list[int] = []

    def sees_every_second(part: Image) -> Posterior:
        widths.append(part.shape[1])
        return posterior("口") if len(widths) % 2 else _tuned_look_alone(part)

    monkeypatch.setattr("scanservice.verify.reader._look_alone", lambda part: posterior("口"))
    monkeypatch.setattr("scanservice.verify.reader._tuned_look_alone", sees_every_second)
    assert judged(NAME)[1].agreement == "agree"
    assert all(less <= whole for whole, less in zip(widths[::2], widths[1::2], strict=True))
    assert sum(widths[1::2]) < sum(widths[::2])


def test_a_name_without_a_legal_form_is_not_asked() -> None:
    institute = "南京市海洋与渔业研究所"
    assert judged(institute, entered=institute)[0] is None


@pytest.mark.parametrize(("alone", "agreement"), [(None, "agree"), (1.0, "agree"), (0.99, "unsure")])
def test_a_doubtful_character_leaves_the_line_unsure(alone: float | None, agreement: str) -> None:
    found = judge_text(EMPLOYER, replace(texts([NAME]), alone=alone), ENTERED)
    assert found.agreement == agreement
    assert (found.why == "character-alone") == (agreement == "unsure")
