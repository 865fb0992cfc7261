"""Forms that nobody drew, of other sizes, rules and numbers: they work by what their packages say."""

from pathlib import Path

import pytest

from benchmarks.cases import invented
from fixtures.maker.corpus import save_scan
from fixtures.maker.kit import Kit
from fixtures.maker.options import preset
from fixtures.maker.specimen import Specimen, draw
from scanservice.case import parse_case
from scanservice.check import Checker
from scanservice.intake import ScanFile

NEVER = {"check-failed", "check-not-evaluated", "serial-unreadable", "serial-region-altered"}


@pytest.mark.parametrize("seed", [3001, 3003, 3006, 3008])
def test_a_neat_scan_of_an_invented_form_passes(seed: int, tmp_path: Path) -> None:
    templates = invented.library(seed, tmp_path / "packages")
    specimen = Specimen(Kit(templates, seed).case)
    drawn = draw(specimen, templates, hand="lxgw-wenkai", photo=preset("flatbed", seed), seed=seed)
    folder = tmp_path / "scan"
    files = [ScanFile(folder / name, name) for name in save_scan(folder, specimen, drawn, "pdf")]
    verdict = Checker(templates).check(files, parse_case(specimen.case)).verdict("en")
    codes = {finding.code for finding in verdict.findings}
    assert not codes & NEVER
    assert (verdict.verdict, codes) == ("pass", set())
