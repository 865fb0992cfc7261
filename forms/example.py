"""The blank of the worked example in docs/describe-your-form.md: an invented school's one-page form.

`python -m forms.example` draws it and the pictures of the text: the draft, and the package as a person
finished it (docs/example-form/template.yaml, written by hand).
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import pymupdf

from forms.faces import HEI, MING, SONG_BOLD
from forms.publish import Form, blank_pdf
from forms.sheet import Sheet
from scanservice.drafting import draft, show
from scanservice.geometry import Box

SCHOOL = "东海理工大学"
LEFT, RIGHT = 20.0, 190.0
ROW = 10.0
DOCS = Path(__file__).parent.parent / "docs"

GRADUATE = (
    (("姓名", 22, 40), ("性别", 18, 26), ("民族", 20, 44)),
    (("学号", 22, 40), ("学院", 18, 26), ("专业", 20, 44)),
    (("公民身份号码", 30, 76), ("手机", 20, 44)),
)
EMPLOYER = (
    (("单位全称", 22, 84), ("信用代码", 20, 44)),
    (("单位地址", 22, 84), ("邮编", 20, 44)),
    (("联系人", 22, 40), ("联系电话", 20, 88)),
    (("档案接收单位", 30, 76), ("联系人", 20, 44)),
    (("档案邮寄地址", 30, 76), ("邮编", 20, 44)),
    (("试用期", 22, 40), ("月薪", 20, 88)),
)


def sheet() -> Sheet:
    page = Sheet(1, "agreement")
    page.text(LEFT, 18, "No.", 12, MING)
    page.text(105, 30, f"{SCHOOL}毕业生就业协议书", 20, SONG_BOLD, align="center", spacing=0.5)
    page.text(105, 39, "（2019届，学校与用人单位、毕业生各执一份）", 10.5, align="center")
    y = _part(page, "乙方（毕业生）", GRADUATE, 48.0)
    y = _part(page, "甲方（用人单位）", EMPLOYER, y)
    width = (RIGHT - LEFT) / 3
    for number, heading in enumerate(("乙方（签字）：", "甲方（盖章）：", "学校（盖章）：")):
        cell = Box(LEFT + number * width, y, LEFT + (number + 1) * width, y + 52)
        page.frame(cell)
        page.text(cell.left + 2, cell.top + 5, heading, 10.5, MING)
        page.date(cell.right - 3, cell.bottom - 6, 10.5, gaps=(15.0, 8.5, 8.5), face=MING)
    page.text(LEFT, y + 58, "说明：涂改、复印无效；遗失不补。", 9)
    page.text(RIGHT, y + 58, f"{SCHOOL}招生就业处制", 9, align="right")
    return page


def _part(page: Sheet, heading: str, rows: Sequence[Sequence[tuple[str, float, float]]], top: float) -> float:
    bar = Box(LEFT, top, RIGHT, top + 8)
    page.frame(bar)
    page.text(105, bar.center[1], heading, 11, HEI, align="center")
    y = bar.bottom
    for row in rows:
        x = LEFT
        for words, label, blank in row:
            page.frame(Box(x, y, x + label, y + ROW))
            page.label(Box(x, y, x + label, y + ROW), words, 10.5, MING)
            page.frame(Box(x + label, y, x + label + blank, y + ROW))
            x += label + blank
        y += ROW
    return y


def form() -> Form:
    return Form(id="donghai-2019", title=f"{SCHOOL}毕业生就业协议书", issuer=SCHOOL, sheets=[sheet()])


def main() -> None:
    package, pictures = DOCS / "example-form", DOCS / "images" / "forms"
    (package / "blank.pdf").write_bytes(blank_pdf(form()))
    pictures.mkdir(parents=True, exist_ok=True)
    with pymupdf.open(package / "blank.pdf") as blank:
        blank[0].get_pixmap(dpi=75).save(pictures / "blank.png")
    with tempfile.TemporaryDirectory() as folder:
        drafted = draft(package / "blank.pdf", Path(folder) / "donghai-2019").parent
        _reduced(show(drafted, Path(folder))[0], pictures / "draft.png")
        _reduced(show(package, Path(folder))[0], pictures / "finished.png")


def _reduced(source: Path, target: Path) -> None:
    """Half the size: legible on a page of text."""
    pixels = pymupdf.Pixmap(str(source))
    pixels = pymupdf.Pixmap(pixels, pixels.width * 3 // 4, pixels.height * 3 // 4, None)
    pixels.save(target)


if __name__ == "__main__":
    main()
