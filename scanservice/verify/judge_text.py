"""Whether the ink of a text region says what was entered.

The text is not read and then compared. Each way of writing the expected value is scored against the ink
under the recogniser's probabilities, in every preparation of the crop; then each of its characters is
weighed against all that could stand in its place. The weakest character decides: a difference in one
must not hide in a long text's average. `differ` asks for a rival that every preparation prefers clearly
and that could stand in such a field; what lies between is `unsure`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scanservice.case import Case
from scanservice.evidence import Judgement, RegionReading
from scanservice.template import Region
from scanservice.verify import ctc
from scanservice.verify.alphabet import ANY, BORDER
from scanservice.verify.calibration import calibration, group
from scanservice.verify.fields import Field, Spelling, field, lattices
from scanservice.verify.free import FreeReading, difference, free_reading
from scanservice.verify.posterior import Lattice
from scanservice.verify.rivals import alike
from scanservice.verify.weighing import CLIP, Weighing, weigh

LEGIBLE = 0.70
"""Mean probability of the free reading's characters below which it is no evidence of another text;
right free readings of hurried writing had .90 and more, readings of torn lines .3 to .6."""


@dataclass(frozen=True, slots=True)
class Fit:
    """How well one spelling fits the ink.

    Attributes:
        spelling: which one.
        margin: least, over its characters, of the mean over the preparations of the margin over the
            strongest rival, less what a look-alike asks; within `CLIP`.
        against: least, over its characters, of the greatest margin in any preparation: the less, the
            more every preparation denies that character.
        rival: the strongest rival at the weakest character, as classes.
        relative: mean log probability relative to the best path.
    """

    spelling: Spelling
    margin: float
    against: float
    rival: tuple[int, ...]
    relative: float


def judge_text(region: Region, reading: RegionReading, case: Case, *, trusted: bool = True) -> Judgement:
    """A region with ink in it.

    Args:
        reading: of its lines; at least one.
        trusted: False where the place is known only roughly or cannot be seen well: then nothing that is
            read there tells of a difference.
    """
    asked = field(region, case, cells=reading.cells)
    if asked is None:
        return Judgement(region.id, "not_evaluated", None, shown_reading(reading), 0.0, "no-expected-value")
    found = lattices(reading, asked.alphabet, asked.codes, cells=asked.cells)
    free = free_reading(asked, reading, found)
    if not found or not asked.spellings:
        return Judgement(region.id, "unsure", asked.shown, free.text, 0.0, "not-read")
    fits = _fits(asked, found)
    good = _agreeing(asked, fits)
    curve = calibration().agree[group(asked.compare)]
    if good is not None:
        variant = good.spelling.variant
        return Judgement(
            region.id, variant.agreement, asked.shown, free.text, curve.probability(good.margin), variant.why
        )
    return _denied(asked, fits, free, trusted=trusted)


def leaves_doubt(region: Region, reading: RegionReading, case: Case) -> bool:
    """Whether another look at the region could change the answer."""
    asked = field(region, case, cells=reading.cells)
    if asked is None or not asked.codes:
        return False
    found = lattices(reading, asked.alphabet, asked.codes, cells=asked.cells)
    fits = _fits(asked, found)
    good = _agreeing(asked, fits)
    return good is None


def shown_reading(reading: RegionReading) -> str | None:
    """The free reading as it is, for people."""
    text = " ".join(line.free for line in reading.lines if line.free)
    return text or None


def _fits(asked: Field, found: Sequence[Lattice]) -> list[Fit]:
    """Fits of the likeliest spelling of each kind: exact characters, with a wildcard, doubtful ones."""
    known = [spelling for spelling in asked.spellings if spelling.codes]
    if not known or not found:
        return []
    texts = [spelling.codes or () for spelling in known]
    relative = np.mean(
        [ctc.scores(lattice.weights, [lattice.columns(text) for text in texts]) for lattice in found], axis=0
    )
    same = {
        text
        for text, spelling in zip(texts, known, strict=True)
        if spelling.variant.agreement == "agree" and ANY not in text
    }
    best: dict[tuple[str, bool], int] = {}
    for index, spelling in enumerate(known):
        kind = (spelling.variant.agreement, ANY in texts[index])
        if kind not in best or relative[index] > relative[best[kind]]:
            best[kind] = index
    return [
        _fit(known[index], texts[index], found, same, float(relative[index]), asked)
        for index in best.values()
    ]


def _fit(
    spelling: Spelling,
    codes: tuple[int, ...],
    found: Sequence[Lattice],
    same: set[tuple[int, ...]],
    relative: float,
    asked: Field,
) -> Fit:
    weighings = [weigh(lattice, codes, same) for lattice in found]
    margins = np.array([weighing.margins for weighing in weighings])
    mean = margins.mean(axis=0)
    asks = np.array([_asks(asked, codes, weighings, place) for place in range(len(codes))])
    place = int(np.argmin(mean - asks))
    denied = int(np.argmin(margins.max(axis=0)))
    return Fit(
        spelling,
        float(np.clip(mean[place] - asks[place], -CLIP, CLIP)),
        float(margins[:, denied].max()),
        weighings[0].rivals[denied],
        relative,
    )


def _asks(asked: Field, codes: tuple[int, ...], weighings: Sequence[Weighing], place: int) -> float:
    """What a character must show beyond the threshold, because something looks like it.

    A look-alike asks it, and so does one character too many or too few in a row of equal ones: there the
    probabilities hardly tell two from three.
    """
    if codes[place] in (ANY, BORDER):
        return 0.0
    own = asked.alphabet.decode(codes[place : place + 1])
    for weighing in weighings:
        rival = weighing.rivals[place]
        if not rival:
            continue
        if len(rival) != len(codes):
            if codes[place] in codes[max(place - 1, 0) : place] + codes[place + 1 : place + 2]:
                return calibration().alike
        elif rival[place] not in (ANY, BORDER) and alike(
            own, asked.alphabet.decode(rival[place : place + 1])
        ):
            return calibration().alike
    return 0.0


def _agreeing(asked: Field, fits: Sequence[Fit]) -> Fit | None:
    """The spelling that the ink says, if it says one; a doubtful one where the ink prefers it."""
    threshold = calibration().agree[group(asked.compare)].threshold
    passing = [fit for fit in fits if fit.margin >= threshold]
    plain = [fit for fit in passing if ANY not in (fit.spelling.codes or ())]
    firm = [fit for fit in plain if fit.spelling.variant.agreement == "agree"]
    return next(iter(firm or plain or passing), None)


def _denied(asked: Field, fits: Sequence[Fit], free: FreeReading, *, trusted: bool) -> Judgement:
    """The ink does not say what was entered: whether it says something else, or cannot be told."""
    curve = calibration().differ[group(asked.compare)]
    hope = max((fit.margin for fit in fits), default=-CLIP)
    chance = calibration().agree[group(asked.compare)].probability(hope)

    def answer(agreement: str, confidence: float, why: str) -> Judgement:
        return Judgement(asked.region.id, agreement, asked.shown, free.text, confidence, why)  # type: ignore[arg-type]

    if any(spelling.codes is None for spelling in asked.spellings):
        return answer("unsure", chance, "unknown-character")
    if not trusted:
        return answer("unsure", chance, "place-uncertain")
    if not free.codes or free.confidence < LEGIBLE:
        return answer("unsure", chance, "illegible")
    if not free.possible:
        return answer("unsure", chance, "impossible-reading")
    nearest = max(fits, key=lambda fit: fit.relative).spelling.codes or ()
    asks, why = difference(asked.alphabet.decode(free.codes), asked.alphabet.decode(nearest))
    against = -max(fit.against for fit in fits) - asks
    if against < curve.threshold:
        return answer("unsure", chance, "between")
    return answer("differ", curve.probability(against), why)
