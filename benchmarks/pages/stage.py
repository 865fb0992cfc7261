"""The service with sample scans in its queue, behind a port, for measuring and photographing its pages."""

from __future__ import annotations

import hashlib
import os
import socket
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright

from scanservice.case import parse_case
from scanservice.service import accounts, cases, drawing, links, migrating, papers, uploads
from scanservice.service.services import Services, open_services
from scanservice.service.times import DAY
from scanservice.service.uploads import StoredFile
from scanservice.service.worker import Worker
from scanservice.settings import Settings
from scanservice.web.app import create_app

ROOT = Path(__file__).parents[2]
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
LOGIN, PASSWORD = "reviewer", "sample-scans-only"
SAMPLES = (
    "archive-receiver-differs", "good-phone", "employer-seal-missing", "region-glare", "good-printed",
    "photocopy",
)  # fmt: skip
"""Of the folder `fixtures`; the first is the one that is shown."""


@dataclass(frozen=True)
class Sample:
    """`used` is a link whose scan is done, `unused` one that may still upload."""

    name: str
    scan: str
    used: str
    unused: str


@dataclass(frozen=True)
class Stage:
    base: str
    services: Services
    samples: tuple[Sample, ...]


@contextmanager
def open_stage(names: Sequence[str] = SAMPLES) -> Iterator[Stage]:
    """Checks the samples with the real checker, then serves."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with tempfile.TemporaryDirectory(prefix="pages-") as folder:
        settings = Settings(  # type: ignore[call-arg]
            data=Path(folder), templates=ROOT / "templates", link_rate="1000/minute", login_rate="1000/minute"
        )
        services = open_services(settings)
        try:
            migrating.migrate(services.db)
            with services.db.write() as tx:
                accounts.create_account(tx, LOGIN, PASSWORD, "admin")
                papers.issue_range(tx, "2019170500", 24, f"account:{LOGIN}")
            samples = tuple(_check(services, name) for name in names)
            with _served(services) as base:
                yield Stage(base, services, samples)
        finally:
            services.close()


def _check(services: Services, name: str) -> Sample:
    folder = ROOT / "fixtures" / name
    case = parse_case((folder / "case.json").read_bytes())
    scan = uploads.new_scan_id()
    stored = []
    for position, path in enumerate(sorted(p for p in folder.iterdir() if p.suffix != ".json")):
        key = uploads.file_key(scan, position)
        data = path.read_bytes()
        services.blobs.put(key, data)
        stored.append(StoredFile(hashlib.sha256(data).hexdigest(), len(data), key))
    with services.db.write() as tx:
        cases.put_case(tx, case)
        used, unused = (links.create_link(tx, services.vault, case.case, DAY) for _ in range(2))
        uploads.accept(
            tx, services.settings, case_id=case.case, scan_id=scan, files=stored, source="link",
            link_hash=services.vault.hash(used.token),
        )  # fmt: skip
    worker = Worker(services, "pages")
    while worker.step():
        continue
    for view in ("uploaded", "straight"):
        for number in range(len(stored)):
            drawing.page_picture(services, scan, number, view)
    return Sample(name, scan, f"/u/{used.token}", f"/u/{unused.token}")


@contextmanager
def _served(services: Services) -> Iterator[str]:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(create_app(services), log_level="error", access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


def log_in(page: Page) -> None:
    page.goto("/login")
    page.fill("[name=login]", LOGIN)
    page.fill("[name=password]", PASSWORD)
    page.click("main button")
    page.wait_for_url("**/review")
