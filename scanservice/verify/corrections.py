"""Corrections by the pen, told beside the expected text: what was struck out or written over in a field.

The readers' probabilities say where in a line each expected character stands. There its ink is held against
what such a character takes, and against what the scan's other characters took by the same hand: a character
that was written over another one, or one more that was struck out beside it, has too much. A perceptron
weighs that with the network's doubt (`scanservice.detect.alteration`), with how well the readers see the
character, and with what the tuned reader takes for a correction; the most suspect one decides. Its weights
come from `python -m benchmarks.marks.calibrate fields` and lie in `corrections.json` beside this module.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np

from scanservice.case import Case
from scanservice.evidence import Evidence, Judgement, LineInk, Posterior, RegionReading
from scanservice.template import Template
from scanservice.verify import ctc
from scanservice.verify.alphabet import ANY, BORDER
from scanservice.verify.dense import Flags, Floats, Integers
from scanservice.verify.fields import Field, field, lattices
from scanservice.verify.fitting import fits
from scanservice.verify.marked import marks
from scanservice.verify.perceptron import Perceptron
from scanservice.verify.posterior import Lattice
from scanservice.verify.preparing import MARGIN
from scanservice.verify.recogniser import HEIGHT, STEP
from scanservice.verify.strokes import stroke_length

MEASURED = ("doubt", "ink", "width", "stroke", "mean", "slack", "spread", "mark")
"""Of a character: the network's log odds; its ink against what it takes (logarithm); its width against the
usual (logarithm); its strokes' width against the page's usual; the readers' mean margin for it; its margin
beyond what it must show; how far the looks are apart in it; the tuned reader's log odds of a correction."""
AGAINST_SCAN = ("doubt", "ink", "width", "stroke", "mean")
SCALED = ("doubt", "ink")
AGAINST_FIELD = ("doubt", "ink", "width", "stroke", "mean", "slack")
INPUTS = (
    *MEASURED,
    *(f"{name} against the scan" for name in AGAINST_SCAN),
    *(f"{name} against the scan, in its deviations" for name in SCALED),
    *(f"{name} against the field" for name in AGAINST_FIELD),
    *("doubt of the scan", "mean of the scan"),
    *("slack of the neighbours", "pressed", "longest", "agrees", "denied"),
    *("digit", "alone", "length", "doubt of a digit", "ink of a digit"),
)
"""What the perceptron takes, in this order."""
MARKED = 0.97
"""Probability of a correction, at a character that is no digit or letter, from which the tuned reader needs
no other sign. Of 1,806 clean fields that are confirmed it names none beyond `CORRECTED_FROM`; from 0.7 on it
were seven, six of them by a hand that it was not trained on. A brush's 4 is marked with 0.98."""
MOST_MARK, DIGITS_ASK = 2.0, 1.0
"""Of digits: the tuned reader's log odds of a correction count up to the first, since a brush's 4 is a blot
that it marks; and a digit's score must be more by the second, since there blots and corrections look
alike. Of clean fields that a digit decides 5 of 804 are named, and 22 of 42 that were written over."""
LEAST, MOST = -8.0, 12.0
"""Of any input: more says no more."""
MOST_STROKE = 0.6
"""Of a stroke's width against others: 98 % of clean characters have less, and a blot has much more."""
SLACK = (-6.0, 8.0)
LEAST_DEVIATION = {"doubt": 0.5, "ink": 0.1}
"""Of a scan's characters from their middle, for no reason."""
MADE_UP = 0.25
"""Added to the length of each character's strokes: a dot is made longer than it is, and a link drawn."""
ADVANCES = {"digit": 0.55, "letter": 0.6, "sign": 0.35}
"""Usual widths, in heights of the writing; other characters are as wide as high."""


@dataclass(frozen=True, eq=False)
class Characters:
    """The expected characters of a field.

    Attributes:
        text: one character each; a wildcard is a `?`.
        line: of each; start, end: of its share of that line's length, 0 to 1.
        measured: n x len(MEASURED).
        digits: which of them are of ASCII: they are drawn smaller, and weighed among themselves.
        whole: pressed and longest of each one's line: n x 2.
        agrees: the field says what was entered; denied: it says something else, or leans to.
    """

    text: str
    line: Integers
    start: Floats
    end: Floats
    measured: Floats
    digits: Flags
    whole: Floats
    agrees: bool
    denied: bool


def corrected(
    evidence: Evidence, case: Case, template: Template, judged: Mapping[str, Judgement]
) -> Mapping[str, float]:
    """Probability that the pen corrected each text field, 0.5 at the calibrated threshold, by region.

    Fields of which the case does not know the text, or that were not read, are not among them.
    """
    return {
        region: round(_chance(rows), 4)
        for region, rows in inputs(characters(evidence, case, template, judged)).items()
    }


