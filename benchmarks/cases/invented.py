"""Forms that nobody has seen: sizes, faces, rules, places and numbers drawn from a seed.

Each is a template package as another school might describe it, beside the same form of a sister school that
is not accepted. The program knows of them what their packages say, and nothing else.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.cases.looks import NUMBERS, RARE_NUMBERS, Look, draw_look, draw_oddities, with_rarities
from forms.fields import FIELDS, Field, place
from forms.publish import Form, publish
from forms.sheet import BLACK, EM_MIDDLE, POINT_MM, Color, Mark, Run, Sheet, Stroke, inset
from scanservice.geometry import Box
from scanservice.template import Template, load_templates

SCHOOLS = ("东海理工大学", "滨海师范学院", "北岭医科大学", "江南财经学院", "云麓农业大学", "西港海事大学")
NOTES = (
    "本协议经各方签字盖章后生效，涂改、复印无效。",
    "毕业生应如实填写各项内容，用人单位应注明档案接收单位及户口迁移地址。",
    "遗失本协议者应及时声明，并向学校申请补办；原编号同时作废。",
    "用人单位与毕业生另有约定的，可在备注栏中写明，并视为本协议的组成部分。",
)
WIDTHS = {
    "name": 28.0, "date": 38.0, "text": 34.0, "id_number": 58.0, "phone": 42.0, "address": 84.0,
    "organisation": 84.0, "credit_code": 62.0, "postcode": 30.0, "choice": 40.0,
}  # fmt: skip
"""Least width in mm that a person needs to write such a value."""
STUDENT = (
    "student_name", "student_gender", "student_birth", "student_ethnicity", "student_degree",
    "student_number", "student_college", "student_major", "student_id_number", "student_home_address",
    "student_phone",
)  # fmt: skip
EMPLOYER = (
    "employer_name", "employer_code", "employer_nature", "employer_address", "employer_postcode",
    "employer_contact", "employer_phone", "archive_receiver", "archive_address", "archive_postcode",
    "household_address",
)  # fmt: skip
SPARED = ("student_gender", "student_ethnicity", "student_birth", "employer_nature", "household_address")
"""Fields that not every school asks for."""
WHITE: Color = (1.0, 1.0, 1.0)
CHARACTERS = {"id_number": 18, "postcode": 6, "phone": 11}
"""Characters of a value that some forms give a box each."""
BOX_MM = 5.2
TALL = 1.75
"""Height of a row in which addresses take two lines, of that of others."""
ENGLISH = {
    "student_name": "Name", "student_gender": "Sex", "student_birth": "Born", "student_ethnicity": "Nation",
    "student_degree": "Degree", "student_number": "Student No.", "student_college": "School",
    "student_major": "Major", "student_id_number": "ID No.", "student_home_address": "Address",
    "student_phone": "Phone", "employer_name": "Employer", "employer_code": "Credit code",
    "employer_nature": "Type", "employer_address": "Address", "employer_postcode": "Postcode",
    "employer_contact": "Contact", "employer_phone": "Phone", "archive_receiver": "Archive to",
    "archive_address": "Address", "archive_postcode": "Postcode", "household_address": "Registered at",
}  # fmt: skip
SIGNING = 40.0
"""Least height of the part for signatures and seals, mm."""
SEASON = {
    "from": "2018-09-01",
    "until": "2019-08-31",
    "terminations_before": "2019-01-08",
    "home_region": "37",
}


def library(seed: int, folder: Path, *, odd: bool = False, rare: bool = False) -> tuple[Template, ...]:
    """An invented form, and the sister school's that is not accepted, as packages in a folder.

    Args:
        odd: with what most schools' forms have not; rare: with what hardly any has.
    """
    rng = np.random.default_rng([seed, 83])
    look = draw_look(rng)
    if odd:
        look = replace(look, odd=draw_oddities(np.random.default_rng([seed, 84])))
    if rare:
        look = with_rarities(look, np.random.default_rng([seed, 85]))
    own, sister = (str(name) for name in rng.choice(SCHOOLS, 2, replace=False))
    content = int(rng.integers(1 << 30))
    form = Form(
        id=f"invented-{seed}",
        title=own + look.title,
        issuer=own,
        sheets=_sheets(look, own, content),
        season=SEASON,
    )
    other = replace(
        form,
        id=f"invented-{seed}-sister",
        title=sister + look.title,
        issuer=sister,
        sheets=_sheets(look, sister, content),
        accepts=False,
        refusal="这是其他学校的就业协议书，请使用本校发放的协议书。",
    )
    for each in (form, other):
        publish(each, folder / each.id)
    return load_templates(folder)


def _sheets(look: Look, school: str, content: int) -> list[Sheet]:
    """The form's pages; `content` is the seed of what is asked for, and in which order."""
    rng = np.random.default_rng(content)
    parts = (("毕业生基本情况", STUDENT), ("用人单位基本情况", EMPLOYER))
    spared = {name for name in SPARED if rng.random() < 0.4}
    chosen = [(head, _shuffled([name for name in names if name not in spared], rng)) for head, names in parts]
    groups = [[part] for part in chosen] if look.apart else [chosen]
    sheets = []
    for number, group in enumerate(groups, 1):
        sheet = Sheet(number, f"page{number}", size=look.size)
        _behind(sheet, look, school)
        y = _head(sheet, look, school)
        for heading, names in group:
            y = _part(sheet, look, heading, names, y)
        if number == len(groups):
            if not look.apart and _room(look, y) < SIGNING:
                return _sheets(replace(look, apart=True), school, content)
            y = _clause(sheet, look, y) if look.rare.clause else y
            y = _signing(sheet, look, y + 4)
        _foot(sheet, look, school, y + 3, rng)
        sheets.append(sheet)
    if look.rare.spread:
        sheets = [_spread(sheets)]
    if look.odd.annex:
        sheets.append(_annex(look, school, len(sheets) + 1, rng))
    return sheets


