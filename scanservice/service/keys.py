"""API keys of the main system and other programs: an id and a secret, kept as a hash, with scopes."""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import insert, select, update

from scanservice.service.database import Record, Tx
from scanservice.service.refusals import RefusedError
from scanservice.service.roles import SCOPES, Scope
from scanservice.service.tables import api_keys
from scanservice.service.times import MINUTE, maybe_iso
from scanservice.service.vault import Vault

PREFIX = "sk"


@dataclass(frozen=True, slots=True)
class Key:
    key_id: str
    name: str
    scopes: frozenset[str]
    created_at: str | None
    used_at: int | None
    revoked_at: str | None


def create_key(tx: Tx, vault: Vault, name: str, scopes: Collection[Scope] = SCOPES) -> str:
    """A new key's whole text, `sk_<id>_<secret>`; it is shown this once."""
    key_id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    tx.run(
        insert(api_keys).values(
            key_id=key_id, name=name, secret_hash=vault.hash(secret), scopes=json.dumps(sorted(scopes)),
            created_at=tx.now,
        )
    )  # fmt: skip
    return f"{PREFIX}_{key_id}_{secret}"


def find_key(tx: Tx, vault: Vault, text: str) -> Key | None:
    """The key that a caller presents; None where it is unknown or revoked."""
    parts = text.split("_", 2)
    if len(parts) != 3 or parts[0] != PREFIX:
        return None
    row = tx.one(select(api_keys).where(api_keys.c.key_id == parts[1], api_keys.c.revoked_at.is_(None)))
    if row is None or not hmac.compare_digest(row.secret_hash, vault.hash(parts[2])):
        return None
    return _key(row)


def note_use(tx: Tx, key_id: str) -> None:
    """When a key was last used, to the minute."""
    stale = api_keys.c.used_at.is_(None) | (api_keys.c.used_at < tx.now - MINUTE)
    tx.run(update(api_keys).where(api_keys.c.key_id == key_id, stale).values(used_at=tx.now))


def stale_use(key: Key, now: int) -> bool:
    """Whether a use is worth noting."""
    return key.used_at is None or key.used_at < now - MINUTE


def list_keys(tx: Tx) -> list[Key]:
    return [_key(row) for row in tx.all(select(api_keys).order_by(api_keys.c.created_at))]


def revoke_key(tx: Tx, key_id: str) -> None:
    """Raises RefusedError: `key-unknown`."""
    found = api_keys.c.key_id == key_id, api_keys.c.revoked_at.is_(None)
    if tx.run(update(api_keys).where(*found).values(revoked_at=tx.now)).rowcount == 0:
        raise RefusedError("key-unknown", "No valid key has this id.")


def any_key(tx: Tx) -> bool:
    """Whether a key was ever made: from then on every caller shows one."""
    return tx.one(select(api_keys.c.key_id).limit(1)) is not None


def _key(row: Record) -> Key:
    return Key(
    row.key_id, row.name, frozenset(json.loads(row.scopes)), maybe_iso(row.created_at),
        row.used_at, maybe_iso(row.revoked_at),
    )  # fmt: skip
