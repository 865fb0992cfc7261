"""`Idempotency-Key`: the first answer, given again; kept in the transaction that it answers for."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select

from scanservice.service.database import Tx, canonical
from scanservice.service.refusals import RefusedError
from scanservice.service.tables import idempotency


@dataclass(frozen=True, slots=True)
class Claim:
    """Who sent which key, with what request (a SHA-256)."""

    caller: str
    key: str
    request: str


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: dict[str, Any]


def recall(tx: Tx, claim: Claim) -> Answer | None:
    """The answer given before. Raises RefusedError: `idempotency-key-reused` for another request."""
    row = tx.one(
        select(idempotency).where(idempotency.c.caller == claim.caller, idempotency.c.key == claim.key)
    )
    if row is None:
        return None
    if row.request != claim.request:
        raise RefusedError("idempotency-key-reused", "This Idempotency-Key came with another request before.")
    return Answer(row.status, json.loads(row.answer))


def remember(tx: Tx, claim: Claim, answer: Answer, case_id: str | None = None) -> None:
    """Raises IntegrityError where another transaction remembered the key first: begin again."""
    tx.run(
        insert(idempotency).values(
            caller=claim.caller, key=claim.key, request=claim.request, status=answer.status,
            answer=canonical(answer.body), case_id=case_id, created_at=tx.now,
        )
    )  # fmt: skip
