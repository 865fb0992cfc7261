"""What the main system is told: numbered events, and a delivery of each to every hook that wants it."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import insert, select

from scanservice.service.database import Tx, canonical
from scanservice.service.tables import deliveries, events, hooks
from scanservice.service.times import iso

EventType = Literal["scan.checked", "scan.decided"]
EVENT_TYPES: tuple[EventType, ...] = ("scan.checked", "scan.decided")


@dataclass(frozen=True, slots=True)
class Event:
    seq: int
    event_id: str
    type: EventType
    payload: str

    def body(self) -> dict[str, Any]:
        """What is sent and listed: type, timestamp and data, as Standard Webhooks lays it out."""
        return json.loads(self.payload)


def publish(tx: Tx, type_: EventType, case_id: str, scan_id: str, data: Mapping[str, Any]) -> int:
    """Writes an event down in the transaction that makes it true; its number."""
    tx.order_events()
    payload = {"type": type_, "timestamp": iso(tx.now), "data": {"case": case_id, "scan": scan_id, **data}}
    seq = tx.value(
        insert(events)
        .values(
            event_id=f"evt_{secrets.token_hex(12)}", type=type_, case_id=case_id, scan_id=scan_id,
            payload=canonical(payload), created_at=tx.now,
        )
        .returning(events.c.seq)
    )  # fmt: skip
    for hook in tx.all(select(hooks.c.name, hooks.c.types).where(hooks.c.enabled)):
        if type_ in json.loads(hook.types):
            tx.run(
                insert(deliveries).values(
                    hook=hook.name, seq=seq, case_id=case_id, state="waiting", attempts=0,
                    created_at=tx.now, next_at=tx.now,
                )
            )  # fmt: skip
    return seq


def after(tx: Tx, seq: int, limit: int) -> list[Event]:
    """The events after a number, oldest first."""
    rows = tx.all(select(events).where(events.c.seq > seq).order_by(events.c.seq).limit(limit))
    return [Event(row.seq, row.event_id, row.type, row.payload) for row in rows]