def _behind(sheet: Sheet, look: Look, school: str) -> None:
    """What is printed under all the rest."""
    width, height = sheet.size
    if look.rare.tint is not None:
        sheet.fill(Box(0, 0, width, height), look.rare.tint)
    if look.rare.underprint is not None:
        for n, y in enumerate(np.arange(12.0, height - 10, 5.5).tolist()):
            words = (school + "　") * 12
            room = int((width - 20) / (6.5 * POINT_MM))
            sheet.text(10, y, words[n % 3 : n % 3 + room], 6.5, look.heading, color=look.rare.underprint)
    if look.odd.emblem is not None:
        _emblem(sheet, look.odd.emblem)


def _spread(sheets: Sequence[Sheet]) -> Sheet:
    """Pages side by side on one sheet."""
    width, height = sheets[0].size
    whole = Sheet(1, "spread", size=(width * len(sheets), height))
    for number, sheet in enumerate(sheets):
        right = number * width
        whole.marks += [_moved(mark, right) for mark in sheet.marks]
        for region in sheet.regions:
            entry = {**region, "box": _right_of(region["box"], right)}
            if "cells" in region:
                entry["cells"] = [_right_of(cell, right) for cell in region["cells"]]
            whole.regions.append(entry)
    return whole


def _moved(mark: Mark, right: float) -> Mark:
    if isinstance(mark, Run):
        return replace(mark, glyphs=tuple((character, x + right, y) for character, x, y in mark.glyphs))
    if isinstance(mark, Stroke):
        (x0, y0), (x1, y1) = mark.start, mark.end
        return replace(mark, start=(x0 + right, y0), end=(x1 + right, y1))
    box = mark.box
    return replace(mark, box=Box(box.left + right, box.top, box.right + right, box.bottom))


def _right_of(box: Sequence[float], right: float) -> list[float]:
    x0, y0, x1, y1 = box
    return [round(x0 + right, 2), y0, round(x1 + right, 2), y1]


def _clause(sheet: Sheet, look: Look, y: float) -> float:
    """A sentence with places for both names; the bottom, mm."""
    y += look.row / 2 + 1
    for name, before, after, width in (
        ("employer_name", "甲方", "与", 0.0),
        ("student_name", "乙方", "经协商一致，同意签订本协议。", 30.0),
    ):
        field = FIELDS[name]
        at = sheet.text(look.margin, y, before, look.text, look.face)
        tail = sum(1.0 for _ in after) * look.text * POINT_MM
        right = at.right + width if width else look.right - tail - 2
        sheet.line(at.right, y + 3.4, right, y + 3.4)
        sheet.text(right + 0.5, y, after, look.text, look.face)
        place(
            sheet, replace(field, id=f"clause_{name}"), Box(at.right, y - look.row / 2 + 0.6, right, y + 3.2)
        )
        y += look.row
    return y - look.row / 2 + 1


def _emblem(sheet: Sheet, color: Color) -> None:
    """Rings and waves, as printers put behind certificates."""
    middle = np.array(sheet.size) / 2
    turns = np.linspace(0, 2 * np.pi, 121)
    for radius in np.arange(24.0, 62.0, 4.0):
        around = radius * (1 + 0.05 * np.cos(12 * turns))
        points = middle + np.stack([np.cos(turns) * around, np.sin(turns) * around], axis=-1)
        for (x0, y0), (x1, y1) in itertools.pairwise(points.tolist()):
            sheet.line(x0, y0, x1, y1, width=0.35, color=color)


