"""Findings to the verdict's word."""

from __future__ import annotations

from collections.abc import Iterable

from scanservice.findings import Finding
from scanservice.verdict import VerdictKind
from scanservice.verify.facts import RuleFacts
from scanservice.verify.positive import gaps


def decide(findings: Iterable[Finding], facts: RuleFacts) -> VerdictKind:
    """The worst severity; `pass` only where, the findings aside, everything speaks for it."""
    found = {finding.severity for finding in findings}
    for kind in ("return", "retake", "review"):
        if kind in found:
            return kind
    return "review" if gaps(facts) else "pass"