def _chance(rows: Floats) -> float:
    told = _probability(suspicion(_judge(), rows))
    return max(told, MARKED) if is_marked(rows) else told


def suspicion(judge: Perceptron, rows: Floats) -> float:
    """The score of a field's most suspect character.

    Args:
        rows: the inputs of its characters.
    """
    return float((judge.scores(rows) - DIGITS_ASK * rows[:, INPUTS.index("digit")]).max())


def is_marked(rows: Floats) -> bool:
    """Whether the tuned reader alone is sure of a correction.

    Args:
        rows: the inputs of a field's characters.
    """
    words = rows[rows[:, INPUTS.index("digit")] == 0]
    return _probability(float(words[:, INPUTS.index("mark")].max(initial=LEAST))) >= MARKED


def _probability(score: float) -> float:
    return float(1 / (1 + np.exp(-np.clip(score, -30, 30))))


@cache
def _judge() -> Perceptron:
    """The threshold is taken off its constant."""
    text = resources.files("scanservice.verify").joinpath("corrections.json").read_text(encoding="utf-8")
    content = json.loads(text)
    return Perceptron.of(content | {"constant": content["constant"] - content["threshold"]}, INPUTS)


# ---------------------------------------------------------------- where each character stands


def characters(
    evidence: Evidence, case: Case, template: Template, judged: Mapping[str, Judgement]
) -> Mapping[str, Characters]:
    """The expected characters of each text field that was read, by region."""
    found = {}
    for _, region in template.regions():
        seen, reading = evidence.regions.get(region.id), evidence.readings.get(region.id)
        if region.kind != "text" or seen is None or reading is None or not reading.lines:
            continue
        asked = field(region, case, cells=reading.cells)
        # Without an ink for every line that was read, nobody can tell which is which.
        if asked is None or len(seen.lines) != len(reading.lines):
            continue
        told = _of_field(asked, reading, seen.lines, judged.get(region.id))
        if told is not None:
            found[region.id] = told
    return found


def _of_field(
    asked: Field, reading: RegionReading, inks: Sequence[LineInk], judged: Judgement | None
) -> Characters | None:
    found = lattices(reading, asked.alphabet, asked.codes, cells=asked.cells)
    tried = fits(asked, found)
    if not tried:
        return None
    plain = [fit for fit in tried if fit.spelling.variant.agreement == "agree" and not fit.wild]
    fit = max(plain or tried, key=lambda fit: fit.slack)
    codes = fit.spelling.codes or ()
    line, at = places(found[0], codes, [len(one.posteriors[0].symbols) for one in reading.lines])
    kept = [n for n, code in enumerate(codes) if code != BORDER and line[n] >= 0 and inks[line[n]].width > 0]
    if not kept:
        return None
    start, end = slots(line[kept], at[kept])
    text = "".join("?" if codes[n] == ANY else asked.alphabet.decode((codes[n],)) for n in kept)
    own = [inks[number] for number in line[kept]]
    each = zip(text, own, start.tolist(), end.tolist(), strict=True)
    read = np.array([fit.means, np.clip(fit.slacks, *SLACK), fit.spreads]).T[kept]
    marked = [
        _mark(reading.lines[on].posteriors[0], *slot)
        for on, *slot in zip(line[kept], start, end, strict=True)
    ]
    return Characters(
        text,
        line[kept],
        start,
        end,
        np.column_stack([np.array([_ink(*slot) for slot in each]), read, marked]),
        np.array([character.isascii() for character in text]),
        np.array([(ink.pressed, ink.longest) for ink in own]),
        judged is not None and judged.agreement == "agree",
        judged is not None and (judged.agreement == "differ" or judged.leans),
    )


def places(look: Lattice, codes: tuple[int, ...], steps: Sequence[int]) -> tuple[Integers, Floats]:
    """The line of each character, -1 where it is not known, and its share of the line's inked length."""
    at = ctc.steps(look.weights, look.columns(codes))
    # Between two lines the lattice has a step of its own.
    first = np.concatenate([[0], np.cumsum(np.array(steps) + 1)])
    line = np.clip(np.searchsorted(first, at, side="right") - 1, 0, len(steps) - 1)
    margin = MARGIN / (1 + 2 * MARGIN) * HEIGHT
    inked = np.maximum(np.array(steps)[line] * STEP - 2 * margin, STEP)
    share = ((at - first[line] + 0.5) * STEP - margin) / inked
    return np.where(at >= 0, line, -1), np.clip(share, 0, 1)


def _mark(look: Posterior, start: float, end: float) -> float:
    """Log odds of a correction from `start` to `end`, shares of a line's inked length."""
    count, margin = len(look.symbols), MARGIN / (1 + 2 * MARGIN) * HEIGHT
    inked = max(count * STEP - 2 * margin, STEP)
    first = min(int((margin + start * inked) / STEP), count - 1)
    last = max(int(np.ceil((margin + end * inked) / STEP)), first + 1)
    chance = float(np.clip(marks(look)[first:last].max(), 1e-6, 1 - 1e-6))
    return float(np.clip(np.log(chance / (1 - chance)), LEAST, MOST))