def _annex(look: Look, school: str, number: int, rng: np.random.Generator) -> Sheet:
    """A page of notes that need not be sent in."""
    sheet = Sheet(number, "annex", required=False, size=look.size)
    title = sheet.text(
        sheet.size[0] / 2, look.margin + 8, "填写说明", look.text * 1.5, look.heading, align="center"
    )
    sheet.print_region("notes_title", title, "填写说明")
    _foot(sheet, look, school, title.bottom + 6, rng)
    return sheet


def _shuffled(names: Sequence[str], rng: np.random.Generator) -> list[str]:
    """A name comes first; the rest in any order."""
    first, *rest = names
    return [first, *(str(name) for name in rng.permutation(rest))]


def _head(sheet: Sheet, look: Look, school: str) -> float:
    """Title, school and number; where the table may begin, mm."""
    if sheet.number == 1 or not look.odd.numbered_once:
        pattern, label = (NUMBERS + RARE_NUMBERS)[look.number]
        x = look.margin if look.number_left else look.right - 62
        words = sheet.text(x, look.margin, label, look.text, look.face)
        box = Box(words.right + 2, words.center[1] - 4, words.right + 46, words.center[1] + 4)
        sheet.region(
            f"serial_{sheet.number}", "serial", box, label=label, required=True, pattern=pattern, ink=look.ink
        )
    middle = sheet.size[0] / 2
    title = sheet.text(
        middle,
        look.margin + 12,
        school + look.title,
        look.text * 1.7,
        look.heading,
        align="center",
        color=look.rare.title_ink,
    )
    sheet.print_region(f"title_{sheet.number}", title, school + look.title)
    year = sheet.text(middle, title.bottom + 5, "（2019届毕业生用）", look.text, look.face, align="center")
    sheet.print_region(f"year_{sheet.number}", year, "（2019届毕业生用）")
    return year.bottom + 4


def _part(sheet: Sheet, look: Look, heading: str, names: Sequence[str], y: float) -> float:
    if look.rare.banner is not None:
        sheet.fill(Box(look.margin, y + 0.8, look.right, y + look.row - 0.2), look.rare.banner)
    at = sheet.text(
        look.margin + 2,
        y + look.row / 2,
        heading,
        look.text * 1.1,
        look.heading,
        color=WHITE if look.rare.banner else BLACK,
    )
    sheet.print_region(f"part_{heading}".encode().hex()[:16], at, heading)
    y += look.row
    for row in _rows(look, names):
        x = look.margin
        long = look.odd.tall and any(field.compare in ("address", "organisation") for field, _, _ in row)
        height = look.row * (TALL if long else 1.0)
        for field, label_width, width in row:
            _field(sheet, look, field, Box(x, y, x + label_width + width, y + height), label_width)
            x += label_width + width
        y += height
    return y


def _rows(look: Look, names: Sequence[str]) -> Iterator[list[tuple[Field, float, float]]]:
    """Fields packed into rows that are as wide as the page allows: field, label's and place's width."""
    room = look.right - look.margin
    waiting: list[tuple[Field, float, float]] = []
    for name in names:
        field = FIELDS[name]
        label = max(16.0, (len(field.label) + 1) * look.text * POINT_MM + 2)
        least = WIDTHS[field.compare]
        if look.odd.tall and field.compare in ("address", "organisation"):
            least = 48.0
        if look.odd.boxes and field.compare in CHARACTERS:
            least = CHARACTERS[field.compare] * BOX_MM + 3.0
        entry = (field, label, least)
        if waiting and sum(a + b for _, a, b in (*waiting, entry)) > room:
            yield _stretched(waiting, room)
            waiting = []
        waiting.append(entry)
    yield _stretched(waiting, room)


def _stretched(row: Sequence[tuple[Field, float, float]], room: float) -> list[tuple[Field, float, float]]:
    labels, places = sum(label for _, label, _ in row), sum(width for _, _, width in row)
    return [(field, label, width * (room - labels) / places) for field, label, width in row]


def _field(sheet: Sheet, look: Look, field: Field, box: Box, label_width: float) -> None:
    blank = Box(box.left + label_width, box.top, box.right, box.bottom)
    ink = look.odd.print_ink
    if look.ruled:
        sheet.text(box.left, box.bottom - 3.2, f"{field.label}：", look.text, look.face, color=ink)
        _underline(sheet, look, blank.left, box.right - 2, box.bottom - 1)
        space = Box(blank.left, box.top + 0.4, box.right - 2, box.bottom - 1.2)
        whole = Box(box.left, space.top, space.right, space.bottom)
    elif look.odd.inside:
        sheet.frame(box, color=ink)
        sheet.text(box.left + 2, box.center[1], f"{field.label}：", look.text, look.face, color=ink)
        space, whole = inset(blank), inset(box)
    else:
        cell = Box(box.left, box.top, blank.left, box.bottom)
        if look.rare.shade is not None:
            sheet.fill(cell, look.rare.shade)
        sheet.frame(cell, color=ink)
        if look.rare.english:
            upper, lower = cell.center[1] - 1.6, cell.center[1] + 2.0
            sheet.text(cell.center[0], upper, field.label, look.text * 0.9, look.face, align="center")
            sheet.text(cell.center[0], lower, ENGLISH[field.id], look.text * 0.6, look.face, align="center")
        else:
            sheet.label(cell, field.label, look.text, look.face)
        sheet.frame(blank, color=ink)
        space = whole = inset(blank)
    if look.odd.boxes and field.compare in CHARACTERS and field.id != "employer_phone":
        place(sheet, field, space, cells=_boxes(sheet, look, space, CHARACTERS[field.compare]))
    else:
        place(sheet, field, whole if look.odd.inside else space)


