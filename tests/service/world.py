"""A whole service in one process, whose clock and workers the test drives by hand."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.testclient import TestClient

from scanservice.service import courier_process, housekeeping, keys, migrating
from scanservice.service.blobs import open_blobs
from scanservice.service.courier import deliver_one
from scanservice.service.database import Database
from scanservice.service.sandbox import Sandbox
from scanservice.service.services import Services
from scanservice.service.vault import Vault
from scanservice.service.worker import Worker
from scanservice.settings import Settings
from scanservice.web.app import create_app

START = 1_545_700_000_000
"""2018-12-25, in the season of the notice."""


@dataclass
class Clock:
    now: int = START

    def __call__(self) -> int:
        self.now += 1  # no two moments are the same
        return self.now

    def wait(self, *, seconds: float = 0, days: float = 0) -> None:
        self.now += int(seconds * 1000 + days * 86_400_000)


def a_case(case: str = "c-1", **changes: Any) -> dict[str, Any]:
    """A case in order; `changes` are dotted paths with `__`, such as entry__employer_name."""
    facts: dict[str, Any] = {
        "case": case,
        "student": {"number": "21160231045", "name": "张海洋", "college": "海洋生命学院"},
        "entry": {"serial": "2019100423", "employer_name": "上海蓝海生物科技有限公司"},
        "workflow": {"registered": True, "account": "enabled", "state": "entry_confirmed"},
    }
    for path, value in changes.items():
        part, _, key = path.partition("__")
        facts[part][key] = value
    return facts


GOOD = "serial 2019100423\nemployer 上海蓝海生物科技有限公司\n"
_numbers = itertools.count()


@dataclass
class World:
    services: Services
    clock: Clock
    client: TestClient
    key: str
    worker: Worker = field(init=False)

    def __post_init__(self) -> None:
        self.worker = Worker(self.services, "test-worker")

    # ------------------------------------------------------------------ the main system

    def call(self, method: str, path: str, *, key: str | None = None, **more: Any):
        headers = {"Authorization": f"Bearer {key or self.key}"} | more.pop("headers", {})
        return self.client.request(method, path, headers=headers, **more)

    def put_case(self, case: str = "c-1", **changes: Any) -> dict[str, Any]:
        answer = self.call("PUT", f"/v1/cases/{case}", json=a_case(case, **changes))
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    def upload(self, case: str = "c-1", *texts: str, **more: Any):
        """Files that hold these texts; one that no other upload holds where none is given."""
        texts = texts or (f"{GOOD}number {next(_numbers)}\n",)
        files = [("files", (f"{i}.txt", text.encode())) for i, text in enumerate(texts)]
        return self.call("POST", f"/v1/cases/{case}/scans", files=files, **more)

    def checked(self, case: str = "c-1", *texts: str) -> dict[str, Any]:
        """A scan with its verdict."""
        answer = self.upload(case, *texts)
        assert answer.status_code == 202, answer.text
        self.work()
        return self.scan(answer.json()["scan"])

    def scan(self, scan_id: str, **params: Any) -> dict[str, Any]:
        answer = self.call("GET", f"/v1/scans/{scan_id}", params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def decide(self, scan: dict[str, Any], decision: str = "return", **more: Any):
        body = {"version": scan["version"], "decision": decision, **more}
        if decision == "approve":
            body = {"paper_seen": True, "documents_seen": True} | body
        else:
            body = {"reasons": ["看不清"]} | body
        return self.call("POST", f"/v1/scans/{scan['scan']}/decision", json=body)

    def events(self, after: int = 0) -> list[dict[str, Any]]:
        return self.call("GET", "/v1/events", params={"after": after}).json()["events"]

    # ------------------------------------------------------------------ what runs behind it

    def work(self) -> int:
        """All that is due for workers; how many jobs, but for the drawing of pictures."""
        return sum(kind != "draw" for kind in iter(self.worker.step, None))

    def deliver(self) -> int:
        """All that is due for the courier: announcements, then deliveries; how many deliveries."""
        while courier_process.announce_next(self.services):
            continue
        return sum(1 for _ in iter(lambda: deliver_one(self.services), False))

    def tidy(self) -> None:
        for _ in range(5):
            housekeeping.tidy(self.services)

    def blob_count(self) -> int:
        return len(list(self.services.blobs.keys()))


@contextmanager
def open_world(settings: Settings, desk: Sandbox, bench: Sandbox) -> Iterator[World]:
    clock = Clock()
    services = Services(
        settings=settings,
        db=Database(settings.database, clock),
        blobs=open_blobs(settings.blob_place),
        vault=Vault(b"a secret of the tests, long enough"),
        desk=desk,
        bench=bench,
    )
    migrating.migrate(services.db)
    with services.db.write() as tx:
        key = keys.create_key(tx, services.vault, "tests")
    with TestClient(create_app(services)) as client:
        yield World(services, clock, client, key)
    services.db.close()


def until(condition: Any, seconds: float = 20, every: float = 0.1) -> Any:
    """What `condition()` gives as soon as that is true."""
    deadline = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < deadline, "did not become true in time"
        time.sleep(every)


def planted(text: str) -> bool:
    """Whether personal data of the test cases stands in a text."""
    return any(word in text for word in ("张海洋", "21160231045", "37020219950318452X", "上海蓝海"))


def as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
