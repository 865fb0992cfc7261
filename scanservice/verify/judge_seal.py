"""Whether a seal's ring names the organisation whose seal should stand there.

A ring holds more than the name: the school before a college, the kind of seal after it. So the name is
looked for within the free reading of the ring, put in its place there, and weighed character by character
against the ink as any text is; what stands around it must be such as may.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scanservice.case import Case
from scanservice.evidence import Judgement, RegionEvidence, RegionReading
from scanservice.template import Owner, Region, Template
from scanservice.verify.alphabet import Alphabet, folded
from scanservice.verify.calibration import calibration
from scanservice.verify.comparators import Variant, variants
from scanservice.verify.ctc import steps
from scanservice.verify.dense import Flags
from scanservice.verify.fields import lattices
from scanservice.verify.judge_text import shown_reading
from scanservice.verify.posterior import Lattice
from scanservice.verify.recogniser import recogniser
from scanservice.verify.rivals import alike
from scanservice.verify.weighing import CLIP, weigh

PRESENT = 0.5
"""Probability of a seal below which there is no name to judge."""
LEGIBLE = 0.80
"""Mean probability of the ring's characters, in every look, from which another name is believed."""
NEAR = 0.6
"""Share of the expected name's characters, in order, that another organisation's ring may hold at most:
two companies of one city and one legal form share about half."""
KINDS = re.compile(
    r"(公章|印章|印|(劳动|人事|合同|行政|财务|业务|就业|招聘|毕业生就业)*(合同)?专用章|人事处|人事部|人力资源部)?\d*"
)
"""What may follow an organisation's name on its own seal; a branch or department is another organisation."""

MOST_HIDDEN = 0.2
"""Share of a name's characters that need not be legible where other ink hides them: the others tell it from
any name but one that differs in just these."""
LEAST_HIDDEN = 0.15
"""Share of a character's length from which on it is hidden."""


@dataclass(frozen=True, slots=True)
class _Found:
    """The best place of a name in a ring: its weakest character's margin, and what stands around it."""

    variant: Variant
    margin: float
    before: str
    after: str


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
    return _compared(region, seen.seal.hidden, reading, case, template, expected, read)


def _compared(
    region: Region,
    hidden: Sequence[tuple[float, float]],
    reading: RegionReading,
    case: Case,
    template: Template,
    expected: str,
    read: str,
) -> Judgement:
    named = region.model_copy(update={"compare": "organisation"})
    alphabet = Alphabet(recogniser().characters, "organisation")
    spellings = [(variant, alphabet.encode(variant.text)) for variant in variants(named, expected, case)]
    known = [(variant, codes) for variant, codes in spellings if codes]
    looks = lattices(reading, alphabet, [codes for _, codes in known])
    if not known or not looks:
        return Judgement(
            region.id, "unsure", expected, read, 0.0, "unknown-character" if looks else "not-read"
        )
    agree = calibration().agree["words"]
    places = [_placed(variant, codes, looks, alphabet, hidden) for variant, codes in known]
    clear = [found for found in places if found.margin >= agree.threshold]
    # A short form of the name fits wherever the whole name does: what is left over then decides.
    whole = [found for found in clear if _may_surround(region.owner, found, case, template)]
    if clear:
        found = max(whole or clear, key=lambda f: (f.variant.agreement == "agree", f.margin))
        probability = agree.probability(found.margin)
        if not whole:
            return Judgement(region.id, "unsure", expected, read, probability, "more-on-seal")
        return Judgement(region.id, found.variant.agreement, expected, read, probability, found.variant.why)
    found = max(places, key=lambda f: f.margin)
    if _another(expected, looks, alphabet):
        # A ring holds a name beyond doubt as soon as it reads as another one: what is left to doubt is
        # whether it was read well, and margins against a name, cut off at `CLIP`, do not tell that.
        legible = min(look.confidence for look in looks)
        return Judgement(region.id, "differ", expected, read, round(legible, 4), "other-name")
    return Judgement(region.id, "unsure", expected, read, agree.probability(found.margin), "between")


