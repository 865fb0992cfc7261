"""The rules of the notice: each small, declaring what it needs, yielding findings.

A module a part of the notice: `who` (一), `route` (二(一), 二(二)), `ledger` (二(二)1), `marks` and `dates`
(二(二)2), `entry` and `fields` (二(二)3), `form` (二(二)4), `termination` (三), `reuse` and `quality` (what
every office does).
"""

from scanservice.verify.rules import (
    dates,
    entry,
    fields,
    form,
    ledger,
    marks,
    quality,
    reuse,
    route,
    termination,
    who,
)
from scanservice.verify.rules.base import RULES, Rule, Scope, Unknown, fact

__all__ = [
    "RULES",
    "Rule",
    "Scope",
    "Unknown",
    "dates",
    "entry",
    "fact",
    "fields",
    "form",
    "ledger",
    "marks",
    "quality",
    "reuse",
    "route",
    "termination",
    "who",
]
