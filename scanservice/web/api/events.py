"""`GET /v1/events`: for a main system that would rather ask than be told, or that was away."""

from __future__ import annotations

import time
from typing import Annotated, Any

from fastapi import APIRouter, Query

from scanservice.service import events
from scanservice.web.api import examples
from scanservice.web.api.shared import errors
from scanservice.web.auth import CallerOf, ServicesOf

router = APIRouter(prefix="/v1", tags=["events"])

LOOK_SECONDS = 0.5
LONGEST_WAIT = 20


@router.get(
    "/events",
    summary="What happened after an event",
    responses={
        200: {"content": {"application/json": {"example": {"events": [examples.EVENT], "last": 17}}}},
        **errors(),
    },
)
def list_events(
    services: ServicesOf,
    caller: CallerOf,
    after: Annotated[int, Query(ge=0, le=2**62, description="`last` of the answer before.")] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    wait: Annotated[float, Query(ge=0, le=LONGEST_WAIT, description="Seconds to wait for a first one.")] = 0,
) -> dict[str, Any]:
    """Events in the order in which they became true; none is ever added before one that was shown."""
    deadline = time.monotonic() + wait
    while True:
        with services.db.read() as tx:
            found = events.after(tx, after, limit)
        if found or time.monotonic() >= deadline:
            break
        time.sleep(LOOK_SECONDS)
    return {
        "events": [{"seq": event.seq, "id": event.event_id, **event.body()} for event in found],
        "last": found[-1].seq if found else after,
    }
