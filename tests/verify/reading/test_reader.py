"""The recognisers on real ink: what is read, what is asked again, and the floor of a small corpus."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest

from benchmarks.agreement.lines import calibration_hands, lines
from benchmarks.agreement.trials import edits, line_case, line_region
from fixtures.maker.fonts import printed
from fixtures.maker.ink import print_line
from scanservice.evidence import LineCrop, RegionCrops
from scanservice.geometry import Box
from scanservice.template import Comparator, Description, Region, Template
from scanservice.verify import read
from scanservice.verify.judge_serial import judge_serial
from scanservice.verify.judge_text import judge_text
from scanservice.verify.reader import looks
from scanservice.verify.recogniser import (
    KEPT,
    PLAIN,
    STEP,
    TUNED,
    WIDTHS,
    Recogniser,
    recogniser,
    recogniser_name,
)
from scanservice.verify.tuned import MARK
from tests.verify.reading.inked import case, posterior


def form(region: Region) -> Template:
    page = {"page": 1, "name": "one", "regions": [region]}
    description = Description.model_validate({"format": 1, "id": "form", "title": "表", "pages": [page]})
    return Template(description, Path("form"), "0", ((210.0, 297.0),))


def test_a_posterior_is_sparse_sorted_and_as_long_as_the_line() -> None:
    line = np.full((40, 200, 3), 255, np.uint8)
    seen = recogniser().posterior(line, "test")
    assert seen.symbols.shape == seen.log_probs.shape == (200 * 48 // 40 // STEP, KEPT)
    assert (np.diff(seen.log_probs.astype(float), axis=1) <= 0).all()
    assert seen.symbols.dtype == np.int32
    assert (seen.symbols[:, 0] == 0).all()


def test_lines_of_any_size_are_read() -> None:
    for height, width in ((1, 1), (3, 900), (60, 20), (30, 6000)):
        seen = recogniser().posterior(np.full((height, width, 3), 255, np.uint8), "test")
        assert 1 <= len(seen.symbols) <= WIDTHS[-1] // STEP


def test_the_same_crop_gives_the_same_probabilities() -> None:
    line = next(lines(5, 1, calibration_hands(), "neat")).crop.image
    one, two = (recogniser().posterior(line, "test") for _ in range(2))
    assert (one.symbols == two.symbols).all()
    assert (one.log_probs == two.log_probs).all()


def test_neat_lines_agree_and_near_misses_never_do() -> None:
    """The floor: 12 neat lines of four hands, each against its own text and a near miss."""
    rng = np.random.default_rng(1)
    refused, accepted, called = 0, 0, 0
    for line in lines(77, 12, calibration_hands(), "neat"):
        region = line_region(line.compare)  # type: ignore[arg-type]
        crops = [RegionCrops(region.id, (line.crop,))]
        for right, text in [
            (True, line.text),
            *((False, other) for _, other in edits(line.text, line.compare, rng, 1)),
        ]:  # type: ignore[arg-type]
            held = line_case(line.compare, text)  # type: ignore[arg-type]
            found = judge_text(region, read(crops, form(region), held)[region.id], held)
            refused += right and found.agreement != "agree"
            called += right and found.agreement == "differ"
            accepted += not right and found.agreement == "agree"
    assert accepted == 0
    assert called == 0
    assert refused <= 1


def test_a_sure_line_is_looked_at_once_and_a_doubtful_one_again() -> None:
    line = next(lines(5, 1, ["lxgw-wenkai"], "neat"))
    region = line_region(line.compare)  # type: ignore[arg-type]
    crops = [RegionCrops(region.id, (line.crop,))]
    looks = [
        len(read(crops, form(region), held)[region.id].lines[0].posteriors)
        for held in (None, line_case(line.compare, line.text), line_case(line.compare, "欧阳若兰"))  # type: ignore[arg-type]
    ]
    assert looks[0] == looks[1] == 1 < looks[2]


@pytest.mark.parametrize(("compare", "first", "second"), [("name", TUNED, PLAIN), ("date", PLAIN, TUNED)])
def test_the_tuned_model_looks_first_but_at_dates(compare: Comparator, first: str, second: str) -> None:
    region = Region.model_validate(
        {"id": "line", "kind": "text", "box": [0, 0, 9, 9], "value": "student.name", "compare": compare}
    )
    crop = next(lines(5, 1, calibration_hands(), "neat")).crop
    one, other = itertools.islice(looks(RegionCrops("line", (crop,)), region), 2)
    assert [one[0].source, other[0].source] == [f"{first}/ink", f"{second}/ink"]


def test_what_the_pen_made_illegible_is_shown_as_people_write_it(monkeypatch: pytest.MonkeyPatch) -> None:
    line = next(lines(5, 1, calibration_hands(), "neat"))
    region = line_region(line.compare)  # type: ignore[arg-type]
    look = posterior("王小明", {1: {MARK: 0.9}})
    monkeypatch.setattr(Recogniser, "posterior", lambda *_: look)
    found = read([RegionCrops(region.id, (line.crop,))], form(region))[region.id]
    assert found.lines[0].free == "王□明"


def test_a_printed_serial_is_read_by_both_readers() -> None:
    region = Region.model_validate(
        {"id": "serial", "kind": "serial", "box": [0, 0, 40, 6], "pattern": r"NO\.(?P<serial>\d{10})"}
    )
    cover, _ = print_line("NO.2019100423", printed("numbering"), 44.0)
    image = np.full((*cover.shape, 3), 250, np.float32)
    image += (np.array([40, 30, 190], np.float32) - image) * cover[..., None]
    picture = np.pad(image, ((14, 14), (20, 20), (0, 0)), constant_values=250).astype(np.uint8)
    crops = [RegionCrops("serial", (LineCrop(picture, picture, Box(0, 0, 40, 6), 8.0),))]
    found = judge_serial(region, read(crops, form(region))["serial"], case(entry={"serial": "2019100423"}))
    assert (found.agreement, found.read) == ("agree", "2019100423")


def test_the_recogniser_is_named_with_its_versions() -> None:
    assert recogniser_name().startswith("PP-OCRv6_rec_small (rapidocr 3.")
