"""Webhooks: who is told, and what became of each delivery."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, or_, select, update

from scanservice.service.database import Record, Tx
from scanservice.service.events import EVENT_TYPES, EventType
from scanservice.service.outbound import Network, judge_url
from scanservice.service.refusals import RefusedError
from scanservice.service.tables import deliveries, delivery_attempts, events, hooks
from scanservice.service.times import DAY, iso, maybe_iso
from scanservice.service.vault import Vault

SECRET_BYTES = 32
OLD_SECRET_MS = DAY
"""After a change of secret both sign for so long, so that the receiver can follow."""


@dataclass(frozen=True, slots=True)
class HookPut:
    """`secret` is shown when it was made here, and never again."""

    created: bool
    secret: str | None


def new_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def put_hook(
    tx: Tx,
    vault: Vault,
    allowed: Sequence[Network],
    name: str,
    url: str,
    types: Sequence[EventType] = EVENT_TYPES,
    *,
    secret: str | None = None,
    rotate: bool = False,
    enabled: bool = True,
) -> HookPut:
    """Sets a webhook. A first secret is made where none is given; `rotate` makes another.

    Raises RefusedError: `hook-address-refused`.
    """
    why = judge_url(url, allowed)
    if why is not None:
        raise RefusedError("hook-address-refused", f"The hook's url {why}.")
    row = tx.one(select(hooks).where(hooks.c.name == name).with_for_update())
    values: dict[str, Any] = {
        "url": url, "types": json.dumps(sorted(set(types))), "enabled": enabled, "disabled_because": None,
        "updated_at": tx.now,
    }  # fmt: skip
    made = secret
    if row is None or (rotate and secret is None):
        made = secret or new_secret()
    if made is not None:
        values["secret"] = vault.seal(made)
        if row is not None:
            values |= {"old_secret": row.secret, "old_secret_until": tx.now + OLD_SECRET_MS}
    if row is None:
        tx.run(insert(hooks).values(name=name, created_at=tx.now, **values))
    else:
        tx.run(update(hooks).where(hooks.c.name == name).values(**values))
    return HookPut(row is None, made if secret is None else None)


def get_hook(tx: Tx, name: str) -> Record:
    """Raises RefusedError: `hook-unknown`."""
    row = tx.one(select(hooks).where(hooks.c.name == name))
    if row is None:
        raise RefusedError("hook-unknown", "No hook has this name.")
    return row


def list_hooks(tx: Tx) -> list[Record]:
    return tx.all(select(hooks).order_by(hooks.c.name))


def delete_hook(tx: Tx, name: str) -> None:
    """Removes a hook with its deliveries. Raises RefusedError: `hook-unknown`."""
    get_hook(tx, name)
    mine = select(deliveries.c.id).where(deliveries.c.hook == name)
    tx.run(delete(delivery_attempts).where(delivery_attempts.c.delivery_id.in_(mine)))
    tx.run(delete(deliveries).where(deliveries.c.hook == name))
    tx.run(delete(hooks).where(hooks.c.name == name))


def hook_dict(row: Record) -> dict[str, Any]:
    return {
        "name": row.name,
        "url": row.url,
        "types": json.loads(row.types),
        "enabled": row.enabled,
        "disabled_because": row.disabled_because,
        "updated_at": iso(row.updated_at),
    }


def list_deliveries(
    tx: Tx, name: str, *, state: str | None = None, before: int | None = None, limit: int = 100
) -> list[Record]:
    """A hook's deliveries with their events, newest first. Raises RefusedError: `hook-unknown`."""
    get_hook(tx, name)
    wanted = (
        select(deliveries, events.c.event_id, events.c.type, events.c.scan_id)
        .join(events, events.c.seq == deliveries.c.seq)
        .where(deliveries.c.hook == name)
    )
    if state is not None:
        wanted = wanted.where(deliveries.c.state == state)
    if before is not None:
        wanted = wanted.where(deliveries.c.id < before)
    return tx.all(wanted.order_by(deliveries.c.id.desc()).limit(min(limit, 500)))


def delivery_dict(row: Record) -> dict[str, Any]:
    return {
        "id": row.id,
        "event": row.event_id,
        "seq": row.seq,
        "type": row.type,
        "case": row.case_id,
        "scan": row.scan_id,
        "state": row.state,
        "attempts": row.attempts,
        "last_status": row.last_status,
        "last_error": row.last_error,
        "created_at": iso(row.created_at),
        "next_at": iso(row.next_at) if row.state == "waiting" else None,
        "done_at": maybe_iso(row.done_at),
    }


def attempts_of(tx: Tx, delivery_id: int) -> list[Record]:
    mine = delivery_attempts.c.delivery_id == delivery_id
    return tx.all(select(delivery_attempts).where(mine).order_by(delivery_attempts.c.id))


def replay(tx: Tx, name: str, delivery_id: int | None = None) -> int:
    """Sends again what was exhausted, or one delivery whatever its state; how many.

    Raises RefusedError: `hook-unknown`, `delivery-unknown`.
    """
    get_hook(tx, name)
    again = update(deliveries).where(deliveries.c.hook == name)
    if delivery_id is None:
        again = again.where(deliveries.c.state == "exhausted")
    else:
        again = again.where(deliveries.c.id == delivery_id)
    count = tx.run(
        again.values(
            state="waiting", next_at=tx.now, first_at=None, done_at=None, attempts=0, lease=None,
            lease_until=None,
        )
    ).rowcount  # fmt: skip
    if delivery_id is not None and count == 0:
        raise RefusedError("delivery-unknown", "The hook has no delivery of this id.")
    return count


def secrets_of(vault: Vault, row: Record, now: int) -> list[str]:
    """The secrets that sign now, the current one first."""
    found = [vault.open(row.secret)]
    if row.old_secret is not None and (row.old_secret_until or 0) > now:
        found.append(vault.open(row.old_secret))
    return found


def due(now: int) -> Any:
    """Condition of a delivery that may be tried now."""
    free = or_(deliveries.c.lease_until.is_(None), deliveries.c.lease_until <= now)
    return (deliveries.c.state == "waiting") & (deliveries.c.next_at <= now) & free