def slots(line: Integers, at: Floats) -> tuple[Floats, Floats]:
    """From where to where each character has its line for itself: to half way to its neighbours."""
    middle = (at[1:] + at[:-1]) / 2
    same = line[1:] == line[:-1]
    end = np.append(np.where(same, middle, 1.0), 1.0)
    start = np.insert(np.where(same, middle, 0.0), 0, 0.0)
    return start, end


def _ink(character: str, ink: LineInk, start: float, end: float) -> tuple[float, float, float, float]:
    """Doubt, ink, width and stroke of a character, as `MEASURED` has them."""
    parts = ink.parts.astype(np.float64)
    count = parts.shape[1]
    first, last = int(start * count), max(int(np.ceil(end * count)), int(start * count) + 1)
    doubt = float(parts[1, min(first, count - 1) : last].max())
    edges = np.arange(count + 1) / count
    inked, length, wide = (
        float(np.diff(np.interp((start, end), edges, np.concatenate([[0.0], np.cumsum(row)])))[0])
        for row in parts[[0, 2, 3]]
    )
    asked = stroke_length(character) + MADE_UP
    width = max((end - start) * ink.width, 0.03)
    return (
        doubt,
        float(np.log(max(inked, 0.01) / asked)),
        float(np.log(width / _advance(character))),
        wide / max(length, 0.02),
    )


def _advance(character: str) -> float:
    if not character.isascii():
        return 1.0
    return ADVANCES["digit" if character.isdigit() else "letter" if character.isalpha() else "sign"]


# ---------------------------------------------------------------- against the others


def inputs(found: Mapping[str, Characters]) -> Mapping[str, Floats]:
    """What the perceptron takes of each character: n x len(INPUTS), by region.

    Args:
        found: the fields of one scan.
    """
    usual = _usual(list(found.values()))
    return {region: _inputs(told, usual) for region, told in found.items()}


@dataclass(frozen=True, eq=False)
class Usual:
    """Medians and deviations of a scan's characters: len(MEASURED)."""

    middle: Floats
    deviation: Floats


def _usual(fields: Sequence[Characters]) -> tuple[Usual, Usual]:
    """Of a scan's words, and of its digits."""
    found = []
    for digits in (False, True):
        rows = [told.measured[told.digits == digits] for told in fields]
        values = np.concatenate(rows) if rows else np.zeros((0, len(MEASURED)))
        if not len(values):
            values = np.zeros((1, len(MEASURED)))
        middle = np.median(values, axis=0)
        # Half of normal deviates lie within 0.67.
        found.append(Usual(middle, np.median(np.abs(values - middle), axis=0) / 0.67))
    return found[0], found[1]


def _inputs(told: Characters, usual: tuple[Usual, Usual]) -> Floats:
    place = {name: number for number, name in enumerate(MEASURED)}
    scan, own = [place[name] for name in AGAINST_SCAN], [place[name] for name in AGAINST_FIELD]
    scaled = [place[name] for name in SCALED]
    values, count = told.measured.copy(), len(told.text)
    mark = place["mark"]
    values[told.digits, mark] = np.minimum(values[told.digits, mark], MOST_MARK)
    digit = told.digits.astype(float)
    middle = np.where(told.digits[:, None], usual[1].middle, usual[0].middle)
    deviation = np.where(told.digits[:, None], usual[1].deviation, usual[0].deviation)
    away = values - middle
    least = np.array([LEAST_DEVIATION[name] for name in SCALED])
    within = values - np.median(values, axis=0) if count > 2 else np.zeros_like(values)
    for rows in (away, within):
        rows[:, place["stroke"]] = np.minimum(rows[:, place["stroke"]], MOST_STROKE)
    slack = values[:, place["slack"]]
    apart = np.where(told.line[1:] == told.line[:-1], 0.0, np.inf)
    before = np.insert(slack[:-1] + apart, 0, np.inf)
    after = np.append(slack[1:] + apart, np.inf)
    field_wide = (told.agrees, told.denied, count == 1, np.log(count))
    agrees, denied, alone, length = (np.full(count, float(value)) for value in field_wide)
    rows = np.column_stack(
        [
            values,
            away[:, scan],
            away[:, scaled] / (deviation[:, scaled] + least),
            within[:, own],
            middle[:, [place["doubt"], place["mean"]]],
            np.minimum(slack, np.minimum(before, after)),
            told.whole,
            agrees,
            denied,
            digit,
            alone,
            length,
            digit * away[:, place["doubt"]],
            digit * away[:, place["ink"]],
        ]
    )
    return np.clip(rows, LEAST, MOST)
