"""Whether the ink of a text region says what was entered.

The text is not read and then compared. Each way of writing the expected value is scored against the ink
under the recogniser's probabilities, in every preparation of the crop; then each of its characters is
weighed against all that could stand in its place (`fitting`). The weakest character decides: a
difference in one must not hide in a long text's average. `differ` asks for a rival that every preparation
prefers clearly and that could stand in such a field; what lies between is `unsure`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from scanservice.case import Case
from scanservice.evidence import Judgement, RegionReading
from scanservice.template import Region
from scanservice.verify.calibration import calibration
from scanservice.verify.fields import Field, field, lattices
from scanservice.verify.fitting import Fit, fits
from scanservice.verify.foreseen import WORDY, garbles
from scanservice.verify.free import FreeReading, difference, free_reading

LEGIBLE = 0.85
"""Mean probability of the free reading's characters below which it is no evidence of another text;
misreadings of cursive hands, on which every look agreed, had .7 to .8 (benchmarks/agreement)."""
SURE = 0.75
"""Calibrated probability from which another text is `differ`; up to it, it is `unsure` that leans. The curve
ends at .86, where margins are clipped, so that this asks for all but the strongest evidence. A case has some
26 lines, and one wrongly denied sends a good paper back: a look-alike near the threshold (3 for 8) is for a
person."""


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
    if not found or not asked.spellings:
        return Judgement(region.id, "unsure", asked.shown, shown_reading(reading), 0.0, "not-read")
    tried = fits(asked, found)
    good = agreeing(tried)
    if good is None:
        return _denied(asked, tried, free_reading(asked, reading, found), trusted=trusted)
    variant = good.spelling.variant
    chance = calibration().agree[good.kind].probability(good.margin)
    if reading.alone is not None and reading.alone < 1 and variant.agreement == "agree":
        shown, chance = shown_reading(reading), reading.alone * chance
        return Judgement(region.id, "unsure", asked.shown, shown, chance, "character-alone")
    return Judgement(region.id, variant.agreement, asked.shown, shown_reading(reading), chance, variant.why)


def leaves_doubt(region: Region, reading: RegionReading, case: Case) -> bool:
    """Whether another look at the region could change the answer."""
    asked = field(region, case, cells=reading.cells)
    if asked is None or not asked.codes:
        return False
    found = lattices(reading, asked.alphabet, asked.codes, cells=asked.cells)
    return agreeing(fits(asked, found)) is None


def shown_reading(reading: RegionReading) -> str | None:
    """The free reading as it is, for people."""
    text = " ".join(line.free for line in reading.lines if line.free)
    return text or None


def agreeing(tried: Sequence[Fit]) -> Fit | None:
    """The spelling that the ink says, if it says one; one that leaves nothing open before the others."""
    passing = [fit for fit in tried if fit.slack >= 0]
    plain = [fit for fit in passing if not fit.wild]
    firm = [fit for fit in plain if fit.spelling.variant.agreement == "agree"]
    return next(iter(firm or plain or passing), None)


def _denied(asked: Field, tried: Sequence[Fit], free: FreeReading, *, trusted: bool) -> Judgement:
    """The ink does not say what was entered: whether it says something else, or cannot be told."""
    nearest = max(tried, key=lambda fit: fit.relative, default=None)
    chance = max((calibration().agree[fit.kind].probability(fit.margin) for fit in tried), default=0.0)

    def answer(
        agreement: Literal["differ", "unsure"], confidence: float, why: str, *, leans: bool = False
    ) -> Judgement:
        return Judgement(asked.region.id, agreement, asked.shown, free.text, confidence, why, leans)

    if nearest is None or any(spelling.codes is None for spelling in asked.spellings):
        return answer("unsure", chance, "unknown-character")
    if not trusted:
        return answer("unsure", chance, "place-uncertain")
    if not free.codes or free.confidence < LEGIBLE:
        return answer("unsure", chance, "illegible")
    curve = calibration().differ[nearest.kind]
    against, asks, why = denial(asked, tried, free)
    leans = against >= curve.threshold
    if not free.possible:
        # A reading that check digits mend to what was entered speaks for neither.
        mended = free.text == asked.shown
        return answer("unsure", chance, "impossible-reading", leans=leans and not mended)
    sure = against - asks >= curve.threshold and curve.probability(against - asks) >= SURE
    if not sure:
        return answer("unsure", chance, why if leans else "between", leans=leans)
    if why == "look-alike" and nearest.kind == "words":
        # A hand may write its 敏 like another's 敬: who is asked sees it at once.
        return answer("unsure", chance, why, leans=True)
    if _faded(asked, nearest, free):
        return answer("unsure", chance, "faint-strokes", leans=True)
    if _garbled(asked, nearest, free):
        return answer("unsure", chance, "unlikely-reading", leans=True)
    return answer("differ", curve.probability(against - asks), why)


def _faded(asked: Field, nearest: Fit, free: FreeReading) -> bool:
    """Whether all that was read otherwise are fours as ones: what is left of a pen's 4 in a bright or coarse
    picture that lost its thin strokes."""
    reading, text = asked.alphabet.decode(free.codes), asked.alphabet.decode(nearest.spelling.codes or ())
    pairs = {(one, other) for one, other in zip(text, reading, strict=False) if one != other}
    return len(text) == len(reading) and pairs == {("4", "1")}


def _garbled(asked: Field, nearest: Fit, free: FreeReading) -> bool:
    """Whether what was read is the expected text but for a word, of which it makes none, or but for an
    ideograph in a number."""
    reading, text = asked.alphabet.decode(free.codes), asked.alphabet.decode(nearest.spelling.codes or ())
    if text.isascii():
        return not reading.isascii()
    return asked.compare in WORDY and garbles(reading, text)


def denial(asked: Field, tried: Sequence[Fit], free: FreeReading) -> tuple[float, float, str]:
    """How strongly the ink says another text than every spelling; what that difference asks; its code.

    The looks must not contradict one another: either they all read the same, or the expected text stands
    there but for the one place in which they all see the same rival. At most 0 where neither holds.
    """
    nearest = max(tried, key=lambda fit: fit.relative)
    if not free.shared and nearest.elsewhere < 0:
        return 0.0, 0.0, "between"
    asks, why = difference(
        asked.alphabet.decode(free.codes), asked.alphabet.decode(nearest.spelling.codes or ())
    )
    return min(fit.against for fit in tried), asks, why
