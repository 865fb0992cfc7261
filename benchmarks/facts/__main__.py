"""`python -m benchmarks.facts [--size N] [--write]`: from new facts to the new verdict, through the API.

One real scan is uploaded to a real server and checked; then its case is set again and again with other
facts, each of which makes another verdict of what was seen. The same while other scans keep every worker
busy, and for a change in the ledger of issued forms.
"""

from __future__ import annotations

import argparse
import copy
import itertools
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

import httpx2

from benchmarks.faults.fleet import REAL_CHECKER, ROOT, Host, fleet
from benchmarks.tables import publish, table

SAMPLE = ROOT / "fixtures" / "good-phone"
PATIENCE_SECONDS = 240
BUSY_SCANS = 3
OTHERS = (
    "上海绿海生物科技有限公司",
    "青岛蓝山食品股份有限公司",
    "北京东城医药研究所",
    "深圳市南山仪器有限公司",
)
"""Employers that the scan does not show."""


def upload(client: httpx2.Client, case: str, extra: bytes = b"") -> str:
    """The scan's id; `extra` behind a picture's end makes it another file with the same picture."""
    files = [
        ("files", (path.name, path.read_bytes() + extra))
        for path in sorted(SAMPLE.iterdir())
        if path.suffix == ".jpg"
    ]
    answer = client.post(f"/v1/cases/{case}/scans", files=files)
    answer.raise_for_status()
    return answer.json()["scan"]


def put(client: httpx2.Client, facts: dict[str, Any]) -> dict[str, Any]:
    answer = client.put(f"/v1/cases/{facts['case']}", json=facts)
    answer.raise_for_status()
    return answer.json()


def until_judged(client: httpx2.Client, scan: str, version: int) -> None:
    """Until the scan has at least this version of a verdict."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while client.get(f"/v1/scans/{scan}").json()["verdict_version"] < version:
        if time.monotonic() > deadline:
            raise SystemExit(f"{scan} got no verdict")
        time.sleep(0.02)


def measure(
    host: Host, client: httpx2.Client, scan: str, size: int, change: Callable[[int], object]
) -> list[object]:
    """Wall time from a change to the verdict that it makes: median, the slowest, and processor time."""
    walls = []
    version = client.get(f"/v1/scans/{scan}").json()["verdict_version"]
    busy = host.cpu_seconds()
    for number in range(size):
        started = time.perf_counter()
        change(number)
        version += 1
        until_judged(client, scan, version)
        walls.append((time.perf_counter() - started) * 1000)
    spent = (host.cpu_seconds() - busy) / size * 1000
    return [f"{median(walls):.0f}", f"{max(walls):.0f}", f"{spent:.0f}"]


def employers(facts: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The facts with one employer after another."""
    for number in itertools.count():
        other = copy.deepcopy(facts)
        other["entry"]["employer_name"] = OTHERS[number % len(OTHERS)] + ("" if number < 4 else str(number))
        yield other


def run(size: int, folder: Path) -> list[list[object]]:
    with fleet(folder, "embedded", workers=1, checker=REAL_CHECKER) as found:
        host = found.hosts[0]
        client = httpx2.Client(base_url=host.url, timeout=60)
        facts = json.loads((SAMPLE / "case.json").read_text(encoding="utf-8"))
        put(client, facts)
        scan = upload(client, facts["case"])
        until_judged(client, scan, 1)
        named = employers(facts)
        rows = [["another employer", *measure(host, client, scan, size, lambda _: put(client, next(named)))]]

        def account(number: int) -> None:
            facts["workflow"]["account"] = "disabled" if number % 2 == 0 else "enabled"
            put(client, facts)

        put(client, facts)
        rows.append(["account switched off and on", *measure(host, client, scan, size, account)])
        serial = facts["entry"]["serial"]

        def ledger(number: int) -> None:
            body = {"holder": facts["case"], "status": "void" if number % 2 == 0 else "held"}
            client.put(f"/v1/papers/{serial}", json=body).raise_for_status()

        rows.append(["paper void and held again", *measure(host, client, scan, size, ledger)])
        for number in range(BUSY_SCANS):
            other = copy.deepcopy(facts)
            other["case"] = f"busy-{number}"
            put(client, other)
            upload(client, other["case"], extra=bytes([number]))
        few = max(2, size // 4)
        change = lambda _: put(client, next(named))  # noqa: E731
        *walls, _ = measure(host, client, scan, few, change)
        rows.append(["another employer, the worker at other scans", *walls, "-"])
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=20, help="changes of each kind")
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="facts-") as folder:
        rows = run(asked.size, Path(folder))
    header = ["what changed", "to the verdict, ms (median)", "slowest", "processor time, ms (all processes)"]
    about = (
        f"A real scan of two photographed pages, a server with one worker; {asked.size} changes of each "
        "kind, each making another verdict. The time is that of the call and of asking for the verdict "
        f"after it. Load average {os.getloadavg()[0]:.1f} at the end."
    )
    command = f"python -m benchmarks.facts --size {asked.size}"
    publish("facts", "New facts", command, [about, table(header, rows)], write=asked.write)


if __name__ == "__main__":
    main()
