"""The main job, shown: the service is started, and sample scans go through it as the main system would send
them. Each gets its verdict, with reasons in words and a picture with the findings drawn on it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from rich.console import Console
from rich.markup import escape

from scanservice.errors import InputError, Problem
from scanservice.settings import PREFIX, Settings

START_SECONDS = 60
CHECK_SECONDS = 300
POLL_SECONDS = 0.3
REVIEWER, PASSWORD = "reviewer", "sample-scans-only"
COLOURS = {"pass": "green", "review": "yellow", "retake": "blue", "return": "red"}


@dataclass(frozen=True)
class Sample:
    name: str
    case: dict[str, Any]
    files: tuple[Path, ...]


def play(settings: Settings, folder: Path, out: Path, *, leave: bool) -> None:
    """Serves until Ctrl-C, or with `leave` until the samples are done.

    Args:
        folder: holds a folder a sample, with `case.json` beside the scan's files.
        out: gets a folder a sample: the verdict as JSON, and each page with its findings.

    Raises:
        InputError: there is no sample, or the service does not start.
    """
    samples = _samples(folder)
    address = f"http://{settings.host}:{settings.port}"
    console = Console(soft_wrap=True)
    out.mkdir(parents=True, exist_ok=True)
    with (
        _service(settings, address, out / "service.log"),
        httpx2.Client(base_url=address, timeout=60) as client,
    ):
        scans = [(sample, _send(client, sample)) for sample in samples]
        console.print(f"Serving on {address}; its log: {out / 'service.log'}")
        console.print(f"{len(scans)} samples uploaded; their verdicts as they come:")
        for sample, scan in scans:
            _show(console, sample, _wait(client, scan))
            _keep(client, scan, out / sample.name)
        console.print(f"\nPictures with the findings drawn: {out}/")
        console.print(f"Review queue: {address}/  (account {REVIEWER}, password {PASSWORD})")
        if not leave:
            console.print("Ctrl-C ends the service.")
            _rest()


def _samples(folder: Path) -> list[Sample]:
    found = []
    for path in sorted(folder.glob("*/case.json")):
        files = sorted(p for p in path.parent.iterdir() if p.suffix != ".json")
        found.append(Sample(path.parent.name, json.loads(path.read_text("utf-8")), tuple(files)))
    if not found:
        raise InputError("file-missing", str(folder), [Problem("", "no folder there holds a case.json")])
    return found


@contextmanager
def _service(settings: Settings, address: str, log: Path) -> Iterator[None]:
    """`scanservice serve` in a process of its own, ready to work; ended on the way out."""
    from scanservice.service import commands
    from scanservice.service.refusals import RefusedError

    try:
        commands.create_account(settings, REVIEWER, PASSWORD, "admin")
    except RefusedError as refused:
        if refused.kind != "account-exists":
            raise
    environment = os.environ | {PREFIX + "PORT": str(settings.port), PREFIX + "DATA": str(settings.data)}
    command = [sys.executable, "-m", "scanservice", "serve"]
    with log.open("wb") as file:
        process = subprocess.Popen(
            command, env=environment, stdout=file, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        _await_ready(process, address)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def _await_ready(process: subprocess.Popen[bytes], address: str) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            if httpx2.get(f"{address}/readyz", timeout=5).status_code == 200:
                return
        except httpx2.TransportError:
            pass
        time.sleep(POLL_SECONDS)
    raise InputError("service-not-started", address, [Problem("", "is its port taken?")])


def _send(client: httpx2.Client, sample: Sample) -> str:
    """What the main system does: sets the case, then uploads; the key makes a repeated start harmless."""
    client.put(f"/v1/cases/{sample.case['case']}", json=sample.case).raise_for_status()
    digest = hashlib.sha256(
        b"".join(hashlib.sha256(p.read_bytes()).digest() for p in sample.files)
    ).hexdigest()
    while True:
        with ExitStack() as stack:
            files = [("files", (path.name, stack.enter_context(path.open("rb")))) for path in sample.files]
            answer = client.post(
                f"/v1/cases/{sample.case['case']}/scans", files=files, headers={"Idempotency-Key": digest}
            )
        if answer.status_code != 429:
            return str(answer.raise_for_status().json()["scan"])
        time.sleep(float(answer.headers.get("Retry-After", 1)))


def _wait(client: httpx2.Client, scan: str) -> dict[str, Any]:
    end = time.monotonic() + CHECK_SECONDS
    while time.monotonic() < end:
        detail = client.get(f"/v1/scans/{scan}").raise_for_status().json()
        if detail["verdict"] is not None:
            return detail["verdict"]
        time.sleep(POLL_SECONDS)
    raise InputError("service-not-started", scan, [Problem("", "no verdict came in time")])


def _show(console: Console, sample: Sample, verdict: dict[str, Any]) -> None:
    kind = verdict["verdict"]
    console.print(f"[bold {COLOURS[kind]}]{kind:7}[/] {sample.name}", highlight=False)
    for finding in verdict["findings"]:
        console.print(
            f"          {escape(finding['message'])} → {escape(finding['advice'])}", highlight=False
        )


def _keep(client: httpx2.Client, scan: str, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    verdict = client.get(f"/v1/scans/{scan}").json()["verdict"]
    (folder / "verdict.json").write_text(json.dumps(verdict, ensure_ascii=False, indent=1), "utf-8")
    for number in range(len(verdict["pages"])):
        answer = client.get(f"/v1/scans/{scan}/pages/{number}", params={"view": "findings"})
        if answer.status_code == 200:
            suffix = ".png" if answer.headers["Content-Type"] == "image/png" else ".jpg"
            (folder / f"page-{number + 1}{suffix}").write_bytes(answer.content)


def _rest() -> None:
    try:
        signal.pause()
    except KeyboardInterrupt:
        return
