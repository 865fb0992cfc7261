"""The main system's whole conversation, with a real server and its processes."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from tests.service.servers import free_port
from tests.service.world import GOOD, a_case, planted, until

PROGRAM = "import scanservice.web.serve as s; s.serve(s.Settings())"
ROOT = Path(__file__).parents[2]


@dataclass
class Served:
    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def children(self) -> dict[str, int]:
        """Process ids below `serve`, by the last words of their command lines."""
        found = subprocess.run(
            ["ps", "-o", "pid=,args=", "--ppid", str(self.process.pid)], capture_output=True, text=True
        )
        rows = [line.split(None, 1) for line in found.stdout.splitlines()]
        return {args.split(" -m ")[-1]: int(pid) for pid, args in rows if " -m " in args}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """`serve` as it is started, but for the checker."""
    folder = tmp_path_factory.mktemp("serve")
    port = free_port()
    environment = {
        **os.environ,
        "SCANSERVICE_DATA": str(folder / "var"),
        "SCANSERVICE_PORT": str(port),
        "SCANSERVICE_CHECKER": "tests.service.fake_checker:make",
        "SCANSERVICE_HOOKS_ALLOW": "127.0.0.0/8",
        "SCANSERVICE_WORKERS": "1",
        "SCANSERVICE_MAX_FILE_BYTES": "5000000",
    }
    log = folder / "log"
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM], cwd=ROOT, env=environment, stderr=file, stdout=file
        )
    url = f"http://127.0.0.1:{port}"
    until(lambda: _ready(url), 60)
    yield Served(url, process, log)
    process.terminate()
    assert process.wait(40) == 0


def _ready(url: str) -> bool:
    try:
        return httpx2.get(f"{url}/readyz").json()["workers"] == 1
    except httpx2.HTTPError:
        return False


def test_the_example_plays_the_notices_story(served: Served, tmp_path: Path) -> None:
    case, first, second = tmp_path / "case.json", tmp_path / "1.txt", tmp_path / "2.txt"
    case.write_text(json.dumps(a_case("2019-1")))
    first.write_text(GOOD)
    second.write_text("serial 2019100423-2\n")
    told = subprocess.run(
        [sys.executable, "examples/main_system.py", "--url", served.url, "--case", case, "--hook", first,
         "--second", second],
        cwd=ROOT, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert told.returncode == 0, told.stdout + told.stderr
    assert "7 webhooks, all signed" in told.stdout
    events = next(line for line in told.stdout.splitlines() if "events  " in line)
    assert events.count("scan.checked") == 4
    assert events.count("scan.decided") == 3


def test_a_file_too_large_is_cut_off_while_it_arrives(served: Served) -> None:
    httpx2.put(f"{served.url}/v1/cases/c-1", json=a_case("c-1")).raise_for_status()
    host, port = served.url.removeprefix("http://").split(":")
    head = (
        f"POST /v1/cases/c-1/scans HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Length: 4000000000\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\n\r\n"
        '--b\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\n'
    )
    sent = 0
    with socket.create_connection((host, int(port)), timeout=20) as line:
        line.sendall(head.encode())
        try:
            while sent < 100_000_000:
                sent += line.send(b"x" * 100_000)
        except OSError:
            pass  # it hung up
        line.settimeout(5)
        try:
            answer = line.recv(65536)
        except OSError:
            answer = b""
    assert sent < 100_000_000, "it did not hang up"
    assert answer == b"" or b" 413 " in answer


def test_what_dies_is_started_again_and_nothing_is_lost(served: Served) -> None:
    client = httpx2.Client(base_url=served.url, timeout=30)
    scans = []
    for number in range(6):
        client.put(f"/v1/cases/k-{number}", json=a_case(f"k-{number}")).raise_for_status()
        files = {"files": ("a", f"sleep 0.3\nnumber {number}\n".encode())}
        scans.append(client.post(f"/v1/cases/k-{number}/scans", files=files).json()["scan"])
    before = served.children()
    for pid in before.values():
        os.kill(pid, signal.SIGKILL)
    until(lambda: _ready(served.url), 60)

    def states() -> bool:
        try:
            found = [client.get(f"/v1/scans/{scan}").json()["verdict_version"] for scan in scans]
        except httpx2.HTTPError:
            return False
        return found == [1] * 6

    until(states, 60)
    assert not set(before.values()) & set(served.children().values())


def test_the_log_names_nobody(served: Served) -> None:
    text = served.log.read_text()
    assert "/v1/cases/{case}" in text
    assert not planted(text)
    assert "2019-1" not in text
