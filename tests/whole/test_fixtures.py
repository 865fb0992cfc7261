"""Every committed scan gets the verdict that the rules ask for, through `batch` as a user runs it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
FIXTURES = sorted(path.parent for path in (ROOT / "fixtures").glob("*/case.json"))


def scans(folder):
    kept = {"case.json", "expected.json"}
    return sorted(str(path) for path in folder.iterdir() if path.name not in kept)


@pytest.fixture(scope="session")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("batch")
    lines = [{"id": path.name, "scans": scans(path), "case": str(path / "case.json")} for path in FIXTURES]
    manifest, out = folder / "manifest.jsonl", folder / "results.jsonl"
    manifest.write_text("".join(json.dumps(line) + "\n" for line in lines))
    command = [sys.executable, "-m", "scanservice", "batch", manifest, "--out", out, "--jobs", "2"]
    subprocess.run(command, cwd=ROOT, check=True, timeout=1200)
    return {result["id"]: result for result in map(json.loads, out.read_text().splitlines())}


def test_there_are_about_thirty():
    assert len(FIXTURES) >= 30


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("folder", FIXTURES, ids=lambda path: path.name)
def test_verdict(folder, results):
    expected = json.loads((folder / "expected.json").read_text())
    result = results[folder.name]
    assert "error" not in result
    verdict = result["verdict"]
    codes = {finding["code"] for finding in verdict["findings"]}
    named = set(expected["findings"]) <= codes or bool(codes & set(expected.get("instead", ())))
    assert (verdict["verdict"], named) == (expected["verdict"], True), codes
