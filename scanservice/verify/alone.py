"""Characters of a set word read by themselves: within the word a reader knows what must stand there.

A line that ends in 冇限公司 is read as 有限公司 in every look, with a probability of 1; the 冇 by itself is
a 有 with one of 0.3 to 0.4.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np

from scanservice.case import Case
from scanservice.evidence import Posterior, RegionCrops, RegionReading
from scanservice.geometry import Image
from scanservice.template import Region
from scanservice.verify.alphabet import Alphabet
from scanservice.verify.corrections import places, slots
from scanservice.verify.fields import field, lattices
from scanservice.verify.fitting import fits
from scanservice.verify.judge_text import agreeing
from scanservice.verify.preparing import FIRST, MARGIN, ink_box, trimmed

SET_WORD = re.compile(r"(股份|责任)?有限(责任)?公司")
"""Legal forms, in which most names of employers end."""
ASKED, ASKED_OF = 0.5, {"有": 0.8}
"""Probability that a character must have by itself. Of 668 characters of legal forms in 74 good scans six
have less than the first, all by the hurried pen in four scans that go to a person anyway; of 145 有 none
has less than 0.97. 冇 is a 有 with 0.27 to 0.72."""
BESIDE = 0.04
"""Of a line's height, how much of what is beside a character's place is looked at with it."""
NARROWER = 0.1
"""Of a character's place, how much is left out on either side for the last look, in case a neighbour leans
over: of 261 names on good scans three are refused instead of seven, and of 920 with another character in
their legal form five are taken for right either way."""


def least_alone(
    crops: RegionCrops,
    region: Region,
    reading: RegionReading,
    case: Case,
    looks: Sequence[Callable[[Image], Posterior]],
) -> float | None:
    """The probability that a character of a set word in an organisation's name has by itself, as a share of
    what is asked of it; of the character that has least.

    Where the field does not agree with what is expected, the word is one that a look reads there: the entry
    may be mended, and is then judged without another look.

    Args:
        looks: each reads a picture of one character; that counts which shows it best. The last one also
            sees less of it (`NARROWER`).

    Returns:
        From 1 on enough; None where no such word is expected or read.
    """
    asked = field(region, case, cells=reading.cells)
    if asked is None or asked.compare != "organisation" or reading.cells:
        return None
    found = lattices(reading, asked.alphabet, asked.codes)
    if not found:
        return None
    fit = agreeing(fits(asked, found))
    texts = [one.greedy() for one in found] if fit is None else [fit.spelling.codes or ()]
    codes = next((one for one in texts if SET_WORD.search(asked.alphabet.decode(one))), ())
    word = SET_WORD.search(asked.alphabet.decode(codes))
    if word is None:
        return None
    # The first look is aligned with the word whether it reads it or not.
    first = lattices(reading, asked.alphabet, [*asked.codes, codes])[0]
    line, at = places(first, codes, [len(one.posteriors[0].symbols) for one in reading.lines])
    start, end = slots(line, at)
    prepared = [FIRST.make(one) for one in crops.lines]
    chances = []
    for place in range(*word.span()):
        if line[place] < 0:
            return 0.0
        its, left, right = prepared[line[place]], float(start[place]), float(end[place])
        less = NARROWER * (right - left)
        own = asked.alphabet.decode(codes[place : place + 1])
        asks, best = ASKED_OF.get(own, ASKED), 0.0
        seen = [(look, left, right, BESIDE) for look in looks] + [(looks[-1], left + less, right - less, 0.0)]
        for look, first_of, last_of, beside in seen:
            part = _part(its, first_of, last_of, beside)
            best = max(best, _chance(look(part), asked.alphabet, codes[place]) / asks)
            if best >= 1:
                break
        chances.append(best)
    return round(min(chances), 4)


def _part(line: Image, start: float, end: float, around: float) -> Image:
    """A prepared line's ink from `start` to `end`, shares of its inked length, and that share of its height
    `around` it."""
    height, width = line.shape[:2]
    margin = MARGIN / (1 + 2 * MARGIN) * height
    inked, beside = max(width - 2 * margin, 1.0), around * height
    left, right = int(margin + start * inked - beside), int(np.ceil(margin + end * inked + beside))
    part = line[:, max(left, 0) : max(right, left + 2, 2)]
    return trimmed(part, ink_box(part))


def _chance(seen: Posterior, alphabet: Alphabet, code: int) -> float:
    """The probability of a character at the step that shows it best."""
    own = np.isin(seen.symbols, np.flatnonzero(alphabet.classes == code))
    return float((np.exp(seen.log_probs.astype(np.float64)) * own).sum(axis=1).max())
