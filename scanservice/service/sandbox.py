"""The checking process as its owner sees it: asked one thing at a time, killed when it overruns.

Hostile pictures are opened nowhere else. The child has limits on memory, processor time and file
size; its owner holds the clock, and a child that is silent too long is killed and replaced.
"""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from scanservice.case import Case
from scanservice.errors import InputError, Problem
from scanservice.service import framing
from scanservice.service.checking import CheckOutcome, Context, OldEvidenceError, Progress, View
from scanservice.settings import Settings
from scanservice.workers import ONE_THREAD

START_SECONDS = 60
"""For a child to load its models."""
KEPT_FROM_CHILD = frozenset({"secret", "database_url", "blobs", "oidc_client_secret"})
ENVIRONMENT = ("PATH", "HOME", "LANG", "LC_ALL", "PYTHONPATH", "VIRTUAL_ENV", "TMPDIR", "TESSDATA_PREFIX")


class CheckError(Exception):
    """The check came to no result.

    Attributes:
        reason: `wall-time`, `cpu-time`, `memory`, `crash-<type>`, `signal-<number>`, `gone`.
        explained: by the scan itself, so that trying again will hardly help; otherwise the process
            may have been killed by anyone.
    """

    def __init__(self, reason: str, *, explained: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.explained = explained


class _Deadlined:
    """Reads from a pipe until a moment of the monotonic clock."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self.descriptor = pipe.fileno()
        self.deadline = 0.0
        self.selector = selectors.DefaultSelector()
        self.selector.register(pipe, selectors.EVENT_READ)

    def read(self, size: int) -> bytes:
        parts = []
        while size > 0:
            if not self.selector.select(max(0.0, self.deadline - time.monotonic())):
                raise TimeoutError
            part = os.read(self.descriptor, min(size, 1 << 20))
            if not part:
                break
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def close(self) -> None:
        self.selector.close()


class Sandbox:
    """One checking process; safe to use from several threads, which then wait for each other.

    It takes a second or two to load what a check needs: `start` lets it do so before anybody waits, and one
    that is replaced after its share of checks has its successor loading at once.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._answers: _Deadlined | None = None
        self._ready = False
        self._served = 0

    @property
    def idle(self) -> bool:
        """Whether a child runs that would answer at once."""
        return self._child is not None and not self._lock.locked()

    def start(self) -> None:
        """Has a child start, without waiting for it; one that dies is replaced by whoever asks it."""
        with self._lock:
            if self._child is None:
                self._spawn()

    # ------------------------------------------------------------------ what can be asked

    def check(
        self, files: Sequence[Path], case: Case, context: Context, progress: Progress = lambda stage: None
    ) -> CheckOutcome:
        """Raises InputError, CheckError."""
        request = {"op": "check", "files": [str(file) for file in files], **_facts(case, context)}
        return _outcome(*self._ask(request, progress=progress))

    def rejudge(self, evidence: bytes, case: Case, context: Context) -> CheckOutcome:
        """Raises CheckError, OldEvidenceError."""
        return _outcome(*self._ask({"op": "rejudge", **_facts(case, context)}, evidence))

    def page(
        self,
        files: Sequence[Path],
        evidence: bytes | None,
        document: Mapping[str, Any],
        number: int,
        view: View,
    ) -> bytes:
        """Raises InputError, IndexError, CheckError."""
        request = {
            "op": "page",
            "files": [str(file) for file in files],
            "document": document,
            "number": number,
            "view": view,
            "has_evidence": evidence is not None,
        }
        header, blobs = self._ask(request, evidence or b"")
        if header.get("no_page"):
            raise IndexError(number)
        return blobs[0]

    def versions(self) -> dict[str, Any]:
        """Raises CheckError."""
        return self._ask({"op": "versions"})[0]["versions"]

    def close(self) -> None:
        with self._lock:
            self._kill()

    # ------------------------------------------------------------------ how

    def _ask(
        self, request: dict[str, Any], *blobs: bytes, progress: Progress = lambda stage: None
    ) -> tuple[dict[str, Any], list[bytes]]:
        with self._lock:
            child, answers = self._started()
            answers.deadline = time.monotonic() + self._settings.check_seconds
            try:
                assert child.stdin is not None
                framing.send(child.stdin, request, *blobs)
                while "progress" in (reply := framing.receive(answers))[0]:
                    progress(reply[0]["progress"])
            except TimeoutError:
                self._kill()
                raise CheckError("wall-time", explained=True) from None
            except (framing.FramingError, OSError):
                raise self._died() from None
            self._served += 1
            if self._served >= self._settings.recycle_after or reply[0].get("spent"):
                self._kill()
                self._spawn()
        _raise_failure(reply[0])
        return reply

    def _started(self) -> tuple[subprocess.Popen[bytes], _Deadlined]:
        if self._child is not None and self._child.poll() is not None:
            self._kill()
        if self._child is None:
            self._spawn()
        assert self._child is not None and self._answers is not None
        if not self._ready:
            self._answers.deadline = time.monotonic() + START_SECONDS
            try:
                framing.receive(self._answers)
            except TimeoutError:
                self._kill()
                raise CheckError("start-time", explained=False) from None
            except (framing.FramingError, OSError):
                raise self._died() from None
            self._ready = True
        return self._child, self._answers

    def _spawn(self) -> None:
        """Starts a child and greets it; its answer, when it has loaded all, is read by `_started`."""
        child = subprocess.Popen(
            [sys.executable, "-m", "scanservice.service.sandbox_child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={name: os.environ[name] for name in ENVIRONMENT if name in os.environ} | ONE_THREAD,
            # A terminal's Ctrl-C is for the supervisor, which ends everybody in turn.
            start_new_session=True,
        )
        assert child.stdin is not None and child.stdout is not None
        self._child, self._answers = child, _Deadlined(child.stdout)
        self._ready, self._served = False, 0
        settings = self._settings.model_dump(mode="json", exclude=set(KEPT_FROM_CHILD))
        with suppress(OSError):  # one that died already is found out when it is asked
            framing.send(child.stdin, {"op": "hello", "settings": settings})

    def _died(self) -> CheckError:
        child = self._child
        code = None
        if child is not None:
            try:
                code = child.wait(timeout=2)
            except subprocess.TimeoutExpired:
                code = None
        self._kill()
        if code == -signal.SIGXCPU:
            return CheckError("cpu-time", explained=True)
        return CheckError(f"signal-{-code}" if code and code < 0 else "gone", explained=False)

    def _kill(self) -> None:
        child, self._child = self._child, None
        answers, self._answers = self._answers, None
        if answers is not None:
            answers.close()
        if child is not None:
            child.kill()
            child.wait()
            for pipe in (child.stdin, child.stdout):
                if pipe is not None:
                    try:
                        pipe.close()
                    except OSError:
                        continue  # bytes that the child never read


def _facts(case: Case, context: Context) -> dict[str, Any]:
    ledger = None
    if context.ledger is not None:
        ledger = [
            {**asdict(paper), "issued_on": paper.issued_on.isoformat() if paper.issued_on else None}
            for paper in context.ledger
        ]
    return {
        "case": case.model_dump(mode="json"),
        "today": context.today.isoformat(),
        "reuse": [asdict(reuse) for reuse in context.reuse],
        "ledger": ledger,
    }


def _outcome(header: dict[str, Any], blobs: list[bytes]) -> CheckOutcome:
    found = iter(blobs)
    return CheckOutcome(
        document=header["document"],
        internal=header["internal"],
        evidence=next(found) if header["has_evidence"] else None,
        fingerprint=next(found) if header["has_fingerprint"] else None,
        seals=tuple(found),
    )


def _raise_failure(header: dict[str, Any]) -> None:
    if "input_error" in header:
        error = header["input_error"]
        problems = [Problem(problem["path"], problem["message"]) for problem in error["problems"]]
        raise InputError(error["code"], error["source"], problems)
    if "old_evidence" in header:
        raise OldEvidenceError
    if "failed" in header:
        raise CheckError(header["failed"], explained=True)
