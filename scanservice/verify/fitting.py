"""How well the ways of writing the expected text fit the ink, over all looks at it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scanservice.verify import ctc
from scanservice.verify.alphabet import ANY, BORDER
from scanservice.verify.calibration import Kind, calibration, kind
from scanservice.verify.dense import Flags, Floats
from scanservice.verify.fields import Field, Spelling
from scanservice.verify.grammar import outside_list, possible
from scanservice.verify.posterior import Lattice
from scanservice.verify.recogniser import TUNED
from scanservice.verify.rivals import alike
from scanservice.verify.weighing import CLIP, Handicap, Weighing, weigh

DIGITS_OF_CODE = range(2, 8)
"""Places of a credit code at which GB 32100 has the region's digits."""
LONELY = 3.0
"""Natural logarithm. Of the rules that were compared (mean, median, second, greatest, this), this one refused
fewest right lines at the same accepted near misses, on forms and on single lines."""
TUNED_SHARE, OVERRULED = 0.8, 2.5
"""Weight of the tuned reader's looks in that mean, beside the reader's as it came; and how far above its own
mean a character of words may come (natural logarithm). The reader as it came knows words, and sees a word
where another character stands in it: where the tuned one, which was shown random characters, denies that
firmly, it is not overruled. Not so in dates, whose slashes the tuned one takes for ones. Both were chosen on
1,423 lines, half of them differing from a natural entry (docs/decisions/judging-the-ink.md); others like them
are measured by `python -m benchmarks.agreement.written`."""
WHOLE = 1.5
"""Natural logarithm. One look must see the whole text but for this: where one look vouches for one character
and another, which denies that one, for the next, none has seen it. Of 1,197 right lines that agree the best
look's weakest character was never below -1.5; of a street number with one other digit that agreed without
this it was at -5.5."""


@dataclass(frozen=True, slots=True)
class Fit:
    """How well one spelling fits.

    A character's margin is the greatest that any look gives it, since looks err in different characters
    and do not know the expected text; but no more than `LONELY` above the mean, since one look that sees
    what all others deny is an accident, and no more than `OVERRULED` above what the tuned reader sees.

    Attributes:
        spelling: which one.
        margin: of the character that is nearest to its threshold, or farthest below it, less what its
            look-alikes ask; natural logarithm, within `CLIP`.
        slack: that margin less the threshold of its kind of character: at least 0 agrees.
        kind: what kind of character decides.
        against: how strongly the ink says something else at one place: there every look sees the same
            rival, and this is the least by which it prefers it; at most 0 where none does.
        elsewhere: least margin (of the kindest look) at the places that this rival leaves as they are.
        relative: mean log probability relative to the best path.
        slacks: of each character, as if there were no list; means, spreads: of its margins, over the looks.
    """

    spelling: Spelling
    margin: float
    slack: float
    kind: Kind
    against: float
    elsewhere: float
    relative: float
    slacks: tuple[float, ...]
    means: tuple[float, ...]
    spreads: tuple[float, ...]

    @property
    def wild(self) -> bool:
        """It leaves a character open."""
        return ANY in (self.spelling.codes or ())


def fits(asked: Field, found: Sequence[Lattice]) -> list[Fit]:
    """Fits of the likeliest spelling of each meaning: agreeing or doubtful, with a wildcard or without."""
    known = [spelling for spelling in asked.spellings if spelling.codes]
    if not known or not found:
        return []
    texts = [spelling.codes or () for spelling in known]
    every = np.array([_scores(lattice, texts) for lattice in found])
    relative = every.mean(axis=0)
    same = {
        text
        for text, spelling in zip(texts, known, strict=True)
        if spelling.variant.agreement == "agree" and ANY not in text
    }
    best: dict[tuple[str, bool], int] = {}
    for index, spelling in enumerate(known):
        meaning = (spelling.variant.agreement, ANY in texts[index])
        if meaning not in best or relative[index] > relative[best[meaning]]:
            best[meaning] = index
    listed = _listed(asked, found)
    return [
        _fit(asked, known[index], found, same, None if listed is None else every[:, index] - listed)
        for index in best.values()
    ]


def _scores(lattice: Lattice, texts: Sequence[tuple[int, ...]]) -> Floats:
    return ctc.scores(lattice.weights, [lattice.columns(text) for text in texts])


def _listed(asked: Field, found: Sequence[Lattice]) -> Floats | None:
    """The best score of another entry of the closed list, by look; None where there is no list."""
    if not asked.others:
        return None
    return np.array([_scores(lattice, asked.others).max() for lattice in found])


