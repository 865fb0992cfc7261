"""`python -m benchmarks.faults [--size N] [--storage embedded|served] [--write]`.

While N scans are uploaded and checked: a worker, or its checking process, is killed with -9 every few
seconds, an API's process now and then, the courier too, and a host with all its processes; PostgreSQL is
stopped as by a crash; the receiver of webhooks is first away, then slow. At the end every accepted scan must
have its verdict, no upload may have become two scans, and the receiver must have been told of each once.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx2

from benchmarks.faults.fleet import Fleet, Host, fleet
from benchmarks.tables import publish, table
from tests.service.servers import free_port

SEED = 20190108
CHECK_SECONDS = 0.2
UPLOADERS = 4
AWAY_SECONDS, SLOW_SECONDS, SLOW_ANSWER_SECONDS = 20, 30, 1.0
KILL_EVERY, API_EVERY, DATABASE_EVERY, HOST_EVERY = 3, 17, 25, 45
PATIENCE_SECONDS = 900


@dataclass
class Receiver:
    """A main system that is away, then slow, then well; it knows a webhook by its id."""

    port: int = field(default_factory=free_port)
    told: dict[str, tuple[str, int]] = field(default_factory=dict)
    repeats: int = 0
    server: ThreadingHTTPServer | None = None
    slow_until: float = 0.0

    def start(self) -> None:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                if time.monotonic() < receiver.slow_until:
                    time.sleep(SLOW_ANSWER_SECONDS)
                data = json.loads(body)["data"]
                name = self.headers["webhook-id"]
                receiver.repeats += name in receiver.told
                receiver.told[name] = (data["scan"], data["verdict_version"])
                self.send_response(204)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                return

        self.slow_until = time.monotonic() + SLOW_SECONDS
        self.server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        if self.server is not None:
            self.server.shutdown()
            self.server.server_close()


def patiently(hosts: list[Host], number: int, method: str, path: str, **more: object) -> httpx2.Response:
    """As a main system should: again, by another host, until there is an answer."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        host = hosts[number % len(hosts)]
        number += 1
        try:
            answer = httpx2.request(method, host.url + path, timeout=30, **more)  # type: ignore[arg-type]
            if answer.status_code < 429 and answer.status_code != 404:
                return answer
        except httpx2.HTTPError:
            pass
        time.sleep(0.5)
    raise SystemExit(f"no answer to {method} {path}")


def upload(hosts: list[Host], number: int) -> str:
    case = f"c-{number}"
    facts = {"case": case, "student": {"name": "某"}, "workflow": {"state": "entry_confirmed"}}
    patiently(hosts, number, "PUT", f"/v1/cases/{case}", json=facts)
    files = {"files": ("scan", f"sleep {CHECK_SECONDS}\nnumber {number}\n".encode())}
    headers = {"Idempotency-Key": f"upload-{number}"}
    answer = patiently(hosts, number, "POST", f"/v1/cases/{case}/scans", files=files, headers=headers)
    assert answer.status_code == 202, answer.text
    return answer.json()["scan"]


def scans_of(hosts: list[Host], number: int) -> list[object]:
    """What the service holds for a case; an upload that was tried again must be one scan."""
    return patiently(hosts, number, "GET", f"/v1/cases/c-{number}").json()["scans"]


def chaos(found: Fleet, over: threading.Event) -> None:
    chance = random.Random(SEED)
    started = time.monotonic()
    next_api, next_database = started + API_EVERY, started + DATABASE_EVERY
    next_host = started + HOST_EVERY
    while not over.wait(KILL_EVERY):
        host = chance.choice(found.hosts)
        what = chance.choice(["service.worker", "service.worker", "sandbox_child", "courier_process"])
        alive = host.children(what)
        if alive:
            found.kill(what.removeprefix("service."), chance.choice(alive))
        now = time.monotonic()
        if now >= next_api:
            for pid in chance.choice(found.hosts).children("web.serve"):
                found.kill("API", pid)
            next_api = now + API_EVERY
        if now >= next_host:
            found.power_cut(chance.choice(found.hosts))
            next_host = now + HOST_EVERY
        if found.postgres is not None and now >= next_database:
            found.postgres.restart_at_once()
            found.kills["PostgreSQL"] = found.kills.get("PostgreSQL", 0) + 1
            next_database = now + DATABASE_EVERY


