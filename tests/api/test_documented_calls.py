"""Every command of docs/integration.md, as it stands, against a real server."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.api.test_nothing_personal import ROOT, Server, server
from tests.service.world import GOOD, a_case, until

__all__ = ["server"]
PAGE = (ROOT / "docs" / "integration.md").read_text(encoding="utf-8")
CASE = "2019-21160231045"
CURL = 'curl() { command curl -sS -m 20 --fail-with-body -H "Authorization: Bearer $KEY" "$@"; }\n'
SCANNER = 'scanservice() { "$PYTHON" -m scanservice "$@"; }\n'


def commands() -> list[str]:
    """One for each line that is not continued; comments and blank lines left out."""
    blocks = re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    lines = "\n".join(blocks).replace("\\\n", " ").splitlines()
    return [line for line in lines if line.strip() and not line.startswith("#")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "main-system"
    found.mkdir()
    (found / "case.json").write_text(json.dumps(a_case(CASE)), encoding="utf-8")
    (found / "scan-1.jpg").write_text(GOOD, encoding="utf-8")
    (found / "scan-2.jpg").write_text("second page\n", encoding="utf-8")
    return found


def checked(server: Server, key: str, number: int) -> str:
    """A scan with its verdict, as the page has it when a reviewer decides."""
    headers = {"Authorization": f"Bearer {key}"}
    case = f"decided-{number}"
    server.call("PUT", f"/v1/cases/{case}", json=a_case(case), headers=headers)
    files = {"files": ("a", f"{GOOD}number {number}\n".encode())}
    scan = server.call("POST", f"/v1/cases/{case}/scans", files=files, headers=headers).json()["scan"]
    until(lambda: server.call("GET", f"/v1/scans/{scan}", headers=headers).json()["verdict_version"], 60)
    return scan


def test_every_command_of_the_page_works(server: Server, folder: Path) -> None:
    environment = {
        **os.environ,
        "SCANSERVICE_DATA": str(server.data),
        "PYTHON": sys.executable,
        "PYTHONPATH": str(ROOT),
        "KEY": "",
        "SCAN": "",
    }

    def run(command: str) -> str:
        lines = f"{CURL}{SCANNER}B={server.url}\n{command}\n"
        done = subprocess.run(
            ["bash", "-c", lines], cwd=folder, env=environment, capture_output=True, text=True, timeout=90
        )
        assert done.returncode == 0, f"{command}\n{done.stdout[-500:]}\n{done.stderr[-500:]}"
        return done.stdout

    known = [command for command in commands() if not command.startswith("B=")]
    assert len(known) >= 12
    for number, command in enumerate(known):
        if "$SCAN" in command:
            environment["SCAN"] = checked(server, environment["KEY"], number)
        told = run(command)
        if "keys create" in command:
            found = re.search(r"sk_\S+", told)
            assert found is not None
            environment["KEY"] = found[0]