def _fit(
    asked: Field,
    spelling: Spelling,
    found: Sequence[Lattice],
    same: set[tuple[int, ...]],
    over_entries: Floats | None,
) -> Fit:
    """One spelling weighed; `over_entries`: its score over the list's other entries, by look."""
    codes = spelling.codes or ()
    handicap = _handicap(asked, codes)
    weighings = [weigh(lattice, codes, same, handicap) for lattice in found]
    margins = np.array([weighing.margins for weighing in weighings])
    kinds: list[Kind] = [_kind(asked, code) for code in codes]
    tuned = np.array([lattice.source.startswith(f"{TUNED}/") for lattice in found])
    trusts_tuned = tuned.any() and asked.region.compare != "date"
    kindest = _kindest(margins, tuned, kinds) if trusts_tuned else _capped(margins, margins.mean(axis=0))
    asks = np.array([_asks(asked, codes, weighings, place) for place in range(len(codes))], dtype=float)
    asks += _odd(asked, codes)
    thresholds = np.array([calibration().agree[one].threshold for one in kinds])
    slacks = kindest - asks - thresholds
    if over_entries is not None:
        entry = float(np.clip(over_entries.max(), -CLIP, CLIP))
        kindest, asks = np.minimum(kindest + calibration().listed, entry), np.zeros(len(codes))
    place = int(np.argmin(kindest - asks - thresholds))
    margin = float(np.clip(kindest[place] - asks[place], -CLIP, CLIP))
    relative = float(np.mean([weighing.relative for weighing in weighings]))
    slack = margin - float(thresholds[place])
    if over_entries is None:
        slack = min(slack, float(margins.min(axis=1).max()) + WHOLE)
    against, elsewhere = _denied(margins, weighings)
    return Fit(
        spelling,
        margin,
        slack,
        kinds[place],
        against,
        elsewhere,
        relative,
        slacks=tuple(slacks.tolist()),
        means=tuple(margins.mean(axis=0).tolist()),
        spreads=tuple(np.ptp(margins, axis=0).tolist()),
    )


def _kindest(margins: Floats, tuned: Flags, kinds: Sequence[Kind]) -> Floats:
    """The margin of each character over all looks.

    Args:
        margins: looks x characters; tuned: which looks are the tuned reader's, some of them.
    """
    own = margins[tuned].mean(axis=0)
    plain = own if tuned.all() else margins[~tuned].mean(axis=0)
    capped = _capped(margins, TUNED_SHARE * own + (1 - TUNED_SHARE) * plain)
    words = np.array([kind == "words" for kind in kinds])
    return np.where(words, np.minimum(capped, own + OVERRULED), capped)


def _capped(margins: Floats, mean: Floats) -> Floats:
    return np.minimum(margins.max(axis=0), mean + LONELY)


def _odd(asked: Field, codes: tuple[int, ...]) -> float:
    """What every character must show beyond the threshold where such a text is not met in such a field."""
    if possible(asked.region, asked.alphabet.decode(codes)) is False:
        return calibration().impossible
    return calibration().listed if outside_list(asked.region, asked.expected) else 0.0


def _handicap(asked: Field, codes: tuple[int, ...]) -> Handicap | None:
    """What a rival must be better by that could not stand there."""
    if asked.compare != "credit_code" or BORDER in codes:
        return None
    text = asked.alphabet.decode(codes)
    return lambda rival, place: _letter_for_digit(text, asked.alphabet.decode(rival), place)


def _letter_for_digit(text: str, rival: str, place: int) -> float:
    """A letter where a credit code has its region's digits is a digit that was written like one."""
    same_length = len(rival) == len(text)
    alone = same_length and DIGITS_OF_CODE.start <= place < DIGITS_OF_CODE.stop and rival[place].isalpha()
    return calibration().impossible if alone and text[place].isdigit() else 0.0


def _denied(margins: Floats, weighings: Sequence[Weighing]) -> tuple[float, float]:
    """The place that every look denies most in favour of one and the same rival, and the rest of the text."""
    most = margins.max(axis=0)
    rivals = [{weighing.rivals[place] for weighing in weighings} for place in range(len(most))]
    shared = [place for place, seen in enumerate(rivals) if len(seen) == 1]
    if not shared:
        return 0.0, float(most.min())
    worst = min(shared, key=lambda place: most[place])
    rest = [float(most[place]) for place, seen in enumerate(rivals) if seen != rivals[worst]]
    return float(-most[worst]), min(rest, default=CLIP if rivals[worst] != {()} else -CLIP)


def _kind(asked: Field, code: int) -> Kind:
    return "words" if code in (ANY, BORDER) else kind(asked.alphabet.decode((code,)))


def _asks(asked: Field, codes: tuple[int, ...], weighings: Sequence[Weighing], place: int) -> float:
    """What a character must show beyond the threshold, because of what could stand there instead.

    A look-alike asks it, and so does one character too many in a row of equal ones: there the probabilities
    hardly tell two from three. One more than the text has asks most: where a reader passes over a character,
    a text that lacks it fits as well as the whole.
    """
    if codes[place] in (ANY, BORDER):
        return 0.0
    own = asked.alphabet.decode(codes[place : place + 1])
    found: list[float] = []
    for rival in (weighing.rivals[place] for weighing in weighings):
        if len(rival) > len(codes):
            found.append(calibration().longer[kind(own)])
        elif rival and len(rival) < len(codes):
            repeats = codes[place] in codes[max(place - 1, 0) : place] + codes[place + 1 : place + 2]
            found.append(calibration().repeated if repeats else calibration().shorter)
        elif rival and rival[place] not in (ANY, BORDER):
            other = asked.alphabet.decode(rival[place : place + 1])
            found.append(calibration().alike[kind(own)] if alike(own, other) else 0.0)
    return max(found, default=0.0)
