"""Lines as the recogniser gets them, written, photographed and made ready, with their texts."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from benchmarks.agreement.lines import FINE, Condition, crop_of, photographed
from benchmarks.reading.corrected import corrected_line
from benchmarks.reading.hands import MixedHand, some_hand, some_print
from benchmarks.reading.texts import serial, some_text
from fixtures.maker import ink
from scanservice.evidence import LineCrop
from scanservice.geometry import Image
from scanservice.verify.preparing import EVEN, FIRST, FURTHER, LOOSE
from scanservice.verify.recogniser import HEIGHT, WIDTHS

WAYS, ODDS = (FIRST, LOOSE, FURTHER[-1], EVEN), (0.62, 0.14, 0.14, 0.10)
NEAT, LEFT, STRETCHED = 0.3, 0.5, 0.15
"""Shares of the lines: in neat conditions; with what a form leaves in a crop; drawn wider or narrower."""
PRINTED, NUMBERED = 0.12, 0.45
"""Share of the lines that are printed; of these, share that are numbers of forms."""
CORRECTED = 0.3
"""Share of the lines written by hand in which something is corrected."""
CROWDED, CLOSEST, CLOSE = 0.2, -0.24, -0.08
"""Share of the other lines by hand whose characters run into one another, and their spacing, in heights."""
PRINT_COLOURS: tuple[ink.Colour, ...] = (
    (30, 28, 30),
    (45, 40, 200),
    (60, 60, 170),
    (35, 30, 150),
    (30, 28, 30),
    (50, 45, 45),
)
CHUNK = 2000
QUALITY = 95
Rng = np.random.Generator


@dataclass(frozen=True, slots=True)
class Drawn:
    """A line's picture (HEIGHT px high, JPEG) and its text, with `MARK` where the pen put something right."""

    picture: bytes
    text: str

    def image(self) -> Image:
        found = cv2.imdecode(np.frombuffer(self.picture, np.uint8), cv2.IMREAD_COLOR)
        return np.asarray(found, np.uint8)


def draw(folder: Path, seed: int, count: int) -> None:
    """Draws lines into `folder`, some thousand to a file; files that are there are kept."""
    folder.mkdir(parents=True, exist_ok=True)
    for begin in range(0, count, CHUNK):
        path = folder / f"{seed}-{begin:06d}.pickle"
        if not path.exists():
            made = [line(seed, number) for number in range(begin, min(begin + CHUNK, count))]
            path.write_bytes(pickle.dumps(made))


def kept(folder: Path) -> Iterator[Drawn]:
    for path in sorted(folder.glob("*.pickle")):
        yield from pickle.loads(path.read_bytes())


def line(seed: int, number: int) -> Drawn:
    """The line of a number."""
    rng = np.random.default_rng([seed, number, 99])
    made = None
    while made is None:
        condition: Condition = "neat" if rng.random() < NEAT else "hurried"
        if rng.random() < PRINTED:
            text = serial(rng) if rng.random() < NUMBERED else some_text(seed, rng)
            made = _tried(text, some_print(rng), condition, rng)
        else:
            made = _tried(some_text(seed, rng), some_hand(rng), condition, rng)
    crop, label = made
    if rng.random() < LEFT:
        crop = _with_remains(crop, rng)
    way = WAYS[int(rng.choice(len(WAYS), p=ODDS))]
    image = way.make(crop)
    height, width = image.shape[:2]
    if rng.random() < STRETCHED:
        width = max(8, round(width * rng.uniform(0.85, 1.2)))
    size = (int(np.clip(round(width * HEIGHT / height), 16, WIDTHS[-1])), HEIGHT)
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA if size[0] < width else cv2.INTER_CUBIC)
    return Drawn(cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1].tobytes(), label)


