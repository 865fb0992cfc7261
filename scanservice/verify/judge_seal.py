"""Whether a seal's ring names the organisation whose seal should stand there."""

from __future__ import annotations

from scanservice.case import Case
from scanservice.evidence import Judgement, RegionEvidence, RegionReading
from scanservice.template import Owner, Region, Template
from scanservice.verify.judge_text import shown_reading

PRESENT = 0.5
LEGIBLE = 0.85
"""Mean probability of the ring's characters from which it counts as legible; of rings of our own seals
that were read right, 98 of 100 had more."""
FAR = 0.5
"""Share of the expected name's characters that a legible ring must lack to be another organisation's."""


def judge_seal(
    region: Region, seen: RegionEvidence | None, reading: RegionReading | None, case: Case, template: Template
) -> Judgement:
    """The name on a seal against its owner's."""
    expected = _owner_name(region.owner, case, template)
    read = None if reading is None else shown_reading(reading)
    if seen is None or seen.seal is None:
        return Judgement(region.id, "not_evaluated", expected, read, 0.0, "not-found")
    if seen.seal.presence < PRESENT:
        return Judgement(region.id, "blank", expected, None, round(1 - seen.seal.presence, 4), "no-seal")
    if expected is None:
        return Judgement(region.id, "not_evaluated", None, read, 0.0, "no-expected-value")
    if reading is None or not reading.lines or read is None:
        return Judgement(region.id, "unsure", expected, None, 0.0, "not-read")
    return Judgement(region.id, "unsure", expected, read, 0.0, "between")


def _owner_name(owner: Owner | None, case: Case, template: Template) -> str | None:
    if owner == "school":
        return template.description.issuer
    paths = {
        "employer": "entry.employer_name",
        "college": "student.college",
        "authority": "entry.authority_name",
    }
    return case.value(paths[owner]) if owner in paths else None
