"""What is not known is not evaluated and never passes, and nothing makes a rule crash."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.verify.builders import CASE, Scene, scene
from tests.verify.rules.asking import codes, verdict

NEEDED_NOWHERE = {
    "student.number", "student.gender", "student.birth", "student.ethnicity", "student.political_status",
    "student.college", "student.degree", "student.education_years", "student.education_mode", "student.phone",
    "student.home_address", "entry.employer_code", "entry.employer_region", "entry.employer_nature",
    "entry.employer_affiliation", "entry.authority_name", "entry.employer_contact", "entry.employer_phone",
    "entry.employer_postcode", "entry.archive_address", "entry.archive_postcode", "entry.archive_contact",
    "entry.archive_phone", "entry.household_address", "workflow.offer_notice", "workflow.online_agreement",
}  # fmt: skip
"""Facts that this form asks for nowhere, or not of everyone; without them a scan may pass."""


def leaves(holder: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    for key, value in holder.items():
        path = f"{prefix}{key}"
        if isinstance(value, dict):
            yield from leaves(value, f"{path}.")
        else:
            yield path


PATHS = [path for path in leaves(CASE) if path not in ("case", "today", "student.name", "workflow.state")]


@pytest.mark.parametrize("path", PATHS)
def test_a_fact_that_is_not_known(path: str) -> None:
    spoilt = scene({path: None})
    assert "check-failed" not in codes(spoilt)
    assert (verdict(spoilt) == "pass") == (path in NEEDED_NOWHERE)


def test_nothing_is_known() -> None:
    spoilt = scene(dict.fromkeys(PATHS))
    assert "check-failed" not in codes(spoilt)
    assert verdict(spoilt) == "return"
    assert (
        codes(scene({"entry": None, **{p: None for p in PATHS if p.startswith("workflow")}}))[0]
        == "entry-missing"
    )


AGREEMENTS = st.sampled_from(["agree", "differ", "unsure", "blank", "not_evaluated"])
CHANCE = st.sampled_from([0.0, 0.05, 0.3, 0.7, 0.95, 1.0])
TROUBLES = st.sampled_from([(), (), ("blur",), ("glare", "cut_off"), ("low_resolution",)])
STATES = st.sampled_from(["registered", "entry_draft", "entry_confirmed", "returned", "filed", "terminating"])


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    """A scan in which anything may have happened to some places and facts."""
    changes: dict[str, Any] = dict.fromkeys(draw(st.sets(st.sampled_from(PATHS), max_size=4)))
    if draw(st.booleans()):
        changes["workflow.state"] = draw(STATES)
    spoilt = scene(changes).standing(
        draw(st.sampled_from(["accepted", "accepted", "unsure", "foreign", "refused"]))
    )
    for region in draw(st.sets(st.sampled_from(sorted(spoilt.judged)), max_size=6)):
        spoilt = spoilt.judgement(region, draw(AGREEMENTS), read=draw(st.sampled_from([None, "甲"])))
        spoilt = spoilt.trouble(region, *draw(TROUBLES))
    for region in draw(st.sets(st.sampled_from(["m1", "m2", "m3", "m4"]), max_size=2)):
        spoilt = spoilt.seal(region, draw(CHANCE), draw(st.sampled_from(["red", "grey", None])))
    for region in draw(st.sets(st.sampled_from(["s1", "s2"]), max_size=1)):
        spoilt = spoilt.signature(region, draw(CHANCE))
    return spoilt


@settings(max_examples=120, deadline=None)
@given(scenes())
def test_no_rule_crashes_and_no_doubt_passes(spoilt: Scene) -> None:
    assert "check-failed" not in codes(spoilt)
    if verdict(spoilt) != "pass":
        return
    assert spoilt.layout.standing == "accepted"
    required = [r for _, r in spoilt.template.regions() if r.required and r.kind == "text"]  # type: ignore[union-attr]
    assert all(spoilt.judged[region.id].agreement == "agree" for region in required)
    assert spoilt.seen["m1"].seal.presence >= 0.9  # type: ignore[union-attr]
    assert spoilt.seen["s1"].signature.presence >= 0.9  # type: ignore[union-attr]
    assert spoilt.seen["m4"].seal.presence <= 0.1  # type: ignore[union-attr]
    assert all(spoilt.judged[serial].agreement == "agree" for serial in ("n1", "n2"))


@settings(max_examples=100, deadline=None)
@given(scenes())
def test_a_pass_has_only_notes_and_another_verdict_has_a_reason(spoilt: Scene) -> None:
    found = codes(spoilt)
    assert len(found) == len(set(found)) or verdict(spoilt) != "pass"
    assert (verdict(spoilt) == "pass") == all(
        code in ("roster-replaced-character", "page-duplicate") for code in found
    )
