"""What training changes for hands that it was not shown: faces of brush and pen, and real digits left over.

The faces are by other calligraphers than those of the training, Japanese ones: they hold two thirds of the
usual simplified characters, so that the lines here are written with those that a face holds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache

import numpy as np

from benchmarks.agreement.digits import digit_lines
from benchmarks.agreement.lines import FIELDS, Condition, Line, common_characters, photographed
from benchmarks.agreement.trials import Subject, edits, judged, line_case, line_region, read_fully
from benchmarks.tables import publish, table
from fixtures.maker import cases
from fixtures.maker.fonts import DEBIAN_FONTS, FontsMissingError, Hand, face_of, hands
from scanservice.evidence import RegionCrops, RegionReading
from scanservice.verify.comparators import same
from scanservice.verify.recogniser import PLAIN

FACES: Mapping[str, str] = {
    "kouzan-gyosho": "kouzan-mouhitsu-gyosho.ttf",
    "kouzan": "kouzan-mouhitsu.ttf",
    "aoyagi-t": "AoyagiKouzanT.ttf",
}
NEED = (
    "the faces that were kept from the training are not installed: run "
    "`apt-get install fonts-kouzan-mouhitsu fonts-aoyagi-kouzan-t`"
)
SEED = 61
WORDS = tuple(asked for asked in FIELDS if asked[0] in ("name", "text", "address", "organisation"))
CONDITIONS: tuple[Condition, ...] = ("neat", "hurried")


def measure(size: int, edited: int, *, write: bool) -> None:
    """Lines refused and near misses accepted: by the model as it came alone, and by both as the service asks
    them.

    Args:
        size: lines by each hand; edited: near misses of each line.
    """
    rows = []
    for name, subjects in _subjects(size):
        told = Counter[str]()
        for subject in subjects:
            rng = np.random.default_rng([SEED, told["lines"], 5])
            near = [text for _, text in edits(subject.expected, subject.region.compare, rng, edited)]
            told["lines"] += 1
            told["near"] += len(near)
            for way, seen in (("plain", _plain(subject)), ("both", subject)):
                told[f"{way} refused"] += judged(seen, subject.expected).agreement != "agree"
                told[f"{way} accepted"] += sum(judged(seen, text).agreement == "agree" for text in near)
        shares = (f"{told[f'{way} refused'] / max(told['lines'], 1):.1%}" for way in ("plain", "both"))
        rows.append(
            [name, told["lines"], *shares, told["near"], told["plain accepted"], told["both accepted"]]
        )
    header = (
        "hand",
        "lines",
        "refused, model as it came",
        "refused, as shipped",
        "near misses",
        "accepted, model as it came",
        "accepted, as shipped",
    )
    command = f"python -m benchmarks.reading measure --size {size} --edits {edited}"
    publish("reading", "Hands that the training was not shown", command, [table(header, rows)], write=write)


def _subjects(size: int) -> Iterator[tuple[str, Iterator[Subject]]]:
    for number, name in enumerate(FACES):
        yield name, (_subject(line) for line in face_lines(name, size, SEED + number))
    yield "real digits", (_subject(line) for line in digit_lines(SEED, size))


def _subject(line: Line) -> Subject:
    region = line_region(line.compare)  # type: ignore[arg-type]
    case = line_case(line.compare, line.text)  # type: ignore[arg-type]
    return Subject(region, read_fully(RegionCrops(region.id, (line.crop,)), region), case, line.hand, "")


def _plain(subject: Subject) -> Subject:
    """The subject with the looks of the model as it came alone."""
    lines = tuple(
        replace(
            line, posteriors=tuple(look for look in line.posteriors if look.source.startswith(f"{PLAIN}/"))
        )
        for line in subject.reading.lines
    )
    reading = RegionReading(subject.reading.region, lines, subject.reading.cells)
    return replace(subject, reading=reading)


def face_lines(name: str, count: int, seed: int) -> Iterator[Line]:
    """`count` lines of words by a face: what it holds of natural texts, and names of random characters."""
    hand = _hand(name)
    letters = "".join(one for one in common_characters() if hand.face.holds(one))
    for index in range(count):
        rng = np.random.default_rng([seed, index, 13])
        compare, part, key = WORDS[index % len(WORDS)]
        text = str(cases.invent([seed, index])[part][key])
        text = "".join(one for one in text if hand.face.holds(one))
        if compare == "name" or len(text) < 3 or same(compare, text, text).agreement != "agree":  # type: ignore[arg-type]
            compare = "name"
            text = "".join(
                letters[int(at)] for at in rng.integers(len(letters), size=int(rng.integers(2, 5)))
            )
        condition = CONDITIONS[index // len(WORDS) % 2]
        yield Line(text, compare, name, condition, photographed(text, hand, condition, rng))


@cache
def _hand(name: str) -> Hand:
    """Raises FontsMissingError."""
    paths = sorted(DEBIAN_FONTS.rglob(FACES[name]))
    if not paths:
        raise FontsMissingError(NEED)
    face = face_of(f"unseen-{name}", ((paths[0], 0),))
    drawn = {code: place for code, place in face.places.items() if face.glyph(chr(code)).mask.any()}
    return Hand(name, "hurried", replace(face, places=drawn), hands()["lxgw-wenkai"].fallbacks)
