"""A whole service in one process behind a real port, and one Chromium for all tests."""

from __future__ import annotations

import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from scanservice.service import accounts, links
from scanservice.service.sandbox import Sandbox
from scanservice.service.times import HOUR
from scanservice.settings import Settings
from scanservice.web.app import create_app
from tests.service.world import World, open_world

EXAMPLE = Path(__file__).parents[2] / "docs" / "example-form"
CHECKER = "tests.pages.staged_checker:make"
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
PASSWORD = "a password of the tests"


@pytest.fixture(scope="session")
def forms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("forms")
    shutil.copytree(EXAMPLE, folder / "donghai-2019")
    return folder


@pytest.fixture(scope="session")
def staged(forms: Path) -> Iterator[tuple[Sandbox, Sandbox]]:
    settings = Settings(checker=CHECKER, templates=forms)  # type: ignore[call-arg]
    pair = Sandbox(settings), Sandbox(settings)
    yield pair
    for sandbox in pair:
        sandbox.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    assert Path(CHROMIUM).exists(), "chromium is missing: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Site:
    """The service at a port, its worker running; what a page must not do is collected in `wrong`."""

    world: World
    base: str
    browser: Browser
    wrong: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)

    def page(self, *, language: str | None = None, width: int = 1440, height: int = 900, **more: Any) -> Page:
        """A page of a fresh visitor."""
        context = self.browser.new_context(
            viewport={"width": width, "height": height}, locale="zh-CN", base_url=self.base, **more
        )
        if language:
            context.add_cookies([{"name": "scanservice_language", "value": language, "url": self.base}])
        context.on("request", self._seen)
        context.set_default_timeout(20_000)
        self.contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: self.wrong.append(f"script: {error}"))
        page.on(
            "console",
            lambda told: self.wrong.append(told.text) if "Content Security Policy" in told.text else None,
        )
        return page

    def _seen(self, request: Any) -> None:
        if not request.url.startswith((self.base, "data:", "blob:")):
            self.wrong.append(f"request to {request.url}")

    def desk(self, login: str = "li", **more: Any) -> Page:
        """A page of a reviewer who is logged in."""
        page = self.page(**more)
        page.goto("/login")
        page.fill("[name=login]", login)
        page.fill("[name=password]", PASSWORD)
        page.click("main button")
        page.wait_for_url("**/review")
        return page

    def link(self, case: str = "c-1", hours: float = 72) -> str:
        """The address of a student's link."""
        with self.world.services.db.write() as tx:
            made = links.create_link(tx, self.world.services.vault, case, int(hours * HOUR))
        return f"/u/{made.token}"

    def scans(self, case: str = "c-1") -> list[dict[str, Any]]:
        return self.world.call("GET", f"/v1/cases/{case}/scans").json()["scans"]

    def checked(self, case: str, *files: str) -> str:
        """A scan with its verdict, of a case of its own."""
        answer = self.world.upload(case, *files)
        assert answer.status_code == 202, answer.text
        scan = answer.json()["scan"]
        deadline = time.monotonic() + 20
        while self.world.scan(scan)["verdict"] is None:
            assert time.monotonic() < deadline, "no verdict came"
            time.sleep(0.02)
        return scan


def put_case(site: Site, case: str, name: str = "张海洋", **changes: Any) -> None:
    site.world.put_case(case, student__name=name, **changes)


@pytest.fixture
def settings(forms: Path, tmp_path: Path) -> Settings:
    return Settings(  # type: ignore[call-arg]
        data=tmp_path / "var", checker=CHECKER, templates=forms, upload_rate="1000/minute",
        login_rate="1000/minute", link_rate="100/minute", hooks_allow="127.0.0.0/8",  # type: ignore[arg-type]
    )  # fmt: skip


@pytest.fixture
def world(settings: Settings, staged: tuple[Sandbox, Sandbox]) -> Iterator[World]:
    with open_world(settings, *staged) as world:
        with world.services.db.write() as tx:
            accounts.create_account(tx, "li", PASSWORD)
            accounts.create_account(tx, "wang", PASSWORD)
            accounts.create_account(tx, "zhao", PASSWORD, "admin")
        yield world


@pytest.fixture
def site(world: World, browser: Browser) -> Iterator[Site]:
    with _served(world) as base, _working(world):
        site = Site(world, base, browser)
        yield site
        for context in site.contexts:
            context.close()
        assert site.wrong == []


class _served:  # noqa: N801 - a context manager, used as a function
    def __init__(self, world: World) -> None:
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        self.listener = listener
        self.base = f"http://127.0.0.1:{listener.getsockname()[1]}"
        config = uvicorn.Config(create_app(world.services), log_level="error", timeout_graceful_shutdown=1)
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [listener]}, daemon=True)

    def __enter__(self) -> str:
        self.thread.start()
        deadline = time.monotonic() + 20
        while not self.server.started:
            assert time.monotonic() < deadline, "the server does not start"
            time.sleep(0.01)
        return self.base

    def __exit__(self, *_: object) -> None:
        self.server.should_exit = True
        self.thread.join(10)
        self.listener.close()


class _working:  # noqa: N801
    def __init__(self, world: World) -> None:
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._run, args=(world.worker.step,), daemon=True)

    def _run(self, step: Callable[[], object]) -> None:
        while not self.ended.is_set():
            worked: object = None
            with suppress(Exception):  # the database may be closing
                worked = step()
            if not worked:
                self.ended.wait(0.03)

    def __enter__(self) -> None:
        self.thread.start()

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        self.thread.join(10)
