"""The README's first command, on two samples: served, checked, shown, and in the review queue."""

import json
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.timeout(400)
def test_samples_get_their_verdicts_and_pictures(tmp_path):
    samples = tmp_path / "samples"
    for name in ("employer-seal-missing", "electronic-agreement"):
        shutil.copytree(ROOT / "fixtures" / name, samples / name)
    out = tmp_path / "out"
    command = [sys.executable, "-m", "scanservice", "demo", "--samples", samples, "--out", out, "--leave"]
    command += ["--data", tmp_path / "var", "--port", str(free_port())]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=380)
    assert done.returncode == 0, done.stderr
    for name in ("employer-seal-missing", "electronic-agreement"):
        assert f"return  {name}" in done.stdout
        verdict = json.loads((out / name / "verdict.json").read_text())
        assert name in {finding["code"] for finding in verdict["findings"]}
        assert (out / name / "page-1.jpg").read_bytes().startswith(b"\xff\xd8")
