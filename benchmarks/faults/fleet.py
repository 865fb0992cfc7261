"""Processes of one or two hosts, as an operator would start them, but for the checker.

The checker is the tests' one, which finds what a file tells it to and takes as long as it says: what is
tried here is the service, and a check of seconds would only make the trial longer.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

from tests.service import servers

ROOT = Path(__file__).parents[2]
SERVE = "import scanservice.web.serve as s; s.serve(s.Settings())"
MIGRATE = "import scanservice.service.commands as c; c.migrate(c.Settings())"
CHECKER = "tests.service.fake_checker:make"
REAL_CHECKER = "scanservice.service.checking:real_checker"
SECRET = "a secret of the benchmark, the same on every host"


@dataclass
class Host:
    """One `serve` with its processes."""

    name: str
    port: int
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, log: Path) -> None:
        with log.open("ab") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-c", SERVE], cwd=ROOT, env=dict(self.environment), stderr=file, stdout=file
            )

    def cpu_seconds(self) -> float:
        """Processor time of the host's living processes."""
        used = 0
        for pid in self.children(""):
            with contextlib.suppress(OSError):  # one that ended meanwhile
                fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
                used += int(fields[11]) + int(fields[12])
        return used / os.sysconf("SC_CLK_TCK")

    def children(self, word: str) -> list[int]:
        """Ids of processes of the host whose command line holds a word: a module's name."""
        if self.process is None:
            return []
        shown = subprocess.run(["ps", "-eo", "pid=,ppid=,args="], capture_output=True, text=True).stdout
        rows = [line.split(None, 2) for line in shown.splitlines()]
        below = {str(self.process.pid)}
        found = []
        for _ in range(3):  # serve, its wards, their checking processes
            for pid, parent, args in rows:
                if parent in below and pid not in below:
                    below.add(pid)
                    if word in args:
                        found.append(int(pid))
        return found

    def vanish(self) -> None:
        """Every process of the host ends at once, as when its power fails."""
        if self.process is not None:
            for pid in [self.process.pid, *self.children("")]:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self.process.wait()

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(30)
            self.process.kill()


@dataclass
class Fleet:
    hosts: list[Host]
    postgres: servers.Postgres | None
    log: Path
    kills: dict[str, int] = field(default_factory=dict)

    def kill(self, what: str, pid: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            self.kills[what] = self.kills.get(what, 0) + 1

    def power_cut(self, host: Host) -> None:
        """A host vanishes, and is started again."""
        host.vanish()
        self.kills["host"] = self.kills.get("host", 0) + 1
        host.start(self.log)

    def wait_until_ready(self, seconds: float = 90) -> None:
        deadline = time.monotonic() + seconds
        for host in self.hosts:
            while not _ready(host.url):
                if time.monotonic() > deadline:
                    raise SystemExit(f"{host.name} is not ready: see {self.log}")
                time.sleep(0.3)


def _ready(url: str) -> bool:
    try:
        answer = httpx2.get(f"{url}/readyz", timeout=3).json()
        return bool(answer["ready"] and answer["workers"])
    except (httpx2.HTTPError, ValueError):
        return False


@contextmanager
def fleet(
    folder: Path, storage: str, workers: int = 2, hosts: int | None = None, checker: str = CHECKER
) -> Iterator[Fleet]:
    """`embedded`: one host on SQLite and a folder; `served`: two on PostgreSQL and S3."""
    with ExitStack() as stack:
        common = {
            **os.environ,
            "SCANSERVICE_CHECKER": checker,
            "SCANSERVICE_HOOKS_ALLOW": "127.0.0.0/8",
            "SCANSERVICE_WORKERS": str(workers),
            "SCANSERVICE_SECRET": SECRET,
            "SCANSERVICE_UPLOAD_RATE": "1000000/minute",
            "SCANSERVICE_BACKLOG": "100000",
            "OMP_NUM_THREADS": "1",
        }
        postgres = None
        if storage == "served":
            postgres = stack.enter_context(servers.postgres(folder / "postgres"))
            store = stack.enter_context(servers.s3(folder / "s3"))
            common |= store.environment
            common |= {"DATABASE_URL": postgres.new_database("bench"), "BLOBS": store.new_bucket("bench")}
            subprocess.run([sys.executable, "-c", MIGRATE], cwd=ROOT, env=common, check=True)
        started: list[Host] = []
        for number in range(hosts or (2 if storage == "served" else 1)):
            port = servers.free_port()
            own = {"SCANSERVICE_DATA": str(folder / f"host{number}"), "SCANSERVICE_PORT": str(port)}
            started.append(Host(f"host{number}", port, common | own))
        found = Fleet(started, postgres, folder / "log")
        for host in started:
            stack.callback(host.stop)
            host.start(found.log)
        found.wait_until_ready()
        yield found
