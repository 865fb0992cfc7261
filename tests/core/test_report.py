"""What people see of a verdict."""

import numpy as np
import pytest

from scanservice.evidence import ScanPage
from scanservice.report.differences import Span, differing_spans
from scanservice.report.draw import GREEN, RED, draw_findings, region_state
from scanservice.report.text import summary
from scanservice.verdict import (
    FindingResult,
    PageResult,
    RegionResult,
    SerialResult,
    Timings,
    Verdict,
    Versions,
)

PAGE = PageResult(
    scan=0, page=0, template_page="p", width=1000, height=1400, rotation=0, alignment=None, quality=None
)
QUADS = {"name": 100.0, "seal": 500.0, "other": 900.0}


def quad(top):
    return ((100.0, top), (900.0, top), (900.0, top + 200), (100.0, top + 200))


def region(name, kind, **state):
    return RegionResult(id=name, kind=kind, page=0, quad=quad(QUADS[name]), **state)


def verdict(*regions, missing=None):
    found = []
    if missing:
        found = [
            FindingResult(
                code="employer-seal-missing",
                severity="return",
                region=missing,
                page=0,
                quad=quad(QUADS[missing]),
                params={},
                message="没有公章。",
                advice="请盖章。",
                clause="二(二)2",
            )
        ]
    return Verdict(
        verdict="return" if found else "review",
        case="c",
        template=None,
        pages=(PAGE,),
        serial=SerialResult(read=None, expected=None, agreement="not_evaluated", confidence=0),
        regions=regions,
        findings=tuple(found),
        input_sha256=("0",),
        versions=Versions(scanservice="0", rules="0", recogniser="0"),
        timings_ms=Timings(decode=0, align=0, measure=0, read=0, total=0),
    )


def drawn(result):
    white = np.full((1400, 1000, 3), 255, np.uint8)
    return draw_findings(ScanPage(0, 0, white, 1000, 1400), result, 0)


def holds(picture, colour, top):
    band = picture[int(top) - 20 : int(top) + 20, 300:700].reshape(-1, 3).astype(int)
    return bool((np.abs(band - colour).sum(axis=1) < 30).any())


def test_regions_are_outlined_by_state_where_they_lie():
    picture = drawn(
        verdict(
            region("name", "text", agreement="agree"),
            region("seal", "seal", presence="absent"),
            region("other", "seal", presence="absent"),
            missing="seal",
        )
    )
    assert holds(picture, GREEN, QUADS["name"])
    assert holds(picture, RED, QUADS["seal"])
    assert not holds(picture, RED, QUADS["other"])


@pytest.mark.parametrize(
    ("presence", "agreement", "state"),
    [
        ("present", "differ", "differ"),
        ("present", "agree", "present"),
        ("absent", None, "absent"),
        (None, "unsure", "unsure"),
        (None, None, "not_evaluated"),
    ],
)
def test_the_worse_of_presence_and_agreement_is_the_state(presence, agreement, state):
    assert region_state(region("seal", "seal", presence=presence, agreement=agreement)) == state


def test_the_summary_says_what_to_do():
    lines = summary(verdict(region("seal", "seal", presence="absent"), missing="seal"), "zh-CN")
    assert "退回" in lines
    assert "请盖章。" in lines
    assert "employer-seal-missing" in lines


def test_differing_characters_are_marked_on_both_sides():
    assert differing_spans("张海洋", "张海样") == (
        (Span("张海", False), Span("洋", True)),
        (Span("张海", False), Span("样", True)),
    )
    assert differing_spans("", "张") == ((), (Span("张", False),))
