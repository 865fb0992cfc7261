"""The printed serial: believed only where two independent readers and the pattern agree."""

from __future__ import annotations

import itertools
import re
import string
import unicodedata
from collections.abc import Iterator

import numpy as np

from scanservice.case import Case
from scanservice.evidence import Judgement, RegionReading
from scanservice.template import Region
from scanservice.verify.alphabet import Alphabet
from scanservice.verify.calibration import calibration
from scanservice.verify.fields import lattices
from scanservice.verify.recogniser import recogniser
from scanservice.verify.weighing import CLIP, weigh

_PAIRS = ("0O", "1I", "2Z", "5S", "6G", "8B")
TWINS = {one: other for pair in _PAIRS for one, other in (pair, pair[::-1])}
"""Letters and digits of one shape in many numbering machines' faces."""
PRINTABLE = string.ascii_letters + string.digits + string.punctuation


def judge_serial(region: Region, reading: RegionReading, case: Case) -> Judgement:
    """A serial region with print in it, against the entry's serial.

    `read` holds a number only where both readers and the pattern agree on it, and the recogniser's
    weakest digit beats its rivals; a number that one reader alone has seen is shown as `unsure`'s reading
    where one is expected, and nowhere else.
    """
    expected = case.value("entry.serial")
    pattern = as_read(region.pattern or r"(?P<serial>\w+)")
    first = number_in("".join(line.free for line in reading.lines), pattern)
    second = number_in("".join(line.second or "" for line in reading.lines), pattern)
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


def as_read(pattern: str) -> str:
    """A template's pattern for texts in which wide signs, letters and digits are folded to ASCII (NFKC)."""

    def folded(character: str) -> str:
        plain = unicodedata.normalize("NFKC", character)
        return re.escape(plain) if plain != character and plain.isascii() else character

    return "".join(map(folded, pattern))


def serial_in(text: str, pattern: str) -> str | None:
    """The serial in a reader's text by a pattern (`as_read`); None where the text is not of it.

    The print around the number may be read without its points and spaces, or not at all: then it is
    supplied, if the rest of the text is exactly what the pattern asks for.
    """
    plain = "".join(unicodedata.normalize("NFKC", text).split())
    found = re.search(pattern, plain, re.IGNORECASE)
    if found is not None:
        edges = plain[: found.start("serial")][-1:], plain[found.end("serial") :][:1]
        if any(edge.isdigit() for edge in edges):
            return None
        # Small and large letters hardly differ by their shape: the pattern says which they are.
        for text in (plain, plain.upper(), plain.lower()):
            as_printed = re.search(pattern, text)
            if as_printed is not None:
                return as_printed["serial"]
        return found["serial"]
    for run in re.findall(r"\d+", plain):
        for behind in ("", printed_after(pattern)):
            supplied = re.fullmatch(pattern, printed_before(pattern) + run + behind, re.IGNORECASE)
            if supplied is not None:
                return supplied["serial"]
    return None


def number_in(text: str, pattern: str) -> str | None:
    """The number in a reader's text, mended where the pattern says how."""
    return serial_in(text, pattern) or mended(text, pattern)


def mended(text: str, pattern: str) -> str | None:
    """The number that a text is by the pattern, with a letter for a digit of its shape or the reverse.

    Where a pattern has letters at fixed places, an O among them was printed as one, whatever it looks like.
    None where no one or two such changes make a number of it, or more than one number.
    """
    if not set(characters_of(_split(pattern)[1]) or "") & set(string.ascii_letters):
        return None
    plain = "".join(unicodedata.normalize("NFKC", text).split()).upper()
    for count in (1, 2):
        found = {serial_in(turned, pattern) for turned in _turned(plain, count)} - {None}
        if found:
            return found.pop() if len(found) == 1 else None
    return None


def characters_of(pattern: str) -> str | None:
    """Every ASCII character that may stand in a number of a pattern, sorted; None where others may, too."""
    plain = re.sub(r"\{[\d,]*\}", "", pattern.replace("(?P<serial>", "("))
    allowed: set[str] = set()
    for atom in re.findall(r"\[(?:\\.|[^\]])+\]|\\.|[^()|*+?^$]", plain):
        if not atom.isascii():
            return None
        one = re.compile(atom if len(atom) > 1 or atom == "." else re.escape(atom))
        allowed.update(character for character in PRINTABLE if one.fullmatch(character))
    return "".join(sorted(allowed))


def printed_before(pattern: str) -> str:
    """The literal text before the pattern's number; empty where it is no plain text."""
    return _literal(_split(pattern)[0].lstrip("^"))


def printed_after(pattern: str) -> str:
    """The literal text behind the pattern's number, likewise."""
    return _literal(_split(pattern)[2].rstrip("$"))


def _split(pattern: str) -> tuple[str, str, str]:
    """A pattern before its number, the number's part, and what is behind it."""
    before, opened, rest = pattern.partition("(?P<serial>")
    depth, within = 1 if opened else 0, False
    for found in re.finditer(r"\\.|[\[\]()]", rest):
        sign = found[0]
        within = sign == "[" or (within and sign != "]")
        depth += {"(": 1, ")": -1}.get(sign, 0) if not within else 0
        if depth == 0:
            return before, rest[: found.start()], rest[found.end() :]
    return before, rest, ""


def _literal(part: str) -> str:
    plain = re.fullmatch(r"(\\[^\w\s]|[^\\\[\](){}*+?|^$])*", part) is not None
    return re.sub(r"\\([^\w\s])", r"\1", part) if plain else ""


def _turned(text: str, count: int) -> Iterator[str]:
    """Texts with so many characters turned into the others of their shapes."""
    places = [index for index, character in enumerate(text) if character in TWINS]
    for chosen in itertools.combinations(places, count):
        yield "".join(TWINS[c] if index in chosen else c for index, c in enumerate(text))


def _margin(region: Region, reading: RegionReading, pattern: str, serial: str) -> float:
    """Least, over the number's characters, of the mean margin over the preparations."""
    signs = string.punctuation
    compare = "serial" if serial.translate(str.maketrans("", "", signs)).isdigit() else "text"
    alphabet = Alphabet(recogniser().characters, compare)
    # Where the pattern wants a letter, the digit of its shape is the same print.
    turned = itertools.chain(_turned(serial, 1), _turned(serial, 2))
    numbers = [serial, *(text for text in turned if mended(text, pattern) == serial)]
    around = dict.fromkeys((("", ""), (printed_before(pattern), printed_after(pattern))))
    codes = {
        before + number + after: (len(alphabet.encode(before) or ()), len(alphabet.encode(number) or ()))
        for number in numbers
        for before, after in around
    }
    wanted = {text: place for name, place in codes.items() if (text := alphabet.encode(name))}
    found = lattices(reading, alphabet, list(wanted))
    if not found or not wanted:
        return -CLIP
    same = set(wanted)
    return max(
        float(
            np.mean([weigh(lattice, text, same).margins for lattice in found], axis=0)[start:][:count].min()
        )
        for text, (start, count) in wanted.items()
    )
