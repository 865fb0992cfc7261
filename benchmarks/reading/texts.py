"""What stands in the lines that the recogniser is trained on.

Most of it is no language: a reader that knows words sees them where they do not stand.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from benchmarks.agreement.lines import common_characters
from fixtures.maker import cases
from fixtures.maker.lookalikes import lookalikes
from scanservice.verify.regions_table import table

DIGITS = "0123456789"
CODE = "0123456789ABCDEFGHJKLMNPQRTUWXY"
USUAL = (
    "省市区县路号室学院大学有限公司科技集团股份研究所中心材料工程信息管理人力资源服务局人才交流"
    "就业指导公安派出所街道软件园商务研发楼创业"
)
STREETS = ("路", "街", "道", "巷", "村", "栋", "弄", "幢", "")
HOUSES, ROOMS = ("号", "栋", "-", "单元", "室", "幢", "楼"), ("室", "号", "", "楼", "#")
DATE_SIGNS = ("/", "/", ".", ".", "-", " ", "、")
PLACED, REGIONS = 0.25, 0.35
"""Share of the characters that are from names of places, since a 川 is taken for numbers; share of the
addresses that begin with such names."""
LENGTHS = (1, 2, 2, 3, 4, 4, 5, 6, 6, 8, 9, 11, 11, 12, 12, 18)
FIELDS = (
    ("student", "name"),
    ("student", "major"),
    ("student", "college"),
    *[("student", "home_address")] * 2,
    *[("entry", "employer_name")] * 2,
    *[("entry", "employer_address")] * 2,
    ("entry", "archive_receiver"),
    ("entry", "archive_address"),
    ("entry", "household_address"),
    ("entry", "employer_code"),
    ("student", "id_number"),
    ("entry", "employer_phone"),
    ("entry", "employer_contact"),
)


def some_text(seed: int, rng: np.random.Generator) -> str:
    """Random characters, a field of an invented case (as it is, or with characters exchanged), a date, a
    number, a code, or the numbers of a house among random characters."""
    kind = rng.random()
    if kind < 0.30:
        return _characters(rng, 1, 12)
    if kind < 0.47:
        return _field(seed, rng)
    if kind < 0.54:
        return _date(rng)
    if kind < 0.70:
        return _number(rng)
    if kind < 0.80:
        return _code(rng)
    return _address(rng)


def serial(rng: np.random.Generator) -> str:
    """A printed number as forms bear them."""
    before = ("", "", "", "NO.", "No.", "编号：", "A", "B", "XY", "HD")
    return _one(before, rng) + _digits(rng, int(rng.integers(6, 13)))


def wrong_for(character: str, rng: np.random.Generator) -> str:
    """What somebody may have written first: half of the time a look-alike, where there is one."""
    wrong = character
    while wrong == character:
        near = lookalikes(character)
        if near and rng.random() < 0.5:
            wrong = near[int(rng.integers(len(near)))]
        elif character.isdigit():
            wrong = _digits(rng, 1)
        else:
            wrong = CODE[int(rng.integers(len(CODE)))] if character.isascii() else _character(rng)
    return wrong


def _characters(rng: np.random.Generator, least: int, most: int) -> str:
    return "".join(_character(rng) for _ in range(int(rng.integers(least, most + 1))))


def _character(rng: np.random.Generator) -> str:
    if rng.random() < PLACED:
        name = _one(_places(), rng)
        return name[int(rng.integers(len(name)))]
    kind = rng.random()
    if kind >= 0.8:
        return _rarer()[int(rng.integers(len(_rarer())))]
    pool = common_characters() if kind < 0.66 else USUAL
    found = pool[int(rng.integers(len(pool)))]
    near = lookalikes(found)
    return near[int(rng.integers(len(near)))] if near and rng.random() < 0.2 else found


@cache
def _places() -> tuple[str, ...]:
    """Names of the country's regions, of all times."""
    return tuple(place.name for places in table().values() for place in places)


