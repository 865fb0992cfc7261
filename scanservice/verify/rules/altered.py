"""Whether a field was corrected."""

from __future__ import annotations

from scanservice.verify.rules.view import Place

ALTERED_FROM = 0.5
"""Of `Judgement.corrected` and of `InkMeasure.altered`, which are probabilities: from where a correction is
the likelier case."""
CORRECTED_FROM = 0.05
"""Of `Judgement.corrected` where nothing is seen to say another text: it is confirmed, and nothing else asks
a person to look, or it is in doubt, and a person is told why. Of the forms that `benchmarks.marks.calibrate
fields` measures, 8 of 1,806 clean fields that are confirmed have as much (2 have `ALTERED_FROM`; of 718 by
neat hands 2), and 78 % of 143 that were written over instead of 43 %; of those in doubt 6 of 136 clean ones,
and 232 of 263 corrected ones instead of 182."""
SUSPECTED_FROM = 0.04
"""Of `InkMeasure.altered` and `InkMeasure.painted` where the readers do not confirm the text, which they
seldom do over a correction: 3 to 4 % of clean lines exceed it, 96 % of those struck out
(docs/benchmarks/marks.md)."""


def is_altered(place: Place) -> bool:
    """Whether a correction is likely there.

    The pen's are judged beside the expected text (`Judgement.corrected`), which weighs whether the readers
    confirm it; where that could not be done, and for paint, by the ink or the paper alone, and then a slight
    suspicion counts where no text is read for certain.
    """
    if not place.seen or not place.seen.ink:
        return False
    ink, judged = place.seen.ink, place.judgement
    doubted = judged is not None and judged.agreement == "unsure" and not judged.leans
    suspected = SUSPECTED_FROM if doubted else ALTERED_FROM
    if judged is None or judged.corrected is None or ink.painted is None:
        return ink.altered >= suspected
    penned = CORRECTED_FROM if judged.agreement == "agree" or doubted else ALTERED_FROM
    return judged.corrected >= penned or ink.painted >= suspected
