"""Who may call what: one table, enforced for every call of the API, and walked by a test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from scanservice.service.accounts import Role
from scanservice.service.keys import Scope

Link = Literal["no", "unused", "own"]


@dataclass(frozen=True, slots=True)
class Access:
    """Attributes:
    scope: that an API key needs; None: keys may not call it.
    roles: of people who are logged in.
    link: `unused`: a student's link that has not uploaded yet, for its own case; `own`: any link,
        for the scan that it uploaded.
    public: anybody. operator: addresses of the operator's networks.
    """

    scope: Scope | None = None
    roles: frozenset[Role] = frozenset()
    link: Link = "no"
    public: bool = False
    operator: bool = False


DESK: frozenset[Role] = frozenset({"reviewer", "admin"})
ADMIN: frozenset[Role] = frozenset({"admin"})

ACCESS: Mapping[str, Access] = {
    "POST /v1/checks": Access("check"),
    "PUT /v1/cases/{case}": Access("cases"),
    "GET /v1/cases/{case}": Access("cases", DESK),
    "DELETE /v1/cases/{case}": Access("erase", ADMIN),
    "POST /v1/cases/{case}/scans": Access("scans", link="unused"),
    "GET /v1/cases/{case}/scans": Access("scans", DESK),
    "POST /v1/cases/{case}/links": Access("links", DESK),
    "GET /v1/scans/{scan}": Access("scans", DESK, "own"),
    "GET /v1/scans/{scan}/events": Access("scans", DESK, "own"),
    "GET /v1/scans/{scan}/history": Access("queue", DESK),
    "GET /v1/scans/{scan}/pages/{number}": Access("scans", DESK, "own"),
    "POST /v1/scans/{scan}/decision": Access("decisions", DESK),
    "GET /v1/queue": Access("queue", DESK),
    "GET /v1/papers": Access("papers", DESK),
    "POST /v1/papers/import": Access("papers", ADMIN),
    "GET /v1/papers/{serial}": Access("papers", DESK),
    "PUT /v1/papers/{serial}": Access("papers", ADMIN),
    "GET /v1/hooks": Access("hooks", ADMIN),
    "PUT /v1/hooks/{name}": Access("hooks", ADMIN),
    "GET /v1/hooks/{name}": Access("hooks", ADMIN),
    "DELETE /v1/hooks/{name}": Access("hooks", ADMIN),
    "GET /v1/hooks/{name}/deliveries": Access("hooks", ADMIN),
    "POST /v1/hooks/{name}/replay": Access("hooks", ADMIN),
    "POST /v1/hooks/{name}/deliveries/{delivery}/replay": Access("hooks", ADMIN),
    "GET /v1/events": Access("events"),
    "POST /v1/reruns": Access("reruns", ADMIN),
    "GET /v1/reruns/{rerun}": Access("reruns", ADMIN),
    "POST /v1/reruns/{rerun}/apply": Access("reruns", ADMIN),
    "DELETE /v1/reruns/{rerun}": Access("reruns", ADMIN),
    "GET /healthz": Access(public=True),
    "GET /readyz": Access(public=True),
    "GET /metrics": Access(operator=True),
    "GET /problems/{type}": Access(public=True),
}