def run(storage: str, size: int, folder: Path) -> dict[str, object]:
    receiver = Receiver()
    over = threading.Event()
    with fleet(folder, storage) as found:
        url = f"http://127.0.0.1:{receiver.port}/hook"
        patiently(found.hosts, 0, "PUT", "/v1/hooks/main", json={"url": url})
        started = time.monotonic()
        threading.Timer(AWAY_SECONDS, receiver.start).start()
        disturber = threading.Thread(target=chaos, args=(found, over))
        disturber.start()
        with ThreadPoolExecutor(UPLOADERS) as pool:
            scans = list(pool.map(lambda number: upload(found.hosts, number), range(size)))
        uploaded = time.monotonic() - started
        versions = _until_judged(found.hosts, scans, receiver)
        over.set()
        disturber.join()
        beyond = sum(len(scans_of(found.hosts, number)) - 1 for number in range(size))
        took = time.monotonic() - started
    receiver.stop()
    seen = list(receiver.told.values())
    return {
        "storage": storage,
        "scans": len(set(scans)),
        "scans beyond one a case": beyond,
        "lost": sum(version == 0 for version in versions),
        "verdicts seen twice": len(seen) - len(set(seen)) + sum(version > 1 for version in versions),
        "not told": len(set(scans) - {scan for scan, _ in seen}),
        "repeats (same webhook-id)": receiver.repeats,
        "killed": ", ".join(f"{number} {what}" for what, number in sorted(found.kills.items())),
        "uploaded after (s)": round(uploaded),
        "all told after (s)": round(took),
    }


def _until_judged(hosts: list[Host], scans: list[str], receiver: Receiver) -> list[int]:
    """The verdict versions, when every scan has one and every one was told, or patience is over."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        told = {scan for scan, _ in list(receiver.told.values())}
        if set(scans) <= told or time.monotonic() > deadline:
            break
        time.sleep(1)
    return [
        patiently(hosts, number, "GET", f"/v1/scans/{scan}").json()["verdict_version"]
        for number, scan in enumerate(scans)
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=500)
    parser.add_argument("--storage", choices=["embedded", "served"], action="append")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    rows = []
    for storage in options.storage or ["embedded", "served"]:
        with tempfile.TemporaryDirectory(prefix="faults-") as folder:
            rows.append(run(storage, options.size, Path(folder)))
        print(rows[-1], flush=True)
    text = table(["", *(str(row["storage"]) for row in rows)], _turned(rows))
    about = (
        f"Each check takes {CHECK_SECONDS} s; {UPLOADERS} uploaders that try again until they are answered. "
        f"A worker, its checking process or the courier is killed with -9 every {KILL_EVERY} s, an API "
        f"every {API_EVERY} s, a host with all its processes every {HOST_EVERY} s, PostgreSQL is stopped "
        f"as by a crash every {DATABASE_EVERY} s; the receiver of webhooks is away for {AWAY_SECONDS} s, "
        f"then takes {SLOW_ANSWER_SECONDS} s an answer for {SLOW_SECONDS} s. "
        "`embedded`: one host, SQLite and a folder, 2 workers. `served`: two hosts' processes with an API "
        "and 2 workers each, PostgreSQL and S3. A repeat is the same webhook under the same id, which a "
        "receiver knows; a verdict seen twice would be one under two ids."
    )
    command = f"python -m benchmarks.faults --size {options.size}"
    publish("faults", "Nothing lost", command, [about, text], write=options.write)


def _turned(rows: list[dict[str, object]]) -> list[list[object]]:
    return [[name, *(row[name] for row in rows)] for name in rows[0] if name != "storage"]


if __name__ == "__main__":
    main()
