"""How a form that nobody has seen is printed: sizes, faces, inks and rarities drawn from a seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from forms.faces import HEI, HEI_BOLD, MING, SONG, SONG_BOLD, Face
from forms.sheet import BLACK, Color

SIZES = ((210.0, 297.0), (297.0, 210.0), (184.0, 260.0), (195.0, 271.0))
TITLES = ("毕业生就业协议书", "高校毕业生就业协议", "毕业研究生就业协议书", "就业协议书")
OFFICES = ("招生就业处", "学生就业指导中心", "就业创业服务中心")
NUMBERS = (
    (r"NO\.(?P<serial>\d{8})", "No"),
    (r"(?P<serial>[A-Z]{2}\d{7})", "编号"),
    (r"第(?P<serial>\d{8})号", "协议"),
    (r"(?P<serial>\d{4}-\d{6})", "协议编号"),
)
RARE_NUMBERS = (
    (r"(?P<serial>\d{12})", "NO："),
    (r"(?P<serial>[A-Z]\d{5})", "协议书编号："),
    (r"（(?P<serial>20\d{8})）", "编号"),
    (r"(?P<serial>\d{2}-\d{4}-\d{5})", "No."),
)
INKS = ("red", "red", "black", "blue")
INK_OF_PRINT: tuple[Color, ...] = (BLACK, (0.10, 0.20, 0.55), (0.05, 0.35, 0.20), (0.62, 0.12, 0.14))
TINTS: tuple[Color, ...] = ((0.99, 0.96, 0.86), (0.90, 0.95, 0.99), (0.99, 0.91, 0.92), (0.91, 0.97, 0.90))
SHADES: tuple[Color, ...] = ((0.88, 0.88, 0.88), (0.83, 0.89, 0.96), (0.97, 0.93, 0.80))
EMBLEMS: tuple[Color, ...] = ((0.86, 0.91, 0.96), (0.95, 0.88, 0.88), (0.88, 0.93, 0.87), (0.90, 0.90, 0.90))
RARITIES = (
    "tint", "shade", "banner", "title", "underprint", "dates", "english", "dotted", "clause", "spread",
)  # fmt: skip


@dataclass(frozen=True)
class Oddities:
    """What is found on some schools' forms and not on most.

    Attributes:
        print_ink: of rules and labels; emblem: a pale pattern behind everything.
        inside: labels stand within the boxes that the package describes.
        tall: addresses and names of employers have narrow places of two lines.
        boxes: numbers of a known length have a box for each character.
        numbered_once: the number stands on the first page alone.
        annex: a page of notes follows that need not be sent in.
    """

    print_ink: Color = BLACK
    emblem: Color | None = None
    inside: bool = False
    tall: bool = False
    boxes: bool = False
    numbered_once: bool = False
    annex: bool = False


@dataclass(frozen=True)
class Rarities:
    """What is found on a few schools' forms.

    Attributes:
        tint: of the paper, all over; shade: behind the labels of a table.
        banner: colour of the bars on which headings stand in white; title_ink: of the title.
        underprint: lines of the school's name in pale small print behind everything.
        bare_dates: 年 月 日 are printed, and the package does not say where the numbers go.
        english: labels in two languages; dotted: rules of dots.
        clause: names are asked for once more, within a sentence.
        spread: both pages side by side on one sheet twice as wide.
    """

    tint: Color | None = None
    shade: Color | None = None
    banner: Color | None = None
    title_ink: Color = BLACK
    underprint: Color | None = None
    bare_dates: bool = False
    english: bool = False
    dotted: bool = False
    clause: bool = False
    spread: bool = False


@dataclass(frozen=True)
class Look:
    """How a school has its form printed.

    Attributes:
        ruled: lines under the places to write in, instead of a table.
        row: height of a row, mm; text: size of labels, points.
        apart: the employer's part stands on a page of its own.
        cells: dates have a printed 年 月 日.
    """

    size: tuple[float, float]
    ruled: bool
    row: float
    text: float
    face: Face
    heading: Face
    margin: float
    apart: bool
    cells: bool
    number: int
    ink: str
    number_left: bool
    title: str
    office: str
    odd: Oddities = Oddities()
    rare: Rarities = Rarities()

    @property
    def right(self) -> float:
        return self.size[0] - self.margin


def draw_look(rng: np.random.Generator) -> Look:
    """Of a form as most schools have it."""
    size = SIZES[int(rng.integers(len(SIZES)))]
    wide = size[0] > size[1]
    return Look(
        size=size,
        ruled=bool(rng.random() < 0.4),
        row=float(rng.uniform(8.0, 9.0) if wide else rng.uniform(8.5, 11.0)),
        text=float(rng.uniform(9.0, 11.5)),
        face=(SONG, HEI, MING)[int(rng.integers(3))],
        heading=(SONG_BOLD, HEI_BOLD)[int(rng.integers(2))],
        margin=float(rng.uniform(14, 24)),
        apart=wide or bool(rng.random() < 0.4),
        cells=bool(rng.random() < 0.6),
        number=int(rng.integers(len(NUMBERS))),
        ink=INKS[int(rng.integers(len(INKS)))],
        number_left=bool(rng.random() < 0.3),
        title=TITLES[int(rng.integers(len(TITLES)))],
        office=OFFICES[int(rng.integers(len(OFFICES)))],
    )


def draw_oddities(rng: np.random.Generator) -> Oddities:
    """Each oddity by its own chance."""
    return Oddities(
        print_ink=INK_OF_PRINT[int(rng.integers(len(INK_OF_PRINT)))],
        emblem=EMBLEMS[int(rng.integers(len(EMBLEMS)))] if rng.random() < 0.5 else None,
        inside=bool(rng.random() < 0.4),
        tall=bool(rng.random() < 0.5),
        boxes=bool(rng.random() < 0.4),
        numbered_once=bool(rng.random() < 0.4),
        annex=bool(rng.random() < 0.3),
    )


def with_rarities(look: Look, rng: np.random.Generator) -> Look:
    """The same form with two to five rarities of the ten."""
    chosen = {str(name) for name in rng.choice(RARITIES, int(rng.integers(2, 6)), replace=False)}

    def one(name: str, among: Sequence[Color]) -> Color | None:
        color = among[int(rng.integers(len(among)))]
        return color if name in chosen else None

    rare = Rarities(
        tint=one("tint", TINTS),
        shade=one("shade", SHADES),
        banner=one("banner", INK_OF_PRINT),
        title_ink=one("title", INK_OF_PRINT[1:]) or BLACK,
        underprint=one("underprint", EMBLEMS),
        bare_dates="dates" in chosen,
        english="english" in chosen,
        dotted="dotted" in chosen,
        clause="clause" in chosen,
        spread="spread" in chosen,
    )
    wide = look.size[0] > look.size[1]
    return replace(
        look,
        rare=rare,
        cells=look.cells or rare.bare_dates,
        apart=look.apart or rare.spread,
        size=(210.0, 297.0) if wide and rare.spread else look.size,
        number=len(NUMBERS) + int(rng.integers(len(RARE_NUMBERS))) if rng.random() < 0.5 else look.number,
    )