def _underline(sheet: Sheet, look: Look, left: float, right: float, y: float) -> None:
    if not look.rare.dotted:
        sheet.line(left, y, right, y, color=look.odd.print_ink)
        return
    for x in np.arange(left, right - 0.5, 1.0).tolist():
        sheet.line(x, y, x + 0.3, y, color=look.odd.print_ink)


def _boxes(sheet: Sheet, look: Look, space: Box, count: int) -> tuple[Box, ...]:
    """A frame for each character, from the left; what is written stands inside it."""
    width = min(BOX_MM, (space.width - 1) / count)
    height = min(space.height - 0.8, 6.4)
    top = space.center[1] - height / 2
    cells = [
        Box(space.left + 0.5 + n * width, top, space.left + 0.5 + (n + 1) * width, top + height)
        for n in range(count)
    ]
    for cell in cells:
        sheet.frame(cell, color=look.odd.print_ink)
    return tuple(inset(cell, 0.25) for cell in cells)


def _room(look: Look, y: float) -> float:
    """What a page has left for signatures and seals, mm."""
    return look.size[1] - look.margin - 14 - y


def _signing(sheet: Sheet, look: Look, y: float) -> float:
    """Signature and seals side by side, each with its date; the bottom, mm."""
    height = min(46.0, _room(look, y))
    width = (look.right - look.margin) / 3
    boxes = [Box(look.margin + n * width, y, look.margin + (n + 1) * width, y + height) for n in range(3)]
    headings = ("毕业生签名：", "用人单位（盖章）：", "学校（盖章）：")
    for box, words in zip(boxes, headings, strict=True):
        if not look.ruled:
            sheet.frame(box)
        sheet.text(box.left + 2, box.top + 5, words, look.text, look.face)
    student, employer, school = boxes
    sheet.region(
        "student_signature",
        "signature",
        Box(student.left + 3, student.top + 9, student.right - 3, student.bottom - 13),
        label="毕业生签名",
        owner="student",
        required=True,
    )
    for name, box, owner, required in (
        ("employer_seal", employer, "employer", True),
        ("school_seal", school, "school", False),
    ):
        sheet.region(name, "seal", inset(box), label="公章", owner=owner, required=required)
    for box, name in ((student, "student_date"), (employer, "employer_date")):
        _date(sheet, look, box, FIELDS[name])
    return y + height


def _date(sheet: Sheet, look: Look, box: Box, field: Field) -> None:
    y = box.bottom - 6
    if look.cells:
        whole, cells = sheet.date(box.right - 2, y, look.text, gaps=(15.0, 9.0, 9.0), face=look.face)
        place(sheet, field, whole, cells=None if look.rare.bare_dates else cells)
        return
    words = sheet.text(box.left + 2, y, "日期：", look.text, look.face)
    sheet.line(words.right, y + 3.4, box.right - 3, y + 3.4)
    place(sheet, field, Box(words.right, y - 4, box.right - 3, y + 3.2))


def _foot(sheet: Sheet, look: Look, school: str, y: float, rng: np.random.Generator) -> None:
    """Notes as far as there is room, and whose form it is."""
    size = look.text * 0.85
    bottom = sheet.size[1] - look.margin
    line = size * POINT_MM * 1.5
    notes = [f"{n}. {NOTES[int(i)]}" for n, i in enumerate(rng.permutation(len(NOTES)), 1)]
    wide = look.right - look.margin
    room = max(int((bottom - 6 - y) / line) - 1, 0)
    for number, note in enumerate(notes[:room], 1):
        whole = note if len(note) * size * POINT_MM < wide else note[: int(wide / (size * POINT_MM))]
        at = sheet.text(look.margin, y + line / 2, whole, size, look.face)
        sheet.print_region(f"note_{sheet.name}_{number}", at, whole)
        y += line
    words = f"{school}{look.office}制"
    at = sheet.text(look.right, bottom - EM_MIDDLE, words, size, look.face, align="right")
    sheet.print_region(f"office_{sheet.name}", at, words)