@cache
def _rarer() -> str:
    """The characters of GB 2312's second level."""
    cells = (bytes((row, cell)) for row in range(0xD8, 0xF8) for cell in range(0xA1, 0xFF))
    return "".join(cell.decode("gb2312", "ignore") for cell in cells)


def _field(seed: int, rng: np.random.Generator) -> str:
    part, key = FIELDS[int(rng.integers(len(FIELDS)))]
    text = str(cases.invent([seed, int(rng.integers(1 << 30))])[part].get(key) or "")
    return text if text.isascii() or rng.random() < 0.5 else _spoilt(text, rng)


def _spoilt(text: str, rng: np.random.Generator) -> str:
    """One to three characters exchanged, lost or written twice."""
    letters = list(text)
    for _ in range(int(rng.integers(1, 4))):
        at, kind = int(rng.integers(len(letters))), rng.random()
        near = lookalikes(letters[at])
        if kind < 0.5 and near:
            letters[at] = near[int(rng.integers(len(near)))]
        elif kind < 0.75:
            letters[at] = _digits(rng, 1) if letters[at].isdigit() else _character(rng)
        elif kind < 0.85 and len(letters) > 2:
            del letters[at]
        elif kind < 0.95:
            letters.insert(at, letters[at])
    return "".join(letters)


def _digits(rng: np.random.Generator, count: int) -> str:
    """Digits with more ones than chance gives, and with repeats: both are what readers miscount."""
    made = ""
    while len(made) < count:
        digit = "1" if rng.random() < 0.18 else DIGITS[int(rng.integers(10))]
        made += digit * (1 if rng.random() < 0.8 else int(rng.integers(2, 5)))
    return made[:count]


def _number(rng: np.random.Generator) -> str:
    text = _digits(rng, int(rng.choice(LENGTHS)))
    if rng.random() < 0.12 and len(text) > 5:
        return f"{text[:4]}-{text[4:]}"
    return f"{text[:3]} {text[3:]}" if rng.random() < 0.1 and len(text) > 5 else text


def _date(rng: np.random.Generator) -> str:
    """A day in any of the usual forms; a stroke between two numbers is no 1."""
    year, month, day = (int(rng.integers(*span)) for span in ((1985, 2035), (1, 13), (1, 32)))
    shown = f"{year % 100:02d}" if rng.random() < 0.1 else str(year)
    parts = (shown, *(f"{part:02d}" if rng.random() < 0.35 else str(part) for part in (month, day)))
    if rng.random() < 0.45:
        text = "".join(part + unit for part, unit in zip(parts, "年月日", strict=True))
        return text if rng.random() < 0.7 else text[text.index("年") + 1 :]
    return _one(DATE_SIGNS, rng).join(parts)


def _code(rng: np.random.Generator) -> str:
    if rng.random() < 0.1:
        return _digits(rng, 17) + "X"
    length = 18 if rng.random() < 0.4 else int(rng.integers(4, 13))
    return "".join(
        CODE[int(rng.integers(len(CODE)))] if rng.random() < 0.45 else _digits(rng, 1) for _ in range(length)
    )


def _address(rng: np.random.Generator) -> str:
    if rng.random() < REGIONS:
        text = "".join(_one(_places(), rng) for _ in range(int(rng.integers(1, 4))))
        if rng.random() < 0.3:
            text = text[: int(rng.integers(1, len(text) + 1))]
        street = _one(STREETS[:3], rng) + _digits(rng, int(rng.integers(1, 5))) + "号"
        return text + street if rng.random() < 0.5 else text
    text = (
        _characters(rng, 0, 5)
        + _one(STREETS, rng)
        + _digits(rng, int(rng.integers(1, 5)))
        + _one(HOUSES, rng)
    )
    if rng.random() < 0.6:
        text += _characters(rng, 0, 4) + _digits(rng, int(rng.integers(1, 5))) + _one(ROOMS, rng)
    return text


def _one(of: tuple[str, ...], rng: np.random.Generator) -> str:
    return of[int(rng.integers(len(of)))]
