"""The packages in templates/: drawn by forms/, described without drift, and as the schools print them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pymupdf
import pytest

from scanservice.drafting import lint
from scanservice.drafting.grid import grid
from scanservice.drafting.paper import Paper, read_page
from scanservice.findings import catalogue
from scanservice.geometry import MM_PER_INCH, Box
from scanservice.template import Template, load_template, load_templates

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "templates"
IDS = ("ouc-2018", "ouc-2019", "sd-electronic", "upc-2019")

# What the agreement of the notice states, and where the case holds it.
AGREEMENT_VALUES = {
    "student.name": "name",
    "student.gender": "text",
    "student.birth": "date",
    "student.ethnicity": "text",
    "student.political_status": "text",
    "student.degree": "text",
    "student.education_years": "text",
    "student.major": "text",
    "student.education_mode": "text",
    "student.number": "text",
    "student.id_number": "id_number",
    "student.home_address": "address",
    "student.phone": "phone",
    "entry.student_signed_on": "date",
    "entry.employer_name": "organisation",
    "entry.employer_code": "credit_code",
    "entry.employer_affiliation": "text",
    "entry.employer_nature": "choice",
    "entry.employer_address": "address",
    "entry.employer_postcode": "postcode",
    "entry.employer_contact": "name",
    "entry.employer_phone": "phone",
    "entry.archive_receiver": "organisation",
    "entry.archive_address": "address",
    "entry.archive_postcode": "postcode",
    "entry.household_address": "address",
    "entry.employer_signed_on": "date",
}


@pytest.fixture(scope="module", params=IDS)
def template(request: pytest.FixtureRequest) -> Template:
    return load_template(TEMPLATES / request.param)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """All packages drawn twice, by two processes that hash strings differently."""
    folders = [tmp_path_factory.mktemp(f"drawn-{seed}") for seed in "12"]
    runs = [
        subprocess.Popen(
            [sys.executable, "-m", "forms", "--out", str(folder)],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
            stdout=subprocess.DEVNULL,
        )
        for seed, folder in enumerate(folders, 1)
    ]
    assert [run.wait() for run in runs] == [0, 0]
    return folders[0], folders[1]


def papers(blank: Path) -> list[Paper]:
    with pymupdf.open(blank) as document:
        return [read_page(document[number]) for number in range(len(document))]


def test_the_folder_holds_these_packages() -> None:
    assert tuple(template.id for template in load_templates(TEMPLATES)) == IDS


@pytest.mark.parametrize("form", IDS)
def test_drawing_again_gives_the_same_bytes(drawn: tuple[Path, Path], form: str) -> None:
    for name in ("blank.pdf", "template.yaml"):
        assert (drawn[0] / form / name).read_bytes() == (drawn[1] / form / name).read_bytes()


@pytest.mark.parametrize("form", IDS)
def test_the_committed_package_is_what_the_script_draws(drawn: tuple[Path, Path], form: str) -> None:
    ours, fresh = TEMPLATES / form, drawn[0] / form
    assert (ours / "template.yaml").read_bytes() == (fresh / "template.yaml").read_bytes()
    # Not byte for byte: another release of the font package rounds outlines another way.
    for old, new in zip(papers(ours / "blank.pdf"), papers(fresh / "blank.pdf"), strict=True):
        assert old.rules == new.rules
        assert [glyph.char for glyph in old.glyphs] == [glyph.char for glyph in new.glyphs]
        np.testing.assert_allclose(
            [glyph.box.corners() for glyph in old.glyphs],
            [glyph.box.corners() for glyph in new.glyphs],
            atol=0.05,
        )


def test_nothing_is_wrong_or_doubtful(template: Template) -> None:
    assert [message for message in lint(template.folder) if message.severity != "note"] == []


def test_the_blank_is_vector_print_with_its_fonts(template: Template) -> None:
    with pymupdf.open(template.blank) as document:
        for number in range(len(document)):
            assert document[number].get_images() == []
            for _, extension, _, name, *_ in document.get_page_fonts(number):
                assert extension != "n/a", f"{name} is not embedded"


def test_the_blank_holds_no_date_and_no_random_id(template: Template) -> None:
    data = template.blank.read_bytes()
    assert b"/ID" not in data
    assert b"CreationDate" not in data
    assert b"ModDate" not in data


def dark_share(template: Template, page: int, box: Box) -> float:
    scale = 200 / MM_PER_INCH
    clip = pymupdf.Rect(box.left, box.top, box.right, box.bottom) * (72 / MM_PER_INCH)
    with pymupdf.open(template.blank) as document:
        pixels = document[page - 1].get_pixmap(dpi=200, colorspace=pymupdf.csGRAY, clip=clip)
    assert abs(pixels.width - box.width * scale) < 3
    return float((np.frombuffer(pixels.samples, np.uint8) < 128).mean())


def test_places_to_write_in_are_empty(template: Template) -> None:
    for page, region in template.regions():
        if region.kind in ("text", "serial", "signature"):
            for place in region.cells or (region.box,):
                # A tenth of a millimetre of the cell's rules may fall on the edge pixel.
                assert dark_share(template, page.page, place.grown(-0.2)) < 0.002, region.id


def test_print_regions_hold_print(template: Template) -> None:
    for page, region in template.regions():
        if region.kind == "print":
            assert dark_share(template, page.page, region.box) > 0.02, region.id


def test_text_boxes_fill_their_cells(template: Template) -> None:
    """The box of each place in a table is its cell less the rules: paper and description agree."""
    for page, paper in zip(template.pages, papers(template.blank), strict=True):
        cells = [cell.box for cell in grid(paper).cells if not cell.text]
        inner = [region for region in page.regions if region.kind == "text" and region.cells is None]
        for region in inner if cells else []:
            x, y = region.box.center
            cell = next(b for b in cells if b.left < x < b.right and b.top < y < b.bottom)
            gaps = np.abs(cell.corners() - region.box.corners())
            assert gaps.max() < 0.5, region.id


def test_the_agreement_compares_every_field_of_the_notice() -> None:
    template = load_template(TEMPLATES / "ouc-2019")
    agreement = template.page("agreement")
    found = {r.value: r.compare for r in agreement.regions if r.kind == "text"}
    assert found == AGREEMENT_VALUES
    nature = next(r for r in agreement.regions if r.compare == "choice")
    assert nature.choices is not None
    assert nature.choices["31"] == "国有企业"
    assert nature.choices["10"] == "机关"


def test_the_agreement_asks_for_these_marks() -> None:
    template = load_template(TEMPLATES / "ouc-2019")
    marks = {(r.kind, r.owner): r.required for _, r in template.regions() if r.owner}
    assert marks == {
        ("signature", "student"): True,
        ("seal", "employer"): True,
        ("seal", "authority"): False,
        ("seal", "college"): False,
        ("seal", "school"): False,
    }
    assert [(page.name, page.required) for page in template.pages] == [
        ("cover", True),
        ("agreement", True),
        ("clauses", False),
    ]
    for page in template.pages[:2]:
        serial = next(region for region in page.regions if region.kind == "serial")
        assert (serial.pattern, serial.ink) == (r"NO\.(?P<serial>\d{10})", "red")


def test_decoys_are_refused_by_a_finding() -> None:
    decoys = {t.id: t.description.refusal for t in load_templates(TEMPLATES) if not t.accepts}
    assert decoys == {
        "ouc-2018": "not-school-issued",
        "sd-electronic": "electronic-agreement",
        "upc-2019": "not-school-issued",
    }
    assert set(decoys.values()) <= set(catalogue())


@pytest.mark.parametrize("decoy", ["ouc-2018", "upc-2019"])
@pytest.mark.parametrize("page", ["cover", "agreement"])
def test_neighbours_differ_in_print_that_both_describe(decoy: str, page: str) -> None:
    """A neighbour's page can be told by at least two print regions of the accepted form."""
    own, other = (load_template(TEMPLATES / form) for form in ("ouc-2019", decoy))

    def prints(template: Template) -> set[tuple[str | None, Box]]:
        return {(r.text, r.box) for r in template.page(page).regions if r.kind == "print"}

    assert len(prints(own) - prints(other)) >= 2
    assert len(prints(other) - prints(own)) >= 2
