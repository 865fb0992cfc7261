"""Forms that nobody drew, of other sizes, rules and numbers: they work by what their packages say."""

from pathlib import Path

import pytest

from benchmarks.cases import invented
from fixtures.maker.corpus import made, plans, save_scan
from fixtures.maker.kit import Kit
from fixtures.maker.options import preset
from fixtures.maker.specimen import Specimen, draw
from scanservice.case import parse_case
from scanservice.check import Checker
from scanservice.detect import build_library, find
from scanservice.evidence import Scan, ScanPage
from scanservice.intake import ScanFile

NEVER = {"check-failed", "check-not-evaluated", "serial-unreadable", "serial-region-altered"}


@pytest.mark.parametrize(
    ("seed", "odd", "rare"),
    # The odd ones: a pattern behind the fields, boxes for characters, one number for two pages; red print,
    # addresses in two lines. The rare ones: printed dates without cells; two pages on one sheet.
    [
        (3001, False, False),
        (3003, False, False),
        (3006, False, False),
        (3008, False, False),
        (8212, True, False),
        (8220, True, False),
        (31007, False, True),
        (31001, False, True),
    ],
)
def test_a_neat_scan_of_an_invented_form_passes(seed: int, odd: bool, rare: bool, tmp_path: Path) -> None:
    templates = invented.library(seed, tmp_path / "packages", odd=odd, rare=rare)
    specimen = Specimen(Kit(templates, seed).case)
    drawn = draw(specimen, templates, hand="lxgw-wenkai", photo=preset("flatbed", seed), seed=seed)
    folder = tmp_path / "scan"
    files = [ScanFile(folder / name, name) for name in save_scan(folder, specimen, drawn, "pdf")]
    verdict = Checker(templates).check(files, parse_case(specimen.case)).verdict("en")
    codes = {finding.code for finding in verdict.findings}
    assert not codes & NEVER
    assert (verdict.verdict, codes) == ("pass", set())


def test_print_that_stands_alone_on_curled_paper_is_found(tmp_path: Path) -> None:
    """The school's name at the foot of a landscape page lies beyond the usual reach there."""
    templates = invented.library(3109, tmp_path)
    plan = list(plans(templates, 9, 3101, "good"))[8]
    assert plan.preset == "phone_curled"
    photos = made(plan, templates).photos
    pages = tuple(ScanPage(n, 0, p.image, p.image.shape[1], p.image.shape[0]) for n, p in enumerate(photos))
    scan = Scan(pages, tuple(str(number) for number in range(len(pages))))
    layout = find(scan, build_library(templates))
    assert (layout.template, layout.standing) == ("invented-3109", "accepted")
