"""Names, numbers and names of files that come in stand in no log, figure, error or file name."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import quote

import httpx2
import pytest

from tests.service.servers import free_port
from tests.service.world import GOOD, a_case, until

ROOT = Path(__file__).parents[2]
PROGRAM = "import scanservice.web.serve as s; s.serve(s.Settings())"
CASE = "2019-88160231045"
PLANTED = ("欧阳海洋", "Ouyang", "88160231045", "37020219950318452X", "2019100423", "上海蓝海", "13853261827")
PERSON = {
    "student__name": "欧阳海洋",
    "student__number": "88160231045",
    "student__id_number": "37020219950318452X",
    "student__phone": "13853261827",
}
FILE = "Ouyang-88160231045-欧阳海洋.jpg"


@dataclass
class Server:
    """`serve` with its log and its folder; `answers`: of every call that was refused."""

    url: str
    log: Path
    data: Path
    answers: list[str]

    def call(self, method: str, path: str, **more: object) -> httpx2.Response:
        answer = httpx2.request(method, self.url + path, timeout=20, **more)  # type: ignore[arg-type]
        if answer.status_code >= 400:
            self.answers.append(answer.text)
        return answer


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    port = free_port()
    environment = {
        **os.environ,
        "SCANSERVICE_DATA": str(tmp_path / "var"),
        "SCANSERVICE_PORT": str(port),
        "SCANSERVICE_CHECKER": "tests.service.fake_checker:make",
        "SCANSERVICE_HOOKS_ALLOW": "127.0.0.0/8",
        "SCANSERVICE_WORKERS": "1",
        "SCANSERVICE_MAX_FILE_BYTES": "100000",
        "TMPDIR": str(tmp_path),
    }
    log = tmp_path / "log"
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM], cwd=ROOT, env=environment, stderr=file, stdout=file
        )
    found = Server(f"http://127.0.0.1:{port}", log, tmp_path / "var", [])
    until(lambda: _workers(found) == 1, 60)
    yield found
    process.terminate()
    assert process.wait(40) == 0


def _workers(server: Server) -> int:
    try:
        return httpx2.get(f"{server.url}/readyz").json()["workers"]
    except httpx2.HTTPError:
        return 0


@pytest.fixture
def receiver() -> Iterator[str]:
    """A main system whose webhook breaks, and says with whose."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            self.send_response(500, "Ouyang 88160231045")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            return

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=listening.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{listening.server_port}/88160231045"
    listening.shutdown()


def upload(server: Server, text: str) -> str:
    files = {"files": (FILE, f"{GOOD}{text}\n".encode())}
    answer = server.call("POST", f"/v1/cases/{CASE}/scans", files=files)
    assert answer.status_code == 202, answer.text
    return answer.json()["scan"]


def judged(server: Server, scan: str) -> bool:
    return server.call("GET", f"/v1/scans/{scan}").json()["verdict_version"] > 0


def test_nothing_personal_in_any_output(server: Server, receiver: str) -> None:
    server.call("PUT", "/v1/hooks/main", json={"url": receiver})
    server.call("PUT", f"/v1/cases/{CASE}", json=a_case(CASE, **PERSON))
    for text in ("number 1", "crash", "die", "unreadable", "verdict review"):
        scan = upload(server, text)
        until(lambda scan=scan: judged(server, scan), 60)
        server.call("GET", f"/v1/scans/{scan}/pages/0")
    server.call("PUT", f"/v1/cases/{CASE}", json=a_case(CASE, **PERSON, entry__employer_name="上海蓝海二厂"))
    _what_is_refused(server)
    until(lambda: "status-500" in server.call("GET", "/v1/hooks/main/deliveries").text, 30)
    figures = server.call("GET", "/metrics").text
    assert "scanservice_requests_total" in figures
    log = server.log.read_text(encoding="utf-8")
    assert '"job": "check"' in log and "/v1/cases/{case}/scans" in log, "the log was looked at"
    names = "\n".join(str(path.relative_to(server.data)) for path in server.data.rglob("*"))
    assert "scan_" in names and len(server.answers) > 8
    seen = {"log": log, "figures": figures, "file names": names, "errors": "\n".join(server.answers)}
    found = {place: [word for word in PLANTED if word in text] for place, text in seen.items()}
    assert found == {place: [] for place in seen}


def _what_is_refused(server: Server) -> None:
    """Each with something of the person's in it."""
    name = quote("欧阳海洋")
    wrong = a_case(CASE, **PERSON, workflow__state="欧阳海洋", entry__serial=["2019100423"])
    server.call("PUT", f"/v1/cases/{CASE}", json=wrong)
    server.call("PUT", f"/v1/cases/{CASE}", content=b'{"student": "\xe6\xac\xa7\xe9\x98\xb3')
    server.call("GET", f"/v1/cases/{name}-88160231045-unknown")
    server.call("GET", f"/v1/scans/{name}")
    server.call("GET", f"/{name}/88160231045")
    server.call("GET", "/v1/queue", params={"search": "欧阳海洋", "limit": "88160231045"})
    server.call("GET", "/v1/papers/2019100423")
    server.call("PUT", "/v1/papers/2019100423", json={"status": "欧阳海洋"})
    server.call("POST", "/v1/papers/import", content="serial,holder\n2019100423,欧阳海洋\n".encode(),
                headers={"Content-Type": "text/csv"})  # fmt: skip
    files = {"files": (FILE, b"x" * 200_000)}
    server.call("POST", f"/v1/cases/{CASE}/scans", files=files)
    server.call("POST", f"/v1/cases/{CASE}/scans", files={"files": (FILE, b"")})
    server.call("POST", "/v1/checks", files={"files": (FILE, b"x")}, data={"case": '{"欧阳海洋'})
    server.call("GET", "/v1/events", headers={"Authorization": "Bearer 欧阳海洋".encode()})
