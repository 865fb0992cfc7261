"""Crops to readings: the recognisers' probabilities over every line, asked again where they leave a doubt."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from scanservice.case import Case
from scanservice.evidence import LineCrop, LineReading, Posterior, RegionCrops, RegionReading
from scanservice.geometry import Image
from scanservice.template import Region, Template
from scanservice.verify.alone import least_alone
from scanservice.verify.counters import clear_counters
from scanservice.verify.judge_serial import as_read, characters_of, number_in, serial_in
from scanservice.verify.judge_text import leaves_doubt
from scanservice.verify.parts import joined, parts
from scanservice.verify.preparing import (
    FIRST,
    FOR_SERIALS,
    FURTHER,
    Preparation,
    apart,
    ink_box,
    side_by_side,
    trimmed,
)
from scanservice.verify.recogniser import (
    HEIGHT,
    PLAIN,
    STEP,
    TUNED,
    WIDTHS,
    Recogniser,
    recogniser,
    tuned_recogniser,
)
from scanservice.verify.second_reader import second_reading
from scanservice.verify.tuned import MARK

ILLEGIBLE = "□"
"""What people write for a character that cannot be read; shown where the pen corrected one."""


def read(
    crops: Sequence[RegionCrops], template: Template, case: Case | None = None
) -> Mapping[str, RegionReading]:
    """What the recognisers see in each region.

    Args:
        crops: lines of the text and serial regions.
        case: where given, a region whose expected text the first look leaves in doubt is looked at again
            in other preparations; without it every region is looked at once.

    Returns:
        A reading for each crop's region; a region whose crops hold no line has a reading without lines.
    """
    return {crop.region: read_region(crop, template.region(crop.region), case) for crop in crops}


def read_seals(
    seal_crops: Mapping[str, Image], template: Template, case: Case | None = None
) -> Mapping[str, RegionReading]:
    """What the recogniser sees in the unrolled rings of seals, by region."""
    return {
        region: RegionReading(region, (_line([_look(strip, "ring"), _look(_calm(strip), "ring-loose")]),))
        for region, strip in seal_crops.items()
    }


def read_region(crops: RegionCrops, region: Region, case: Case | None) -> RegionReading:
    """One region read, as often as its answer for a case is in doubt."""
    if not crops.lines:
        return _reading(crops, [])
    if region.kind == "serial":
        looked = [_alone(crops, preparation, recogniser(), PLAIN) for preparation in FOR_SERIALS]
        firsts = [_free(posterior)[0] for posterior in looked[0]]
        seconds = [_second(line, region, first) for line, first in zip(crops.lines, firsts, strict=True)]
        return _reading(crops, looked, seconds)
    looked = []
    for look in looks(crops, region):
        looked.append(look)
        reading = _reading(crops, looked)
        if case is None or not leaves_doubt(region, reading, case):
            break
    reading = _reading(crops, looked)
    if case is None:
        return reading
    alone = least_alone(crops, region, reading, case, (_look_alone, _tuned_look_alone))
    return replace(reading, alone=alone)


def looks(crops: RegionCrops, region: Region) -> Iterator[list[Posterior]]:
    """One look after another at all lines of a region, in the order in which they are worth their time.

    What the tuned model doubts is shown to the model as it came, which has seen all kinds of writing. That
    looks first at dates: the slashes and dots in them were not among what the other was trained on, which
    takes a slash for a one. Further looks are by both: of 248 lines by hands that neither was trained on 70
    are refused, and 85 where only the tuned model takes them (docs/decisions/judging-the-ink.md).
    """
    tuned, plain = (tuned_recogniser(), TUNED), (recogniser(), PLAIN)
    for by, source in (plain, tuned) if region.compare == "date" else (tuned, plain):
        yield from _first(crops, by, source)
    cut = [] if crops.cells else [parts(FIRST.make(line)) for line in crops.lines]
    if any(len(of_line) > 1 for of_line in cut):
        for by, source in (plain, tuned):
            yield _in_parts(cut, by, f"{source}/{FIRST.name}-in-parts")
    for preparation in FURTHER:
        for by, source in (plain, tuned):
            yield _alone(crops, preparation, by, source)


def _first(crops: RegionCrops, by: Recogniser, source: str) -> Iterator[list[Posterior]]:
    """Cells are first read side by side: a number of one or two digits alone lacks the neighbours by which
    its strokes are told apart."""
    if crops.cells and len(crops.lines) > 1:
        together = _side_by_side(crops.lines, by, source)
        if together is not None:
            yield together
    yield _alone(crops, FIRST, by, source)


def _alone(crops: RegionCrops, preparation: Preparation, by: Recogniser, source: str) -> list[Posterior]:
    return [by.posterior(preparation.make(line), f"{source}/{preparation.name}") for line in crops.lines]


def _side_by_side(lines: Sequence[LineCrop], by: Recogniser, source: str) -> list[Posterior] | None:
    """Cells read as one line and taken apart again; None where they are too wide for one."""
    strip, borders = side_by_side([FIRST.make(line) for line in lines], HEIGHT)
    if strip.shape[1] > WIDTHS[-1]:
        return None
    whole = by.posterior(strip, f"{source}/{FIRST.name}-together")
    steps = [0, *(round(border / STEP) for border in borders), len(whole.symbols)]
    return [
        Posterior(whole.symbols[start:end], whole.log_probs[start:end], whole.source)
        for start, end in itertools.pairwise(steps)
    ]


def _in_parts(cut: Sequence[Sequence[Image]], by: Recogniser, source: str) -> list[Posterior]:
    """Lines read a few characters at a time."""
    return [joined([by.posterior(part, source) for part in of_line], source) for of_line in cut]


def _look(image: Image, name: str) -> Posterior:
    return recogniser().posterior(image, f"{PLAIN}/{name}")


def _look_alone(part: Image) -> Posterior:
    return _look(part, "alone")


def _tuned_look_alone(part: Image) -> Posterior:
    return tuned_recogniser().posterior(part, f"{TUNED}/alone")


def _calm(strip: Image) -> Image:
    return trimmed(strip, ink_box(strip), 0.2)


def _reading(
    crops: RegionCrops, looked: Sequence[Sequence[Posterior]], seconds: Sequence[str | None] = ()
) -> RegionReading:
    """Looks, each at all lines, turned into lines, each with all looks."""
    texts = seconds or [None] * len(crops.lines)
    by_line = zip(*looked, strict=True) if looked else ()
    lines = tuple(_line(of_line, second) for of_line, second in zip(by_line, texts, strict=True))
    return RegionReading(crops.region, lines, crops.cells)


def _line(posteriors: Sequence[Posterior], second: str | None = None) -> LineReading:
    """One line's reading: the free text is that of the posterior that is surest of its own."""
    texts = [_free(posterior) for posterior in posteriors]
    free, confidence = max(texts, key=lambda item: item[1])
    return LineReading(tuple(posteriors), free, confidence, second)


