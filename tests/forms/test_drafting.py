"""Drafts: the places, kinds and values that are found on a blank without a description."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pymupdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms.publish import Form, blank_pdf
from forms.sheet import Sheet
from scanservice.drafting import draft, lint
from scanservice.drafting.grid import grid
from scanservice.drafting.labels import meaning, party
from scanservice.drafting.paper import read_page
from scanservice.drafting.straighten import DPI, render, skew
from scanservice.errors import InputError
from scanservice.geometry import Box
from scanservice.template import Region, Template, load_template

TEMPLATES = Path(__file__).parents[2] / "templates"
EXAMPLE = Path(__file__).parents[2] / "docs" / "example-form"


def overlap(first: Box, second: Box) -> float:
    """Intersection over union."""
    shared = first.clipped(second).area
    return shared / (first.area + second.area - shared)


def as_picture(blank: Path, target: Path, number: int, degrees: float) -> Path:
    """A page as a scanner gives it: a picture in a PDF, laid on the glass with a slight turn."""
    with pymupdf.open(blank) as source, pymupdf.open() as result:
        rect = source[number].rect
        pixels = source[number].get_pixmap(dpi=200)
        image = np.frombuffer(pixels.samples, np.uint8).reshape(pixels.height, pixels.width, pixels.n)
        middle = (pixels.width / 2, pixels.height / 2)
        turn = cv2.getRotationMatrix2D(middle, -degrees, 1.0)
        image = cv2.warpAffine(image, turn, (pixels.width, pixels.height), borderValue=(250, 250, 250))
        page = result.new_page(width=rect.width, height=rect.height)
        page.insert_image(page.rect, stream=cv2.imencode(".jpg", image)[1].tobytes())
        result.save(target)
    return target


def shown_upright(blank: Path, target: Path, rotation: int) -> Path:
    """The first page lying on its side, with the PDF's order to show it upright."""
    with pymupdf.open(blank) as source, pymupdf.open() as result:
        rect = source[0].rect
        page = result.new_page(width=rect.height, height=rect.width)
        page.show_pdf_page(page.rect, source, 0, rotate=rotation)
        page.set_rotation(rotation)
        result.save(target)
    return target


def share_found(known: list[Region], drafted: Template) -> float:
    """Share of the known regions that the draft has in the same place with the same meaning."""
    found = [region for _, region in drafted.regions()]

    def same(region: Region, other: Region) -> bool:
        meant = (region.kind, region.value, region.owner) == (other.kind, other.value, other.owner)
        return meant and overlap(region.box, other.box) >= 0.6

    hits = [region.id for region in known if any(same(region, other) for other in found)]
    return len(hits) / len(known)


@pytest.mark.parametrize("form", ["ouc-2019", "ouc-2018", "upc-2019", "sd-electronic"])
def test_a_draft_finds_what_a_person_described(tmp_path: Path, form: str) -> None:
    known = load_template(TEMPLATES / form)
    drafted = load_template(draft(known.blank, tmp_path / form).parent)
    for kind, floor in (("text", 0.95), ("seal", 1.0), ("signature", 0.9)):
        assert share_found([r for _, r in known.regions() if r.kind == kind], drafted) >= floor, kind
    serials = [region for _, region in drafted.regions() if region.kind == "serial"]
    assert len(serials) == sum(region.kind == "serial" for _, region in known.regions())


def test_a_scanned_blank_is_straightened_and_read(tmp_path: Path) -> None:
    known = load_template(TEMPLATES / "ouc-2019")
    blank = as_picture(known.blank, tmp_path / "scan.pdf", 1, degrees=0.8)
    drafted = load_template(draft(blank, tmp_path / "scan").parent)
    page = known.page("agreement")
    assert share_found([region for region in page.regions if region.kind == "text"], drafted) >= 0.9
    assert share_found([region for region in page.regions if region.kind == "seal"], drafted) == 1.0
    # The boxes lie on the blank that the package holds, not on the crooked one.
    assert not [message for message in lint(drafted.folder) if message.code.startswith("print-")]