def _tried(text: str, hand: MixedHand, condition: Condition, rng: Rng) -> tuple[LineCrop, str] | None:
    """A crop and its label; None for a text that is empty or that no face holds."""
    if not text.strip():
        return None
    try:
        if hand.name == "print":
            return _printed(text, hand, condition, rng), text
        if rng.random() < CORRECTED:
            return corrected_line(text, hand, condition, rng)
        if rng.random() < CROWDED:
            return _crowded(text, hand, condition, rng), text
        return photographed(text, hand, condition, rng), text
    except KeyError:
        return None


def _crowded(text: str, hand: MixedHand, condition: Condition, rng: Rng) -> LineCrop:
    who = replace(ink.writer(condition, rng), spacing=float(rng.uniform(CLOSEST, CLOSE)))
    cover = ink.write_line(text, hand, who, rng.uniform(4.2, 6.0) * FINE, rng).coverage
    return crop_of(cover, who, condition, rng)


def _printed(text: str, hand: MixedHand, condition: Condition, rng: Rng) -> LineCrop:
    who, calm = ink.writer(condition, rng), rng.uniform(0, 0.15)
    apart = rng.uniform(0, 0.35) if rng.random() < 0.5 else rng.uniform(-0.03, 0.05)
    who = replace(
        who,
        stray=who.stray * calm,
        turn=who.turn * calm,
        swell=who.swell * calm,
        slant=0.0,
        drift=who.drift * 0.3,
        spacing=float(apart),
        bend=who.bend * rng.uniform(0, 1),
        colour=PRINT_COLOURS[int(rng.integers(len(PRINT_COLOURS)))],
    )
    cover = ink.write_line(text, hand, who, rng.uniform(3.2, 5.5) * FINE, rng).coverage
    return crop_of(cover, who, condition, rng)


def _with_remains(crop: LineCrop, rng: Rng) -> LineCrop:
    """With what forms leave: bits of a rule, a seal over the writing, the end of a neighbour's stroke."""
    image = crop.image.copy()
    kind = rng.random()
    if kind < 0.5:
        _rule(image, rng)
    elif kind < 0.8:
        image = _sealed(image, rng)
    else:
        _stroke(image, rng)
    return replace(crop, image=image, plain=image)


def _rule(image: Image, rng: Rng) -> None:
    height, width = image.shape[:2]
    y, thick = int(height - rng.uniform(0, 0.12) * height - 1), int(rng.integers(1, 3))
    shade = float(image.mean() * rng.uniform(0.75, 0.95))
    for x in range(0, width, 6):
        if rng.random() < 0.3:
            cv2.line(image, (x, y), (x + 5, y), (shade, shade, shade), thick)


def _sealed(image: Image, rng: Rng) -> Image:
    height, width = image.shape[:2]
    radius = int(height * rng.uniform(1.5, 4))
    centre = (
        int(rng.uniform(-radius * 0.3, width + radius * 0.3)),
        int(rng.uniform(-radius, height + radius)),
    )
    red, inked = (70, 70, 205), image.copy()
    cv2.circle(inked, centre, radius, red, max(1, int(height * 0.08)), cv2.LINE_AA)
    if rng.random() < 0.4:
        at = (centre[0] - radius // 2, centre[1])
        cv2.putText(inked, "*#@", at, cv2.FONT_HERSHEY_SIMPLEX, height / 30, red, max(1, height // 14))
    share = rng.uniform(0.2, 0.8)
    return np.asarray(cv2.addWeighted(np.minimum(inked, image), share, image, 1 - share, 0), np.uint8)


def _stroke(image: Image, rng: Rng) -> None:
    height, width = image.shape[:2]
    x, down = int(rng.integers(width)), rng.random() < 0.5
    begin, reach = (0 if down else height - 1), int(height * rng.uniform(0.03, 0.1))
    end = (x + int(rng.normal(0, 6)), begin + (reach if down else -reach))
    shade = [float(value) * 0.4 for value in image.reshape(-1, 3).mean(axis=0)]
    cv2.line(image, (x, begin), end, shade, max(1, height // 30), cv2.LINE_AA)
