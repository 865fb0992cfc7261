"""The HTTP API: thin calls, one transaction each."""

from __future__ import annotations

from fastapi import Depends, FastAPI

from scanservice.web.api import (
    cases,
    checks,
    events,
    hooks,
    links,
    operations,
    papers,
    reruns,
    review,
    scans,
)
from scanservice.web.auth import authorise

PARTS = (checks, cases, scans, links, papers, review, hooks, events, reruns, operations)


def include(app: FastAPI) -> None:
    """Adds every call, each behind the table of who may make it."""
    for part in PARTS:
        app.include_router(part.router, dependencies=[Depends(authorise)])
