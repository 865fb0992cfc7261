"""A main system's whole conversation with scanservice: the notice's story, and its side roads.

    python examples/main_system.py --url http://127.0.0.1:8000 --case fixtures/good-phone/case.json \
        fixtures/good-phone/scan-1.jpg fixtures/good-phone/scan-2.jpg

It needs a running `scanservice serve`, a case, and the pictures of its paper; `--second` are those of the
second paper after a termination (the first's, if left out). With `--hook` it listens for webhooks on this
machine, which the service must allow: SCANSERVICE_HOOKS_ALLOW=127.0.0.0/8.
"""

from __future__ import annotations

import argparse
import copy
import json
import threading
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx2
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

PATIENCE_SECONDS = 180


class MainSystem:
    """The calls that a main system makes. Every one may be repeated: none does a thing twice."""

    def __init__(self, url: str, key: str | None) -> None:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self.http = httpx2.Client(base_url=url, headers=headers, timeout=60)

    def call(self, method: str, path: str, **more: Any) -> Any:
        """One call, tried again where the service says when (429 and 503 name a Retry-After)."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            answer = self.http.request(method, path, **more)
            wait = answer.headers.get("retry-after")
            if answer.status_code not in (429, 503) or wait is None or time.monotonic() > deadline:
                break
            time.sleep(int(wait))
        if answer.status_code >= 400:
            raise SystemExit(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer.json() if answer.content else None

    def put_case(self, facts: dict[str, Any]) -> dict[str, Any]:
        return self.call("PUT", f"/v1/cases/{facts['case']}", json=facts)

    def put_paper(self, serial: str, **paper: Any) -> None:
        self.call("PUT", f"/v1/papers/{serial}", json=paper)

    def link(self, case: str) -> str:
        """The token of a link for the student; what the student gets is the answer's `url`."""
        return self.call("POST", f"/v1/cases/{case}/links", json={"hours": 72})["token"]

    def decide(self, scan: dict[str, Any], decision: str, **more: Any) -> dict[str, Any]:
        """On the version that was seen: a later one is refused, and would have to be looked at again."""
        body = {"version": scan["version"], "decision": decision, **more}
        return self.call("POST", f"/v1/scans/{scan['scan']}/decision", json=body)

    def scan(self, scan_id: str) -> dict[str, Any]:
        return self.call("GET", f"/v1/scans/{scan_id}", params={"lang": "en"})

    def judged(self, scan_id: str) -> dict[str, Any]:
        """The scan as soon as its verdict is that of today's facts."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            scan = self.scan(scan_id)
            if scan["verdict"] is not None and not scan["being_judged"]:
                return scan
            if time.monotonic() > deadline:
                raise SystemExit("no verdict came")
            time.sleep(0.3)


class Student:
    """Somebody with a link: may upload once, and then see that scan."""

    def __init__(self, url: str, token: str) -> None:
        self.http = httpx2.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=60)

    def upload(self, case: str, files: Sequence[Path]) -> str:
        sent = [("files", (f"{number}", path.read_bytes())) for number, path in enumerate(files)]
        answer = self.http.post(f"/v1/cases/{case}/scans", files=sent)
        if answer.status_code != 202:
            raise SystemExit(f"upload: {answer.status_code} {answer.text}")
        return answer.json()["scan"]

    def follow(self, scan_id: str) -> None:
        """Progress, as the student's page shows it."""
        with self.http.stream("GET", f"/v1/scans/{scan_id}/events", timeout=PATIENCE_SECONDS) as stream:
            for line in stream.iter_lines():
                if line.startswith("data:"):
                    say("student sees", json.loads(line[5:])["stage"])


class Hook(AbstractContextManager["Hook"]):
    """Takes webhooks on this machine, and believes those that are signed; `heard` holds their types."""

    def __init__(self, system: MainSystem) -> None:
        self.heard: list[str] = []
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                self.send_response(
                    hook.take({name.lower(): value for name, value in self.headers.items()}, body)
                )
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{self.server.server_port}/scans"
        answer = system.call("PUT", "/v1/hooks/example", json={"url": url, "rotate": True})
        self.secret = answer["secret"]

    def take(self, headers: dict[str, str], body: str) -> int:
        try:
            event = Webhook(self.secret).verify(body, headers)
        except WebhookVerificationError:
            return 401
        self.heard.append(event["type"])
        return 204

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()


def say(who: str, what: str) -> None:
    print(f"{who:>14}  {what}", flush=True)


def tell(scan: dict[str, Any]) -> None:
    verdict = scan["verdict"]
    say("verdict", f"{verdict['verdict']} (version {scan['version']})")
    for finding in verdict["findings"]:
        say(finding["severity"], f"{finding['code']}: {finding['message']}")