@pytest.mark.parametrize("degrees", [-3.0, -0.4, 0.0, 1.2])
def test_the_turn_of_a_scan_is_told(tmp_path: Path, degrees: float) -> None:
    blank = as_picture(TEMPLATES / "ouc-2019" / "blank.pdf", tmp_path / "scan.pdf", 1, degrees)
    with pymupdf.open(blank) as document:
        found = skew(render(document[0], DPI))
    assert found == pytest.approx(degrees, abs=0.08)


def test_lines_of_underscores_are_places_to_write_on(tmp_path: Path) -> None:
    sheet = Sheet(1, "cover")
    sheet.text(30, 100, "毕业生：" + "_" * 24, 16)
    sheet.text(30, 115, "用人单位：" + "＿" * 12 + "（盖章）", 16)
    (tmp_path / "blank.pdf").write_bytes(blank_pdf(Form("t", "t", "t", [sheet])))
    drafted = load_template(draft(tmp_path / "blank.pdf", tmp_path / "cover").parent)
    places = {region.value: region.box for _, region in drafted.regions() if region.kind == "text"}
    assert set(places) == {"student.name", "entry.employer_name"}
    assert overlap(places["student.name"], Box(52.5, 92, 117, 103)) > 0.6
    assert overlap(places["entry.employer_name"], Box(58.2, 107, 126, 118)) > 0.6


@pytest.mark.parametrize("rotation", [90, 270])
def test_a_page_shown_turned_is_described_as_shown(tmp_path: Path, rotation: int) -> None:
    example = load_template(EXAMPLE)
    blank = shown_upright(example.blank, tmp_path / "turned.pdf", rotation)
    drafted = load_template(draft(blank, tmp_path / "turned").parent)
    assert share_found([r for _, r in example.regions() if r.kind in ("text", "seal")], drafted) == 1.0
    assert not [message for message in lint(drafted.folder) if message.code.startswith("print-")]


def test_a_draft_says_what_to_check_and_has_no_error(tmp_path: Path) -> None:
    path = draft(TEMPLATES / "ouc-2019" / "blank.pdf", tmp_path / "our form", form_id="ours")
    text = path.read_text(encoding="utf-8")
    assert "check: write the pattern" in text
    template = load_template(path.parent)
    assert (template.id, template.description.issuer) == ("ours", "中国海洋大学")
    assert template.description.title == "全国普通高等学校毕业生就业协议书"
    codes = {message.code for message in lint(path.parent)}
    # What only a person can know, and nothing else.
    assert codes == {"pattern-loose", "serial-without-ink", "season-incomplete"}


def test_a_package_is_not_overwritten(tmp_path: Path) -> None:
    blank = TEMPLATES / "sd-electronic" / "blank.pdf"
    path = draft(blank, tmp_path / "form")
    path.write_text("mine")
    with pytest.raises(InputError, match="package-exists"):
        draft(blank, tmp_path / "form")
    assert path.read_text() == "mine"


def test_what_is_no_blank_is_said(tmp_path: Path) -> None:
    locked = pymupdf.open()
    locked.new_page()
    locked.save(tmp_path / "locked.pdf", encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="x", owner_pw="y")
    (tmp_path / "text.pdf").write_text("not a PDF")
    (tmp_path / "empty.pdf").touch()
    for name, code in {
        "none.pdf": "file-missing",
        "empty.pdf": "file-empty",
        "text.pdf": "file-damaged",
        "locked.pdf": "file-encrypted",
    }.items():
        with pytest.raises(InputError) as caught:
            draft(tmp_path / name, tmp_path / "form")
        assert caught.value.code == code
    assert not (tmp_path / "form").exists()


