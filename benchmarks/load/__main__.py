"""`python -m benchmarks.load [--size N] [--storage embedded|served] [--write]`.

N uploads at once: how long from the 202 to the verdict, with one worker and with two, and what the queue
itself costs a scan (the same with a check that takes no time).
"""

from __future__ import annotations

import argparse
import datetime as dt
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2

from benchmarks.faults.fleet import fleet
from benchmarks.tables import publish, table

CHECK_SECONDS = 0.25
AT_ONCE = 32
"""Connections that are open together; a laboratory of computers behind one proxy."""
FILE_BYTES = 400_000
"""Of each upload: a page photographed and sent by a messenger."""
PATIENCE_SECONDS = 600
ROUNDS = ((1, CHECK_SECONDS), (2, CHECK_SECONDS), (1, 0.0))
"""Workers, and seconds of a check: what another worker brings, and what is left without a check."""


def upload(client: httpx2.Client, number: int, seconds: float) -> tuple[str, float]:
    """The scan, and milliseconds until its 202."""
    case = f"c-{number}"
    facts = {"case": case, "student": {"name": "某"}, "workflow": {"state": "entry_confirmed"}}
    client.put(f"/v1/cases/{case}", json=facts).raise_for_status()
    text = f"sleep {seconds}\nnumber {number}\n".encode().ljust(FILE_BYTES, b"\n")
    started = time.perf_counter()
    answer = client.post(f"/v1/cases/{case}/scans", files={"files": ("scan", text)})
    answer.raise_for_status()
    return answer.json()["scan"], (time.perf_counter() - started) * 1000


def run(storage: str, size: int, workers: int, seconds: float) -> list[object]:
    with (
        tempfile.TemporaryDirectory(prefix="load-") as folder,
        fleet(Path(folder), storage, workers, hosts=1) as found,
    ):
        client = httpx2.Client(base_url=found.hosts[0].url, timeout=120)
        upload(client, size, 0)  # the checking processes are started by their first scan
        with ThreadPoolExecutor(AT_ONCE) as pool:
            sent = list(pool.map(lambda number: upload(client, number, seconds), range(size)))
        waits, first, last, lost = _verdicts(client, [scan for scan, _ in sent])
    answers = sorted(ms for _, ms in sent)
    waits.sort()
    return [
        storage, workers, f"{seconds * 1000:.0f}", size, lost, _at(answers, 0.5), _at(answers, 0.95),
        _at(waits, 0.5), _at(waits, 0.95), f"{size / max(last - first, 1e-3):.1f}",
    ]  # fmt: skip


def _at(values: list[float], share: float) -> str:
    return f"{values[round((len(values) - 1) * share)]:.0f}" if values else "-"


def _verdicts(client: httpx2.Client, scans: list[str]) -> tuple[list[float], float, float, int]:
    """Milliseconds from each 202 to its verdict, the first upload's moment, the last verdict's (s)."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    waiting, waits, arrived, judged = set(scans), [], [], []
    while waiting and time.monotonic() < deadline:
        time.sleep(1)
        for scan in list(waiting):
            shown = client.get(f"/v1/scans/{scan}").json()
            if shown["checked_at"] is None:
                break
            received, checked = (_moment(shown[name]) for name in ("received_at", "checked_at"))
            waits.append((checked - received) * 1000)
            arrived.append(received)
            judged.append(checked)
            waiting.discard(scan)
    return waits, min(arrived, default=0), max(judged, default=0), len(waiting)


def _moment(text: str) -> float:
    return dt.datetime.fromisoformat(text).timestamp()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=200)
    parser.add_argument("--storage", choices=["embedded", "served"], action="append")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    rows: list[list[object]] = []
    for storage in options.storage or ["embedded", "served"]:
        for workers, seconds in ROUNDS:
            rows.append(run(storage, options.size, workers, seconds))
            print(*rows[-1], flush=True)
    brought = []
    for one, two, plain in zip(rows[::3], rows[1::3], rows[2::3], strict=True):
        more, cost = float(str(two[-1])) / float(str(one[-1])), 1000 / float(str(plain[-1]))
        brought.append(
            f"{one[0]}: two workers do {more:.2f} times what one does; the queue itself, from the claim to "
            f"the written verdict, costs {cost:.0f} ms a scan."
        )
    header = [
        "storage", "workers", "check (ms)", "uploads", "lost", "202 p50 (ms)", "202 p95", "verdict p50 (ms)",
        "verdict p95", "scans/s",
    ]  # fmt: skip
    about = (
        f"{options.size} uploads of {FILE_BYTES} bytes over {AT_ONCE} connections to one API. A check waits "
        f"{CHECK_SECONDS} s and burns nothing, so that one machine can show what more workers bring; with a "
        "check of 0 ms what remains is the service itself. `202` is the time to the answer, `verdict` that "
        "from the answer to the verdict. The machine's two cores had other work beside; compare the rows."
    )
    command = f"python -m benchmarks.load --size {options.size}"
    publish("load", "Many at once", command, [about, table(header, rows), *brought], write=options.write)


if __name__ == "__main__":
    main()
