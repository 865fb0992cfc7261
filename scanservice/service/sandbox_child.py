"""The checking process from inside: reads requests, answers them, until its owner is gone.

Run as `python -m scanservice.service.sandbox_child`, by `sandbox.Sandbox` alone.
"""

from __future__ import annotations

import datetime as dt
import math
import os
import resource
import sys
import threading
import time
from pathlib import Path
from typing import Any, BinaryIO

from scanservice.case import Case
from scanservice.errors import InputError
from scanservice.service import framing
from scanservice.service.checking import (
    Checker,
    CheckOutcome,
    Context,
    LedgerPaper,
    OldEvidenceError,
    Reuse,
    Stage,
    load_checker,
)
from scanservice.settings import Settings

WRITTEN_BYTES = 2**30
"""No temporary file of a check may grow beyond this."""


def main() -> None:
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not end up between the answers
    _end_with_owner()
    try:
        header, _ = framing.receive(requests)
        settings = Settings.model_validate(header["settings"])
        checker = load_checker(settings)
        checker.prepare()
        _limit_space(settings)
        framing.send(answers, {"ready": True})
        while True:
            header, blobs = framing.receive(requests)
            _limit_time(settings)
            _answer(checker, header, blobs, answers)
    except (framing.FramingError, BrokenPipeError):
        return


def _answer(checker: Checker, request: dict[str, Any], blobs: list[bytes], answers: BinaryIO) -> None:
    def progress(stage: Stage) -> None:
        framing.send(answers, {"progress": stage})

    try:
        header, parts = _serve(checker, request, blobs, progress)
    except InputError as error:
        problems = [{"path": problem.path, "message": problem.message} for problem in error.problems]
        header = {"input_error": {"code": error.code, "source": error.source, "problems": problems}}
        parts = []
    except OldEvidenceError:
        header, parts = {"old_evidence": True}, []
    except MemoryError:
        header, parts = {"failed": "memory", "spent": True}, []
    except Exception as error:  # whatever a picture provokes is a reason, never the end of the worker
        if isinstance(error, IndexError) and request["op"] == "page":
            header, parts = {"no_page": True}, []
        else:
            header, parts = {"failed": f"crash-{type(error).__name__}", "spent": True}, []
    framing.send(answers, header, *parts)


def _serve(
    checker: Checker, request: dict[str, Any], blobs: list[bytes], progress: Any
) -> tuple[dict[str, Any], list[bytes]]:
    files = [Path(file) for file in request.get("files", ())]
    match request["op"]:
        case "check":
            return _packed(checker.check(files, *_facts(request), progress))
        case "rejudge":
            return _packed(checker.rejudge(blobs[0], *_facts(request)))
        case "page":
            evidence = blobs[0] if request["has_evidence"] else None
            picture = checker.page(files, evidence, request["document"], request["number"], request["view"])
            return {"page": True}, [picture]
        case "versions":
            return {"versions": dict(checker.versions())}, []
        case other:
            raise ValueError(other)


def _facts(request: dict[str, Any]) -> tuple[Case, Context]:
    ledger = request["ledger"]
    papers = None
    if ledger is not None:
        papers = tuple(
            LedgerPaper(
                **{
                    **paper,
                    "issued_on": dt.date.fromisoformat(paper["issued_on"]) if paper["issued_on"] else None,
                }
            )
            for paper in ledger
        )
    context = Context(
        today=dt.date.fromisoformat(request["today"]),
        reuse=tuple(Reuse(**reuse) for reuse in request["reuse"]),
        ledger=papers,
    )
    return Case.model_validate(request["case"]), context


def _packed(outcome: CheckOutcome) -> tuple[dict[str, Any], list[bytes]]:
    header = {
        "document": outcome.document,
        "internal": list(outcome.internal),
        "has_evidence": outcome.evidence is not None,
        "has_fingerprint": outcome.fingerprint is not None,
    }
    parts = [part for part in (outcome.evidence, outcome.fingerprint) if part is not None]
    return header, [*parts, *outcome.seals]


def _limit_space(settings: Settings) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (WRITTEN_BYTES, WRITTEN_BYTES))
    resource.setrlimit(resource.RLIMIT_AS, (settings.check_memory_bytes, settings.check_memory_bytes))


def _limit_time(settings: Settings) -> None:
    """The kernel counts a process's whole life, so the limit moves on with each request."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    until = math.ceil(used.ru_utime + used.ru_stime + settings.check_cpu_seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (until, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _end_with_owner() -> None:
    owner = os.getppid()

    def watch() -> None:
        while os.getppid() == owner:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, name="owner", daemon=True).start()


if __name__ == "__main__":
    sys.exit(main())
