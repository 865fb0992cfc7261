"""The printed serial: believed only where two independent readers and the pattern agree."""

from __future__ import annotations

import re
import unicodedata

import numpy as np

from scanservice.case import Case
from scanservice.evidence import Judgement, RegionReading
from scanservice.template import Region
from scanservice.verify.alphabet import Alphabet
from scanservice.verify.calibration import calibration
from scanservice.verify.fields import lattices
from scanservice.verify.recogniser import recogniser
from scanservice.verify.weighing import CLIP, weigh


def judge_serial(region: Region, reading: RegionReading, case: Case) -> Judgement:
    """A serial region with print in it, against the entry's serial.

    `read` holds a number only where both readers and the pattern agree on it, and the recogniser's
    weakest digit beats its rivals; a number that one reader alone has seen is shown as `unsure`'s reading
    where one is expected, and nowhere else.
    """
    expected = case.value("entry.serial")
    pattern = region.pattern or r"(?P<serial>\w+)"
    first = serial_in("".join(line.free for line in reading.lines), pattern)
    second = serial_in("".join(line.second or "" for line in reading.lines), pattern)
    curve = calibration().agree["serial"]
    margin = _margin(region, reading, pattern, first) if first else -CLIP
    sure = first is not None and first == second and margin >= curve.threshold
    if expected is None:
        why = "two-readers" if sure else "readers-disagree"
        chance = curve.probability(margin) if sure else 0.0
        return Judgement(region.id, "not_evaluated", None, first if sure else None, chance, why)
    if not sure:
        hope = _margin(region, reading, pattern, expected)
        why = "readers-disagree" if first or second else "not-read"
        return Judgement(region.id, "unsure", expected, first or second, curve.probability(hope), why)
    if first == expected:
        return Judgement(region.id, "agree", expected, first, curve.probability(margin), "exact")
    return Judgement(region.id, "differ", expected, first, curve.probability(margin), "other-text")


def serial_in(text: str, pattern: str) -> str | None:
    """The serial in a reader's text by the template's pattern; None where the text is not of it.

    The print before the number may be read without its points and spaces, or not at all: then it is
    supplied, if the rest of the text is exactly what the pattern asks for.
    """
    plain = "".join(unicodedata.normalize("NFKC", text).split())
    found = re.search(pattern, plain, re.IGNORECASE)
    if found is not None:
        edges = plain[: found.start("serial")][-1:], plain[found.end("serial") :][:1]
        if not any(edge.isdigit() for edge in edges):
            return found["serial"]
        return None
    for run in re.findall(r"\d+", plain):
        supplied = re.fullmatch(pattern, printed_before(pattern) + run, re.IGNORECASE)
        if supplied is not None:
            return supplied["serial"]
    return None


def printed_before(pattern: str) -> str:
    """The literal text before the pattern's number; empty where it is no plain text."""
    before = pattern.split("(?P<serial>", 1)[0].lstrip("^")
    literal = re.sub(r"\\([^\w\s])", r"\1", before)
    return literal if re.fullmatch(r"(\\[^\w\s]|[^\\\[\](){}*+?|^$])*", before) else ""


def _margin(region: Region, reading: RegionReading, pattern: str, serial: str) -> float:
    """Least, over the digits, of the mean margin over the preparations."""
    compare = "serial" if serial.isdigit() else "text"
    alphabet = Alphabet(recogniser().characters, compare)
    texts = [alphabet.encode(text) for text in dict.fromkeys((printed_before(pattern) + serial, serial))]
    wanted = [text for text in texts if text]
    found = lattices(reading, alphabet, wanted)
    if not found or not wanted:
        return -CLIP
    same = set(wanted)
    margins = [np.mean([weigh(lattice, text, same).margins for lattice in found], axis=0) for text in wanted]
    length = len(alphabet.encode(serial) or ())
    return float(max(margin[-length:].min() for margin in margins))
