"""A checker whose files are little texts that say what it shall find: quick, and the same every time.

A file holds lines `word value`: `serial 2019100423`, `employer …` (compared with the entry), `ink …`,
`seal …`, `verdict review`, `sleep 0.5`, `hang`, `crash`, `die`, `memory`, `spin`, `unreadable`. Other lines
are filler. Like the real one, it keeps what it saw as evidence and judges that under the case.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import signal
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from scanservice import __version__
from scanservice.case import Case
from scanservice.errors import InputError
from scanservice.findings import catalogue
from scanservice.service.checking import CheckOutcome, Context, OldEvidenceError, Progress, View
from scanservice.settings import Settings

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def make(settings: Settings) -> FakeChecker:
    return FakeChecker(settings)


def fingerprint(text: str) -> bytes:
    """In the format of `scanservice.detect.fingerprint`: one field of 24 x 24 cells, inked by chance."""
    bits = b"".join(hashlib.sha256(f"{text} {n}".encode()).digest() for n in range(3))[:72]
    return b"fakeform" + bytes([1, 24, 24]) + bits


class FakeChecker:
    def __init__(self, settings: Settings) -> None:
        self.rules_file = (settings.templates or Path()) / "rules"

    @property
    def rules(self) -> str:
        return self.rules_file.read_text() if self.rules_file.exists() else "1"

    def versions(self) -> Mapping[str, Any]:
        return {"rules": self.rules, "templates": {"fake": "0" * 64}}

    def prepare(self) -> None:
        return

    def check(self, files: Sequence[Path], case: Case, context: Context, progress: Progress) -> CheckOutcome:
        progress("form")
        seen: dict[str, Any] = {"pages": len(files), "sha256": []}
        for index, file in enumerate(files):
            data = file.read_bytes()
            seen["sha256"].append(hashlib.sha256(data).hexdigest())
            for line in data.decode("utf-8", "replace").splitlines():
                word, _, value = line.partition(" ")
                self._obey(word, value, index)
                if word in ("serial", "employer", "ink", "verdict"):
                    seen[word] = value
                if word == "seal":
                    seen.setdefault("seals", []).append(value)
        progress("reading")
        evidence = json.dumps(seen).encode()
        judged = self.rejudge(evidence, case, context)
        return CheckOutcome(
            judged.document,
            judged.internal,
            evidence,
            fingerprint(seen["ink"]) if "ink" in seen else None,
            tuple(hashlib.sha256(seal.encode()).digest() for seal in seen.get("seals", ())),
        )

    @staticmethod
    def _obey(word: str, value: str, index: int) -> None:
        match word:
            case "sleep":
                time.sleep(float(value))
            case "hang":
                time.sleep(3600)
            case "spin":
                while True:
                    pass
            case "crash":
                raise RuntimeError("a text that must not be seen")
            case "die":
                os.kill(os.getpid(), signal.SIGKILL)
            case "memory":
                bytearray(64 * 2**30)
            case "unreadable":
                raise InputError("file-damaged", f"files[{index}]")

    def rejudge(self, evidence: bytes, case: Case, context: Context) -> CheckOutcome:
        try:
            seen = json.loads(evidence)
        except ValueError:
            raise OldEvidenceError from None
        findings, internal = [], []

        def find(code: str, severity: str, params: dict[str, Any] | None = None, **inside: Any) -> None:
            findings.append(
                {
                    "code": code, "severity": severity, "region": None, "page": 0, "quad": None,
                    "params": params or {}, "message": "x", "advice": "x", "clause": catalogue()[code].clause,
                }
            )  # fmt: skip
            internal.append(inside)

        if case.workflow.state == "filed":
            find("already-filed", "return")
        entered = case.entry.employer_name if case.entry else None
        if "employer" in seen and entered != seen["employer"]:
            params = {"field": "用人单位", "read": seen["employer"], "expected": entered}
            find("field-differs", "return", params)
        for reuse in context.reuse:
            find("scan-reused", "review", kind=reuse.kind, case=reuse.case, scan=reuse.scan)
        if context.ledger is not None and "serial" in seen:
            held = {paper.serial: paper for paper in context.ledger}.get(seen["serial"])
            if held is None:
                find("serial-not-issued", "return", {"serial": seen["serial"]})
            elif held.holder not in (None, case.case):
                find("serial-of-another-student", "return", {"serial": seen["serial"]})
        if self.rules != "1":
            find("photocopy", "review")
        order = {"return": 0, "retake": 1, "review": 2}
        found = min((f["severity"] for f in findings), key=order.__getitem__, default="pass")
        return CheckOutcome(self._document(seen, case, seen.get("verdict", found), findings), internal)

    def _document(self, seen: dict[str, Any], case: Case, kind: str, findings: list[Any]) -> dict[str, Any]:
        expected = case.entry.serial if case.entry else None
        read = seen.get("serial")
        page = {
            "template_page": None,
            "width": 1,
            "height": 1,
            "rotation": None,
            "alignment": None,
            "quality": None,
        }
        return {
            "format": 1,
            "verdict": kind,
            "final": False,
            "case": case.case,
            "template": {"id": "fake", "version": "0" * 64},
            "pages": [{"scan": n, "page": 0, **page} for n in range(seen["pages"])],
            "serial": {
                "read": read,
                "expected": expected,
                "agreement": "agree" if read == expected else "differ",
                "confidence": 0.99,
            },
            "regions": [],
            "findings": findings,
            "input_sha256": seen["sha256"],
            "versions": {"scanservice": __version__, "rules": self.rules, "recogniser": "fake"},
            "timings_ms": {"decode": 1, "align": 1, "measure": 1, "read": 1, "total": time.time() % 1000},
        }

    def page(
        self,
        files: Sequence[Path],
        evidence: bytes | None,
        document: Mapping[str, Any],
        number: int,
        view: View,
    ) -> bytes:
        if not 0 <= number < len(files):
            raise IndexError(number)
        return PIXEL
