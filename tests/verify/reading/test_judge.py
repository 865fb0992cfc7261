"""From evidence to judgements: what stands between a reading and what may be said of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from scanservice.case import Case
from scanservice.evidence import (
    Evidence,
    Failure,
    InkMeasure,
    Judgement,
    Layout,
    RegionEvidence,
    RegionQuality,
    RegionReading,
)
from scanservice.template import Description, Template
from scanservice.verify import judge
from tests.verify.reading.inked import case, texts

QUALITY = RegionQuality(8.0, 0.9, 0.9, 0.0, 0.0, 0.0)
CORNERS = ((0.0, 0.0), (9.0, 0.0), (9.0, 9.0), (0.0, 9.0))
REGION = {"id": "field", "kind": "text", "box": [0, 0, 60, 8], "value": "student.name", "compare": "name"}


def form() -> Template:
    description = Description.model_validate(
        {"format": 1, "id": "form", "title": "表", "pages": [{"page": 1, "name": "one", "regions": [REGION]}]}
    )
    return Template(description, Path("form"), "0", ((210.0, 297.0),))


def seen(*, blank: float = 0.0, residual: float = 0.2, quality: RegionQuality = QUALITY) -> RegionEvidence:
    return RegionEvidence("field", 0, CORNERS, residual, quality, ink=InkMeasure(20.0, None, blank))


def judged(
    region: RegionEvidence | None,
    reading: RegionReading | None,
    failures: tuple[Failure, ...] = (),
    held: Case | None = None,
) -> Judgement:
    evidence = Evidence(
        page_sizes=((0, 0, 100, 100),),
        layout=Layout("form", "accepted", (), ("form",), ()),
        regions={} if region is None else {"field": region},
        readings={} if reading is None else {"field": reading},
        failures=failures,
    )
    return judge(evidence, held or case(), form())["field"]


def test_a_region_that_was_not_found_is_not_evaluated() -> None:
    assert judged(None, None).agreement == "not_evaluated"


def test_no_ink_is_blank() -> None:
    found = judged(seen(blank=0.99), None)
    assert (found.agreement, found.confidence) == ("blank", 0.99)


def test_a_crash_is_unsure_and_says_so() -> None:
    found = judged(seen(), None, (Failure("read", "RuntimeError", "field"),))
    assert (found.agreement, found.why) == ("unsure", "failed")


@pytest.mark.parametrize("region", [seen(residual=3.0), seen(quality=replace(QUALITY, troubles=("blur",)))])
def test_where_the_place_is_uncertain_ink_can_agree_but_not_differ(region: RegionEvidence) -> None:
    assert judged(region, texts(["张海洋"])).agreement == "agree"
    assert judged(region, texts(["李建国"])).agreement == "unsure"


def test_judging_again_gives_the_same_and_other_facts_another_answer() -> None:
    read = texts(["张海洋"])
    assert judged(seen(), read) == judged(seen(), read)
    assert judged(seen(), read, held=case({"name": "李建国"})).agreement == "differ"