def _placed(
    variant: Variant,
    codes: tuple[int, ...],
    looks: Sequence[Lattice],
    alphabet: Alphabet,
    hidden: Sequence[tuple[float, float]],
) -> _Found:
    """A name put into each look's free reading where it fits best, and weighed there.

    A few characters that other ink hides need not be read.
    """
    margins = []
    around = ("", "")
    legible = np.ones(len(codes), bool)
    for look in looks:
        free = look.greedy()
        start, end = _span(free, codes)
        whole = (*free[:start], *codes, *free[end:])
        weighed = weigh(look, whole, {whole})
        margins.append(weighed.margins[start : start + len(codes)])
        if look is looks[0]:
            legible = ~_covered(look, whole, hidden)[start : start + len(codes)]
        if look is max(looks, key=lambda one: one.confidence):
            around = alphabet.decode(free[:start]), alphabet.decode(free[end:])
    each = np.array(margins)
    mean = each.mean(axis=0)
    weakest = np.flatnonzero(~legible)[np.argsort(mean[~legible])][: int(MOST_HIDDEN * len(codes))]
    mean = np.delete(mean, weakest)
    return _Found(variant, float(np.clip(mean.min(), -CLIP, CLIP)), *around)


def _covered(look: Lattice, codes: tuple[int, ...], hidden: Sequence[tuple[float, float]]) -> Flags:
    """Which characters of a ring other ink hides in part; `hidden`: shares of the look's length."""
    count = len(look.weights)
    at = (steps(look.weights, look.columns(codes)) + 0.5) / count
    between = (at[1:] + at[:-1]) / 2
    begin, end = np.insert(between, 0, 0.0), np.append(between, 1.0)
    found = np.zeros(len(codes), np.bool_)
    for first, last in hidden:
        found |= np.minimum(end, last) - np.maximum(begin, first) > LEAST_HIDDEN * (end - begin)
    return found


def _span(free: Sequence[int], codes: Sequence[int]) -> tuple[int, int]:
    """Where in the free reading the name, or what was read for it, stands."""
    blocks = difflib.SequenceMatcher(None, free, codes, autojunk=False).get_matching_blocks()[:-1]
    if not blocks:
        return 0, len(free)
    first, last = blocks[0], blocks[-1]
    start = max(first.a - first.b, 0)
    end = min(last.a + last.size + len(codes) - last.b - last.size, len(free))
    return start, max(end, start)


def _may_surround(owner: Owner | None, found: _Found, case: Case, template: Template) -> bool:
    """Whether what stands beside the name leaves it the same organisation's seal."""
    school = folded(template.description.issuer or "", "organisation")
    if owner == "school":
        return not found.before
    if owner == "college":
        return found.before in ("", school) and KINDS.fullmatch(found.after) is not None
    return not found.before and KINDS.fullmatch(found.after) is not None


def _another(expected: str, looks: Sequence[Lattice], alphabet: Alphabet) -> bool:
    """Whether every look reads the name of another organisation clearly."""
    name = folded(expected, "organisation")
    for look in looks:
        text = alphabet.decode(look.greedy())
        if look.confidence < LEGIBLE or len(text) < 4:
            return False
        blocks = difflib.SequenceMatcher(None, text, name, autojunk=False).get_matching_blocks()
        shared = sum(block.size for block in blocks) + sum(
            1 for a, b in zip(text, name, strict=False) if a != b and alike(a, b)
        )
        # Part of the name, where the rest of the ring was not read, is no other name.
        if shared > NEAR * min(len(name), len(text)):
            return False
    return True


def _owner_name(owner: Owner | None, case: Case, template: Template) -> str | None:
    """The name that the owner's seal should bear."""
    if owner == "school":
        return template.description.issuer
    paths = {
        "employer": "entry.employer_name",
        "college": "student.college",
        "authority": "entry.authority_name",
    }
    return case.value(paths[owner]) if owner in paths else None
