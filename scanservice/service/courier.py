"""Delivers webhooks: signed, in each case's order, until a 2xx or for three days.

A delivery may be sent twice (a receiver that answered when the courier died), always under the same
`webhook-id`; it is never left out.
"""

from __future__ import annotations

import datetime as dt
import random
import secrets
from dataclasses import dataclass
from typing import Any

from sqlalchemy import exists, insert, select, update
from standardwebhooks.webhooks import Webhook

from scanservice import __version__
from scanservice.service import outbound
from scanservice.service.database import Record, Tx
from scanservice.service.hooks import due, secrets_of
from scanservice.service.services import Services
from scanservice.service.tables import deliveries, delivery_attempts, events, hooks
from scanservice.service.times import HOUR, SECOND

LONGEST_WAIT_MS = 6 * HOUR
GONE = 410


@dataclass(frozen=True)
class Parcel:
    """A claimed delivery with what is sent."""

    delivery: Record
    hook: Record
    event: Record
    lease: str


def claim_parcel(tx: Tx, lease_ms: int) -> Parcel | None:
    """The next delivery that is due: the oldest undelivered one of its hook and case."""
    earlier = deliveries.alias("earlier")
    blocked = exists().where(
        earlier.c.hook == deliveries.c.hook,
        earlier.c.case_id == deliveries.c.case_id,
        earlier.c.state == "waiting",
        earlier.c.seq < deliveries.c.seq,
    )
    wanted = (
        select(deliveries.c.id)
        .join(hooks, hooks.c.name == deliveries.c.hook)
        .where(due(tx.now), hooks.c.enabled, ~blocked)
        .order_by(deliveries.c.next_at, deliveries.c.id)
        .limit(1)
        .with_for_update(skip_locked=True, of=deliveries)
    )
    row = tx.one(wanted)
    if row is None:
        return None
    lease = secrets.token_hex(16)
    claimed = tx.one(
        update(deliveries)
        .where(deliveries.c.id == row.id)
        .values(lease=lease, lease_until=tx.now + lease_ms)
        .returning(*deliveries.c)
    )
    assert claimed is not None
    hook = tx.one(select(hooks).where(hooks.c.name == claimed.hook))
    event = tx.one(select(events).where(events.c.seq == claimed.seq))
    assert hook is not None and event is not None
    return Parcel(claimed, hook, event, lease)


def deliver_one(services: Services) -> bool:
    """Delivers what is due next; False where nothing is. Raises UnavailableError."""
    settings = services.settings
    # The lease outlasts the attempt; a courier that dies is waited for no longer.
    lease_ms = int((settings.hook_seconds + 20) * SECOND)
    with services.db.read() as tx:
        # Looking costs no write lock; only who sees something due asks for it.
        if tx.one(select(deliveries.c.id).where(due(tx.now)).limit(1)) is None:
            return False
    with services.db.write() as tx:
        parcel = claim_parcel(tx, lease_ms)
    if parcel is None:
        return False
    before = services.db.clock()
    status, error, retry_after = _send(services, parcel)
    with services.db.write() as tx:
        _note(tx, services, parcel, status, error, retry_after, max(0, tx.now - before))
    services.figures.count("deliveries_tried", error or "delivered")
    return True


def _send(services: Services, parcel: Parcel) -> tuple[int | None, str | None, int | None]:
    body = parcel.event.payload.encode()
    try:
        headers = sign(parcel.event.event_id, services.db.clock(), body, _secrets(services, parcel))
        answer = outbound.post(
            parcel.hook.url, body, headers, services.settings.hook_seconds, services.settings.hooks_allow
        )
    except outbound.NotSentError as error:
        return None, error.reason, None
    except ValueError:
        return None, "secret-unreadable", None
    failed = not 200 <= answer.status < 300
    return answer.status, f"status-{answer.status}" if failed else None, answer.retry_after


def _secrets(services: Services, parcel: Parcel) -> list[str]:
    return secrets_of(services.vault, parcel.hook, services.db.clock())


def sign(event_id: str, now_ms: int, body: bytes, keys: list[str]) -> dict[str, str]:
    """The headers of Standard Webhooks; one signature for each valid secret."""
    moment = dt.datetime.fromtimestamp(now_ms // 1000, dt.UTC)
    signatures = [Webhook(key).sign(event_id, moment, body.decode()) for key in keys]
    return {
        "Content-Type": "application/json",
        "User-Agent": f"scanservice/{__version__}",
        "webhook-id": event_id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def _note(
    tx: Tx,
    services: Services,
    parcel: Parcel,
    status: int | None,
    error: str | None,
    retry_after: int | None,
    took_ms: int,
) -> None:
    row = parcel.delivery
    attempts = row.attempts + 1
    first = row.first_at or tx.now
    values: dict[str, Any] = {
        "attempts": attempts, "first_at": first, "last_status": status, "last_error": error,
        "lease": None, "lease_until": None,
    }  # fmt: skip
    if error is None:
        values |= {"state": "delivered", "done_at": tx.now}
    elif tx.now - first >= services.settings.hook_hours * HOUR:
        values |= {"state": "exhausted", "done_at": tx.now}
    else:
        values["next_at"] = tx.now + wait_ms(attempts, services.settings.hook_first_delay, retry_after)
    mine = update(deliveries).where(deliveries.c.id == row.id, deliveries.c.lease == parcel.lease)
    if tx.run(mine.values(**values)).rowcount == 0:
        return  # erased, replayed, or taken over
    tx.run(
        insert(delivery_attempts).values(
            delivery_id=row.id, status=status, error=error, milliseconds=took_ms, at=tx.now
        )
    )
    if status == GONE:
        gone = update(hooks).where(hooks.c.name == row.hook, hooks.c.updated_at == parcel.hook.updated_at)
        tx.run(gone.values(enabled=False, disabled_because="gone", updated_at=tx.now))


def wait_ms(attempts: int, first_seconds: float, retry_after: int | None) -> int:
    """Doubling from the first delay up to six hours, spread by a quarter either way so that many
    failed deliveries do not come back at once; the receiver's own wish counts where it is longer."""
    plain = min(first_seconds * SECOND * 2 ** min(attempts - 1, 20), LONGEST_WAIT_MS)
    spread = int(plain * random.uniform(0.75, 1.25))
    return max(spread, min((retry_after or 0) * SECOND, LONGEST_WAIT_MS))
