"""Verdicts where the check itself came to none: a person, or a better file, is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from scanservice import __version__
from scanservice.case import Case
from scanservice.errors import InputError
from scanservice.findings import catalogue
from scanservice.service.checking import CheckOutcome


def failed_outcome(case: Case, hashes: Sequence[str], reason: str) -> CheckOutcome:
    """`review`: the program broke on this scan, or was broken while it looked."""
    finding = _finding("check-failed", "review", {"check": "scan", "reason": reason})
    return CheckOutcome(_document(case, hashes, "review", finding), ({},))


def unreadable_outcome(case: Case, hashes: Sequence[str], error: InputError) -> CheckOutcome:
    """`retake`: a file could not be opened; the finding says why."""
    finding = _finding("upload-unreadable", "retake", {"reason": error.code})
    return CheckOutcome(_document(case, hashes, "retake", finding), ({},))


def _finding(code: str, severity: str, params: dict[str, Any]) -> dict[str, Any]:
    return {
        "code": code, "severity": severity, "region": None, "page": None, "quad": None,
        "params": params, "message": "", "advice": "", "clause": catalogue()[code].clause,
    }  # fmt: skip


def _document(case: Case, hashes: Sequence[str], kind: str, finding: dict[str, Any]) -> dict[str, Any]:
    expected = case.entry.serial if case.entry else None
    return {
        "format": 1,
        "verdict": kind,
        "final": False,
        "case": case.case,
        "template": None,
        "pages": [],
        "serial": {"read": None, "expected": expected, "agreement": "not_evaluated", "confidence": 0.0},
        "regions": [],
        "findings": [finding],
        "input_sha256": list(hashes),
        "versions": {"scanservice": __version__, "rules": "", "recogniser": ""},
        "timings_ms": {"decode": 0, "align": 0, "measure": 0, "read": 0, "total": 0},
    }
