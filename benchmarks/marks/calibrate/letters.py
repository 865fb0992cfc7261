"""Hands and texts to train on: more of both than forms are filled in with."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from fontTools.ttLib import TTFont

from fixtures.maker.fonts import DEBIAN_FONTS, HELD_OUT, Face, FontsMissingError, Hand, hands
from fixtures.maker.pen import PenHand, pen_hands

NEED_MORE = (
    "fonts to train on are not installed: run `apt-get install fonts-kiloji fonts-aoyagi-kouzan-t "
    "fonts-aoyagi-soseki fonts-kouzan-mouhitsu fonts-seto fonts-klee`"
)
MORE = {
    "seto": "setofont.ttf",
    "klee": "KleeOne-Regular.ttf",
    "aoyagi-kouzan": "AoyagiKouzanT.ttf",
    "aoyagi-soseki": "aoyagi-soseki.ttf",
    "kouzan": "kouzan-mouhitsu.ttf",
    "kouzan-gyosho": "kouzan-mouhitsu-gyosho.ttf",
}
"""Written faces that forms are never filled in with."""
UNSEEN = {"kiloji": "kiloji.ttf"}
"""Kept, beside `fonts.HELD_OUT`, for setting the threshold."""
PEN_SHARE = 0.35
"""Of the sheets to train on: written stroke by stroke, each in haste and with a nib of its own."""


@cache
def _face(name: str, file: str) -> Face:
    paths = sorted(DEBIAN_FONTS.rglob(file))
    if not paths:
        raise FontsMissingError(NEED_MORE)
    with TTFont(paths[0], lazy=True) as font:
        codes = font.getBestCmap() or {}
    return Face(name, ((paths[0], 0),), dict.fromkeys(codes, 0))


def _hand(name: str, file: str) -> Hand:
    spare = hands()["lxgw-wenkai"]
    return Hand(name, "neat", _face(name, file), (spare.face, *spare.fallbacks))


def known_hand(number: int, rng: np.random.Generator) -> Hand:
    """A hand to train on."""
    if rng.random() < PEN_SHARE:
        like, haste = pen_hands()["pen-quick"], float(rng.uniform(0, 0.75))
        style = "hurried" if haste > 0.4 else "neat"
        nib = float(rng.uniform(0.034, 0.056))
        return PenHand("pen", style, like.face, like.fallbacks, True, 0.97, haste=haste, nib=nib)
    usual = [hand for hand in hands().values() if hand.name not in HELD_OUT]
    # The faces of forms come up twice as often: they hold the mainland's characters.
    several = [*usual, *usual, *(_hand(*named) for named in MORE.items())]
    return several[number % len(several)]


def unseen_hand(number: int) -> Hand:
    """A hand that no network is trained on."""
    several = [*(hands()[name] for name in HELD_OUT), *(_hand(*named) for named in UNSEEN.items())]
    return several[number % len(several)]


@cache
def common() -> tuple[str, ...]:
    """The characters of the first level of GB 2312: 3,755 that daily writing is made of."""
    codes = (bytes((high, low)) for high in range(0xB0, 0xD8) for low in range(0xA1, 0xFF))
    return tuple(text for code in codes if (text := code.decode("gb2312", "ignore")))


def alphabet(hand: Hand) -> Sequence[str]:
    """The common characters that a hand has itself; all of them where it is no font."""
    if isinstance(hand, PenHand):
        return common()
    return [letter for letter in common() if hand.face.holds(letter)]


DIGITS, MIXED = tuple("0123456789"), tuple("0123456789ABCDEFGHJKLMNPQRTUWXY-.")


def text_of(width: float, size: float, letters: Sequence[str], rng: np.random.Generator) -> str:
    """A text for a field so wide (mm) in characters so large: words, figures, codes, or an address."""

    def some(of: Sequence[str], count: int) -> str:
        return "".join(str(letter) for letter in rng.choice(np.array(of), max(count, 1)))

    most, kind = width / size, rng.random()
    length = int(rng.uniform(0.35, 1.0) * most)
    if kind < 0.55 or most < 3:
        return some(letters, min(length, 1 + int(rng.geometric(0.12))))
    if kind < 0.72:
        return some(DIGITS, min(int(1.6 * length), 18))
    if kind < 0.8:
        return some(MIXED, min(int(1.3 * length), 18))
    if kind < 0.88:
        year, month, day = 2000 + rng.integers(40), 1 + rng.integers(12), 1 + rng.integers(28)
        mark = str(rng.choice(["-", ".", "/", "年"]))
        return f"{year}{mark}{month}{mark if mark != '年' else '月'}{day}"[: max(int(1.7 * most), 4)]
    head = some(letters, length // 2)
    return f"{head}{some(DIGITS, 2 + int(rng.integers(3)))}{some(letters, length // 4)}"