def test_an_empty_page_gives_a_package_without_regions(tmp_path: Path) -> None:
    with pymupdf.open() as document:
        document.new_page()
        document.save(tmp_path / "white.pdf")
    template = load_template(draft(tmp_path / "white.pdf", tmp_path / "white").parent)
    assert list(template.regions()) == []


@pytest.mark.parametrize(
    ("words", "values"),
    [
        ("姓　名", {"student.name"}),
        ("身份证号码（18位）：", {"student.id_number"}),
        ("系别及专业：", {"student.college", "student.major"}),
        ("统一社会信用代玛", {"entry.employer_code"}),
        ("档案接收单位全称", {"entry.archive_receiver"}),
    ],
)
def test_labels_are_understood(words: str, values: set[str]) -> None:
    found = meaning(words)
    assert found is not None
    assert values <= {value for group in found.values.values() for value in group}


@pytest.mark.parametrize("words", ["备注", "学校联系人及电话", "毕业院校", "本协议一式三份", "：", ""])
def test_other_words_mean_no_value(words: str) -> None:
    assert meaning(words) is None


@pytest.mark.parametrize(
    ("words", "owner"),
    [
        ("用人单位上级主管部门意见：", "authority"),
        ("毕业生所在学校意见", "school"),
        ("院（系）意见：", "college"),
        ("用人单位情况及意见", "employer"),
        ("毕业生情况及意见", "student"),
        ("备注", None),
    ],
)
def test_parties_are_understood(words: str, owner: str | None) -> None:
    assert party(words) == owner


def test_rules_drawn_as_thin_bars_are_rules(tmp_path: Path) -> None:
    """Word processors fill narrow rectangles where others draw lines."""
    sheet = Sheet(1, "table")
    for x in (20, 50, 120):
        sheet.fill(Box(x - 0.1, 30, x + 0.1, 50), (0, 0, 0))
    for y in (30, 40, 50):
        sheet.fill(Box(20, y - 0.1, 120, y + 0.1), (0, 0, 0))
    sheet.label(Box(20, 30, 50, 40), "姓名")
    sheet.label(Box(20, 40, 50, 50), "家庭住址")
    (tmp_path / "blank.pdf").write_bytes(blank_pdf(Form("t", "t", "t", [sheet])))
    drafted = load_template(draft(tmp_path / "blank.pdf", tmp_path / "table").parent)
    places = {region.value: region.box for _, region in drafted.regions() if region.kind == "text"}
    assert overlap(places["student.name"], Box(50, 30, 120, 40)) > 0.85
    assert overlap(places["student.home_address"], Box(50, 40, 120, 50)) > 0.85


widths = st.lists(st.integers(6, 60), min_size=1, max_size=5)


@settings(max_examples=25, deadline=None)
@given(rows=st.lists(st.tuples(st.integers(6, 40), widths), min_size=1, max_size=6))
def test_the_cells_of_any_table_are_found(rows: list[tuple[int, list[int]]]) -> None:
    """Rows of any heights, each divided in its own way, give back exactly their cells."""
    sheet = Sheet(1, "table", size=(400.0, 300.0))
    right = 20.0 + max(sum(row) for _, row in rows)
    drawn, y = [], 15.0
    for height, row in rows:
        x = 20.0
        for number, width in enumerate(row):
            end = right if number == len(row) - 1 else x + width
            drawn.append(Box(x, y, end, y + height))
            sheet.frame(drawn[-1])
            x = end
        y += height
    data = blank_pdf(Form("t", "t", "t", [sheet]))
    with pymupdf.open(stream=data, filetype="pdf") as document:
        # A text layer, so that the rules are read from the vectors.
        document[0].insert_text((5, 12), "table")
        cells = [cell.box for cell in grid(read_page(document[0])).cells]
    assert len(cells) == len(drawn)
    for cell, box in zip(cells, drawn, strict=True):
        assert abs(cell.corners() - box.corners()).max() < 0.05
