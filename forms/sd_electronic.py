"""The electronic agreement of the province's site, which students print and upload by mistake."""

from __future__ import annotations

from collections.abc import Sequence

import cv2

from forms.faces import HEI, HEI_BOLD, SONG
from forms.fields import FIELDS, Field, at, place
from forms.publish import Form
from forms.sheet import RULE, Sheet, inset
from scanservice.geometry import Box

TITLE = "山东省普通高等学校毕业生就业协议书"
SITE = "山东高校毕业生就业信息网"
ADDRESS = "http://hrss.shandong.gov.cn/gxbys/"
ISSUER = "山东省人力资源和社会保障厅"

LEFT, RIGHT = 16.0, 194.0
BLUE = (0.12, 0.33, 0.62)
SHADE = (0.90, 0.93, 0.97)
ROW = 10.0

EMPLOYER = (
    (at("employer_name", 156, 22),),
    (at("employer_code", 66, 22), at("employer_nature", 68, 22)),
    (at("employer_contact", 66, 22), at("employer_phone", 68, 22)),
    (at("employer_address", 106, 22), at("employer_postcode", 28, 22)),
    (at("archive_receiver", 156, 22),),
    (at("archive_address", 106, 22), at("archive_postcode", 28, 22)),
)
STUDENT = (
    (at("student_name", 36, 22), at("student_gender", 20, 22), at("student_id_number", 56, 22)),
    (at("student_ethnicity", 36, 22), at("student_degree", 20, 22), at("student_major", 56, 22)),
    (
        at("student_education_mode", 36, 22),
        at("student_education_years", 20, 22),
        at("student_phone", 56, 22),
    ),
    (at("student_home_address", 156, 22),),
)
TERMS = (
    "一、甲、乙双方在网上签约平台自愿达成就业意向，甲方同意接收乙方，乙方同意到甲方就业。",
    "二、甲方应当如实介绍本单位情况，乙方应当如实介绍本人情况，任何一方弄虚作假的，另一方有权解除本协议。",
    "三、本协议由信息网根据双方确认的内容自动生成，经甲方盖章、乙方签字后报学校审核，打印后手写修改无效。",
    "四、解除本协议须由双方在信息网上提出并确认，由学校审核后办理。",
)


def sheet() -> Sheet:
    page = Sheet(1, "agreement")
    _header(page)
    y = 56.0
    y = _section(page, "甲方（用人单位）信息", "party_employer", EMPLOYER, y)
    y = _section(page, "乙方（毕业生）信息", "party_student", STUDENT, y + 3)
    y = _terms(page, y + 3)
    _seals(page, y + 3)
    page.line(LEFT, 283, RIGHT, 283, 0.3, BLUE)
    foot = page.text(LEFT, 287, f"本协议书由{SITE}自动生成", 8.5, HEI)
    page.print_region("foot", foot, f"本协议书由{SITE}自动生成")
    page.text(RIGHT, 287, "第 1 页  共 1 页", 8.5, HEI, align="right")
    return page


def _header(page: Sheet) -> None:
    _qr(page, Box(LEFT, 9, LEFT + 20, 29))
    site = page.text(LEFT + 24, 14.5, SITE, 15, HEI_BOLD, color=BLUE)
    page.print_region("site", site, SITE)
    address = page.text(LEFT + 24, 22, ADDRESS, 9, HEI, color=BLUE)
    page.print_region("site_address", address, ADDRESS)
    page.region("barcode", "free", Box(132, 8, RIGHT, 21), label="条形码")
    page.text(152, 26, "电子协议编号：", 9, HEI, align="right")
    page.region(
        "electronic_number",
        "serial",
        Box(152.5, 23, RIGHT, 29),
        label="电子协议编号",
        required=True,
        pattern=r"(?P<serial>37\d{14})",
        ink="black",
    )
    page.line(LEFT, 32, RIGHT, 32, 0.7, BLUE)
    title = page.text(105, 41, TITLE, 19, HEI_BOLD, align="center")
    page.print_region("title", title, TITLE)
    kind = page.text(105, 49.5, "（电子协议书）", 12, HEI, align="center")
    page.print_region("kind", kind, "（电子协议书）")


def _qr(page: Sheet, box: Box) -> None:
    """The site's address as a QR code, one filled box for every run of dark modules."""
    modules = cv2.QRCodeEncoder.create().encode(ADDRESS)
    dark = modules < 128
    rows, columns = dark.shape
    step = box.width / columns
    for row in range(rows):
        start = None
        for column in range(columns + 1):
            on = column < columns and bool(dark[row, column])
            if on and start is None:
                start = column
            elif not on and start is not None:
                y = box.top + row * step
                page.fill(Box(box.left + start * step, y, box.left + column * step, y + step), (0, 0, 0))
                start = None


def _section(page: Sheet, heading: str, region_id: str, rows: Sequence[Sequence[Field]], top: float) -> float:
    bar = Box(LEFT, top, RIGHT, top + 7)
    page.fill(bar, SHADE)
    page.frame(bar, RULE)
    words = page.text(LEFT + 3, bar.center[1], heading, 11, HEI_BOLD, color=BLUE)
    page.print_region(region_id, words, heading)
    y = bar.bottom
    for fields in rows:
        x, bottom = LEFT, y + ROW
        for item in fields:
            label = Box(x, y, x + item.label_width, bottom)
            page.fill(label, SHADE)
            page.frame(label)
            page.label(label, item.words, 9 if "|" not in item.words else 8, HEI)
            x = label.right + item.width
            cell = Box(label.right, y, x, bottom)
            page.frame(cell)
            place(page, item, inset(cell))
        y = bottom
    return y


def _terms(page: Sheet, top: float) -> float:
    y = top + 2
    for term in TERMS:
        y = page.paragraph(Box(LEFT + 3, y, RIGHT - 3, 297), term, 9, SONG, leading=1.55).bottom + 0.8
    page.frame(Box(LEFT, top, RIGHT, y + 1))
    return y + 1


def _seals(page: Sheet, top: float) -> None:
    bottom = 279.0
    step = (RIGHT - LEFT) / 3
    parties = (("employer", "甲方（盖章）"), ("student", "乙方（签字）"), ("school", "学校（审核盖章）"))
    for number, (owner, heading) in enumerate(parties):
        cell = Box(LEFT + number * step, top, LEFT + (number + 1) * step, bottom)
        page.frame(cell)
        words = page.text(cell.left + 2, top + 5, f"{heading}：", 10, HEI)
        page.print_region(f"{owner}_heading", words, heading)
        box, cells = page.date(cell.right - 3, bottom - 5, 9, gaps=(14.0, 8.0, 8.0), height=6, face=HEI)
        if owner == "student":
            room = Box(cell.left + 2, top + 9, cell.right - 2, bottom - 10)
            page.region("student_signature", "signature", room, label=heading, owner=owner)
        else:
            page.region(f"{owner}_seal", "seal", inset(cell), label=heading, owner=owner)
        if owner == "school":
            page.region("school_date", "free", box, label="日期")
        else:
            place(page, FIELDS[f"{owner}_date"], box, cells=cells)


def form() -> Form:
    return Form(
        id="sd-electronic",
        title=TITLE,
        issuer=ISSUER,
        sheets=[sheet()],
        accepts=False,
        refusal="electronic-agreement",
        comment="A decoy: drawn by forms/sd_electronic.py; change that and run `python -m forms`.",
    )
