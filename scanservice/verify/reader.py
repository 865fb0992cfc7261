"""Crops to readings: the recognisers' probabilities over every line, asked again where they leave a doubt."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from scanservice.case import Case
from scanservice.evidence import LineCrop, LineReading, Posterior, RegionCrops, RegionReading
from scanservice.geometry import Image
from scanservice.template import Region, Template
from scanservice.verify.counters import clear_counters
from scanservice.verify.judge_serial import serial_in
from scanservice.verify.judge_text import leaves_doubt
from scanservice.verify.preparing import FIRST, FURTHER, Preparation, ink_box, trimmed
from scanservice.verify.recogniser import recogniser
from scanservice.verify.second_reader import second_reading

SOURCE = "ppocr-v6"
ROUNDS = ((0, 1, 2), (3,))
"""Further preparations by their place in `FURTHER`: a round is asked while a doubt is left."""


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
    return {crop.region: _region(crop, template.region(crop.region), case) for crop in crops}


def read_seals(
    seal_crops: Mapping[str, Image], template: Template, case: Case | None = None
) -> Mapping[str, RegionReading]:
    """What the recogniser sees in the unrolled rings of seals, by region."""
    return {
        region: RegionReading(region, (_line([_look(strip, "ring"), _look(_calm(strip), "ring-loose")]),))
        for region, strip in seal_crops.items()
    }


def _region(crops: RegionCrops, region: Region, case: Case | None) -> RegionReading:
    looks = [[look_at(line, FIRST)] for line in crops.lines]
    reading = _reading(crops, looks)
    if region.kind == "serial":
        seconds = [
            _second(line, region, read.free) for line, read in zip(crops.lines, reading.lines, strict=True)
        ]
        looks = [[*look, *_again(line, (0, 2))] for look, line in zip(looks, crops.lines, strict=True)]
        return _reading(crops, looks, seconds)
    for chosen in ROUNDS:
        if case is None or not crops.lines or not leaves_doubt(region, reading, case):
            break
        looks = [[*look, *_again(line, chosen)] for look, line in zip(looks, crops.lines, strict=True)]
        reading = _reading(crops, looks)
    return reading


def _again(line: LineCrop, chosen: Sequence[int]) -> list[Posterior]:
    return [look_at(line, FURTHER[index]) for index in chosen]


def look_at(line: LineCrop, preparation: Preparation) -> Posterior:
    return _look(preparation.make(line), preparation.name)


def _look(image: Image, name: str) -> Posterior:
    return recogniser().posterior(image, f"{SOURCE}/{name}")


def _calm(strip: Image) -> Image:
    return trimmed(strip, ink_box(strip), 0.2)


def _reading(
    crops: RegionCrops, looks: Sequence[Sequence[Posterior]], seconds: Sequence[str | None] = ()
) -> RegionReading:
    texts = seconds or [None] * len(looks)
    lines = tuple(_line(look, second) for look, second in zip(looks, texts, strict=True))
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
            text.append(characters[symbol])
            total += 2.718281828459045**log
        before = symbol
    return "".join(text), (total / len(text) if text else 0.0)


def _second(line: LineCrop, region: Region, first: str) -> str | None:
    """Tesseract's reading of a serial: its first, or, where that is not the other reader's, what most of its
    readings of several crops and sizes say.

    The other reader only decides how often Tesseract is asked, never which of its answers counts.
    """
    pattern = region.pattern or ""
    printed = re.sub(r"\(\?P<serial>|\\[a-zA-Z]|[^\w\u4e00-\u9fff]", "", pattern)
    latin = printed.isascii()
    allowed = "0123456789" + "".join(sorted(set(re.sub(r"[\d_]", "", printed)))) + ".:-" if latin else ""
    box = ink_box(line.image)
    tight, plain = clear_counters(trimmed(line.image, box)), trimmed(line.plain, box)
    texts: list[str] = []
    for image, height in ((tight, 36), (clear_counters(plain), 32), (tight, 44), (plain, 36), (plain, 44)):
        texts.append(second_reading(image, digits=latin, characters=allowed, height=height).text)
        seen = serial_in(texts[0], pattern)
        if len(texts) == 1 and seen is not None and seen == serial_in(first, pattern):
            return texts[0]
    votes = Counter(serial for text in texts if (serial := serial_in(text, pattern)) is not None)
    if not votes:
        return next(filter(None, texts), None)
    winner, count = votes.most_common(1)[0]
    return (
        next(text for text in texts if serial_in(text, pattern) == winner) if count > 1 else texts[0] or None
    )