def _free(posterior: Posterior) -> tuple[str, float]:
    """The best path's text, and the mean probability of its characters (0 to 1)."""
    characters = recogniser().characters
    text, total, before = [], 0.0, 0
    for symbol, log in zip(posterior.symbols[:, 0].tolist(), posterior.log_probs[:, 0].tolist(), strict=True):
        if symbol not in (0, before):
            text.append(ILLEGIBLE if characters[symbol] == MARK else characters[symbol])
            total += 2.718281828459045**log
        before = symbol
    return "".join(text), (total / len(text) if text else 0.0)


def _second(line: LineCrop, region: Region, first: str) -> str | None:
    """Tesseract's reading of a serial: its first, or, where that is not the other reader's, what most of its
    readings of several crops and sizes say.

    The other reader only decides how often Tesseract is asked, never which of its answers counts.
    """
    pattern = as_read(region.pattern or "")
    characters = characters_of(pattern)
    latin = characters is not None
    allowed = "".join(sorted({*characters, *".:-"})) if characters is not None else ""
    box = ink_box(line.image)
    tight, plain = clear_counters(trimmed(line.image, box)), trimmed(line.plain, box)
    texts: list[str] = []
    ways = [(tight, 36), (clear_counters(plain), 32), (tight, 44), (plain, 36), (plain, 44)]
    for image, height in ways:
        texts.append(second_reading(image, digits=latin, characters=allowed, height=height).text)
        seen = number_in(texts[0], pattern)
        if len(texts) == 1 and seen is not None and seen == number_in(first, pattern):
            return texts[0]
    if not any(serial_in(text, pattern) for text in texts):
        # What runs together for it, or falls apart, is of no such form; it can tell characters set apart.
        for image in (tight, trimmed(line.image, box), plain):
            spread = second_reading(apart(image), digits=latin, characters=allowed, height=36)
            texts.append(spread.text)
    return most_read(texts, pattern) or next(filter(None, texts), None)


def most_read(texts: Sequence[str], pattern: str) -> str | None:
    """The first of the texts that hold the number which most hold; the very first where each holds another.

    A number that stands in a text counts before one for which letters and digits of one shape must be turned.
    """
    for find in (serial_in, number_in):
        votes = Counter(serial for text in texts if (serial := find(text, pattern)) is not None)
        if votes:
            winner, count = votes.most_common(1)[0]
            return next(text for text in texts if find(text, pattern) == winner) if count > 1 else texts[0]
    return None