def with_facts(facts: dict[str, Any], part: str, **changes: Any) -> dict[str, Any]:
    changed = copy.deepcopy(facts)
    changed[part] = {**(changed.get(part) or {}), **changes}
    return changed


def full_story(system: MainSystem, url: str, facts: dict[str, Any], files: Sequence[Path]) -> dict[str, Any]:
    """Roster and paper, entry confirmed, link, upload, verdict, decision, filed, account off."""
    case, serial = facts["case"], facts["entry"]["serial"]
    system.put_paper(serial, holder=case, status="held", issued_on="2018-10-12")
    system.put_case({**with_facts(facts, "workflow", state="paper_issued"), "entry": None})
    say("office", f"roster reported, paper {serial} handed out")
    system.put_case(facts)
    say("student", "typed the agreement in, and confirmed it")
    scan = upload(system, url, case, files)
    tell(scan)
    system.decide(scan, "approve", paper_seen=True, documents_seen=True)
    say("office", "saw paper and documents: approved")
    system.put_paper(serial, holder=case, status="filed", issued_on="2018-10-12")
    system.put_case(with_facts(facts, "workflow", state="filed", account="disabled"))
    say("office", "filed; the account is off")
    final = system.scan(scan["scan"])
    assert final["verdict"]["final"], "a decision makes a verdict final"
    return final


def upload(system: MainSystem, url: str, case: str, files: Sequence[Path]) -> dict[str, Any]:
    student = Student(url, system.link(case))
    scan_id = student.upload(case, files)
    say("student", f"uploaded {len(files)} files: {scan_id}")
    student.follow(scan_id)
    return system.judged(scan_id)


def side_roads(
    system: MainSystem, url: str, facts: dict[str, Any], files: Sequence[Path], second: Sequence[Path]
) -> None:
    """In-province employer, returned papers, termination and a second paper: new facts, new verdicts,
    mostly without another look at the picture."""
    case, serial = facts["case"], facts["entry"]["serial"]
    system.put_case(facts)
    scan_id = upload(system, url, case, files)["scan"]
    say("student", "signed with an employer inside the province after all")
    system.put_case(
        with_facts(with_facts(facts, "entry", employer_region="370211"), "workflow", route="in_province")
    )
    tell(system.judged(scan_id))
    say("office", "took the paper back: all three copies")
    system.put_paper(serial, holder=case, status="returned")
    papers = [{"serial": serial, "status": "returned"}]
    system.put_case(with_facts(facts, "workflow", papers=papers))
    returned = system.judged(scan_id)
    tell(returned)
    system.decide(returned, "return", reasons=["The paper was handed back."])
    say("student", "asks to end the agreement")
    ending = {"serial": serial, "employer_name": facts["entry"]["employer_name"], "state": "requested"}
    system.put_case(with_facts(facts, "workflow", state="terminating", terminations=[ending]))
    say("office", "approved it, took the old papers, hands out a second one")
    ended = {**ending, "state": "approved", "papers_returned": True}
    fresh = f"{serial}-2"
    system.put_paper(fresh, holder=case, status="held")
    papers = [{"serial": serial, "status": "void"}, {"serial": fresh, "status": "held"}]
    again = with_facts(facts, "workflow", state="entry_confirmed", terminations=[ended], papers=papers)
    system.put_case(with_facts(again, "entry", serial=fresh))
    scan = upload(system, url, case, second)
    tell(scan)
    system.decide(scan, "retake", reasons=["Photograph the second paper, please."], pages=[0])


def heard(system: MainSystem, case: str, after: int) -> list[str]:
    """What happened to a case, asked for instead of told; the rest is other cases' business."""
    found: list[str] = []
    while True:
        page = system.call("GET", "/v1/events", params={"after": after, "limit": 500})
        found += [event["type"] for event in page["events"] if event["data"]["case"] == case]
        if page["last"] == after:
            return found
        after = page["last"]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--case", type=Path, required=True)
    parser.add_argument("--second", nargs="*", type=Path)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--key", help="an API key; needed as soon as one was made")
    parser.add_argument("--hook", action="store_true", help="listen for webhooks")
    options = parser.parse_args()
    facts = json.loads(options.case.read_text(encoding="utf-8"))
    system = MainSystem(options.url, options.key)
    with Hook(system) if options.hook else nullcontext() as hook:
        full_story(system, options.url, facts, options.files)
        other = {**facts, "case": f"{facts['case']}-b"}
        side_roads(system, options.url, other, options.files, options.second or options.files)
        happened = heard(system, facts["case"], 0) + heard(system, other["case"], 0)
        say("events", ", ".join(happened))
        deadline = time.monotonic() + 30
        while hook is not None and len(hook.heard) < len(happened) and time.monotonic() < deadline:
            time.sleep(0.2)
        if hook is not None:
            say("hook", f"{len(hook.heard)} webhooks, all signed")


if __name__ == "__main__":
    main()
