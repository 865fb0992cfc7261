"""Who may do what: names alone, so that whoever only lists them does not load the database."""

from __future__ import annotations

from typing import Literal, get_args

Role = Literal["reviewer", "admin"]
Scope = Literal[
    "check", "cases", "scans", "links", "papers", "queue", "decisions", "hooks", "events", "reruns", "erase"
]
SCOPES: tuple[Scope, ...] = get_args(Scope)
