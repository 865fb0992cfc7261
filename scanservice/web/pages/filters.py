"""The queue's filter as the address holds it, so that a case knows which queue it came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args
from urllib.parse import parse_qsl, urlencode

from scanservice.service.queue import QueueFilter
from scanservice.service.times import HOUR
from scanservice.verdict import VerdictKind
from scanservice.web.pages.forms import clean, one_of

QueueState = Literal["open", "waiting", "decided", "all"]
STATES: tuple[QueueState, ...] = get_args(QueueState)
WAITS = (1, 4, 24, 72)
"""Hours that the filter for waiting time offers."""


@dataclass(frozen=True, slots=True)
class QueueQuery:
    state: QueueState = "open"
    verdicts: tuple[str, ...] = ()
    finding: str = ""
    college: str = ""
    search: str = ""
    waited: int = 0
    newest: bool = False

    @classmethod
    def parse(cls, pairs: Sequence[tuple[str, str]]) -> QueueQuery:
        """From an address; what it does not know, it leaves out."""
        found: dict[str, list[str]] = {}
        for name, value in pairs:
            found.setdefault(name, []).append(clean(value)[:200])
        last = {name: values[-1] for name, values in found.items()}
        hours = last.get("waited", "")
        return cls(
            state=one_of(last.get("state"), STATES) or "open",
            verdicts=tuple(kind for kind in get_args(VerdictKind) if kind in found.get("verdict", ())),
            finding=last.get("finding", ""),
            college=last.get("college", ""),
            search=last.get("search", ""),
            waited=int(hours) if hours.isascii() and hours.isdigit() and len(hours) < 6 else 0,
            newest=last.get("order") == "newest",
        )

    @classmethod
    def parse_text(cls, text: str) -> QueueQuery:
        return cls.parse(parse_qsl(text[:2000], max_num_fields=30))

    def __str__(self) -> str:
        """As a part of an address; empty for the queue as it opens."""
        pairs = [("state", self.state)] if self.state != "open" else []
        pairs += [("verdict", kind) for kind in self.verdicts]
        pairs += [
            (name, getattr(self, name)) for name in ("finding", "college", "search") if getattr(self, name)
        ]
        pairs += [("waited", str(self.waited))] if self.waited else []
        return urlencode(pairs + ([("order", "newest")] if self.newest else []))

    def but(self, **changes: object) -> str:
        """The address of the queue with another choice."""
        query = str(replace(self, **changes))  # type: ignore[arg-type]
        return f"/review?{query}" if query else "/review"

    def filter(self, after: tuple[int, str] | None = None, limit: int = 50) -> QueueFilter:
        return QueueFilter(
            state=self.state,
            verdicts=self.verdicts,
            finding=self.finding or None,
            college=self.college or None,
            search=self.search or None,
            waited_ms=self.waited * HOUR if self.waited else None,
            newest_first=self.newest,
            after=after,
            limit=limit,
        )
