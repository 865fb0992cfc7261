"""Reviewers and administrators: local passwords, or people of a single sign-on; sessions on the server."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from functools import cache
from typing import Any

from pwdlib import PasswordHash
from sqlalchemy import delete, insert, select, update

from scanservice.findings import Language
from scanservice.service.database import Database, Record, Tx
from scanservice.service.refusals import RefusedError
from scanservice.service.roles import Role
from scanservice.service.tables import accounts, sessions
from scanservice.service.times import HOUR, MINUTE
from scanservice.service.vault import Vault, new_token
from scanservice.settings import Settings

SHORTEST_PASSWORD = 12
PREFIX = "session"


@dataclass(frozen=True, slots=True)
class Account:
    account_id: str
    login: str
    role: Role
    language: Language
    disabled: bool
    local: bool


@cache
def _hasher() -> PasswordHash:
    return PasswordHash.recommended()


@cache
def _decoy() -> str:
    """Verified where there is no account, so that its absence takes as long as a wrong password."""
    return _hasher().hash(secrets.token_hex(16))


def create_account(
    tx: Tx, login: str, password: str | None, role: Role = "reviewer", *, subject: str | None = None
) -> Account:
    """A new account. Raises RefusedError: `account-exists`, `weak-password`."""
    if tx.one(select(accounts.c.login).where(accounts.c.login == login)) is not None:
        raise RefusedError("account-exists", "An account has this login already.")
    account_id = secrets.token_hex(12)
    tx.run(
        insert(accounts).values(
            account_id=account_id, login=login, password_hash=_hashed(password), subject=subject, role=role,
            language="zh-CN", created_at=tx.now,
        )
    )  # fmt: skip
    return Account(account_id, login, role, "zh-CN", False, password is not None)


def _hashed(password: str | None) -> str | None:
    if password is None:
        return None
    if len(password) < SHORTEST_PASSWORD:
        raise RefusedError("weak-password", f"A password has {SHORTEST_PASSWORD} characters or more.")
    return _hasher().hash(password)


def log_in(db: Database, settings: Settings, vault: Vault, login: str, password: str) -> str | None:
    """A new session's token; None where login and password do not fit an enabled account.

    The slow hash is computed between two transactions, so that nobody waits for it.
    """
    with db.read() as tx:
        row = tx.one(select(accounts).where(accounts.c.login == login))
    stored = row.password_hash if row is not None and row.password_hash else _decoy()
    right, newer = _hasher().verify_and_update(password, stored)
    if row is None or not row.password_hash or row.disabled_at is not None or not right:
        return None
    with db.write() as tx:
        if newer is not None:
            mine = accounts.c.account_id == row.account_id
            tx.run(update(accounts).where(mine).values(password_hash=newer))
        return open_session(tx, settings, vault, row.account_id)


def log_in_from_outside(
    tx: Tx, settings: Settings, vault: Vault, subject: str, login: str, role: Role
) -> str | None:
    """A session for somebody whom the single sign-on vouches for; their role is what it says today."""
    row = tx.one(select(accounts).where(accounts.c.subject == subject))
    if row is None:
        taken = tx.one(select(accounts.c.login).where(accounts.c.login == login)) is not None
        name = f"{login}-{secrets.token_hex(3)}" if taken else login
        account = create_account(tx, name, None, role, subject=subject)
        return open_session(tx, settings, vault, account.account_id)
    if row.disabled_at is not None:
        return None
    tx.run(update(accounts).where(accounts.c.account_id == row.account_id).values(role=role))
    return open_session(tx, settings, vault, row.account_id)


def open_session(tx: Tx, settings: Settings, vault: Vault, account_id: str) -> str:
    """A session with a token of its own: none that was there before the log-in goes on."""
    token = new_token(PREFIX)
    tx.run(
        insert(sessions).values(
            token_hash=vault.hash(token), account_id=account_id, created_at=tx.now, seen_at=tx.now,
            expires_at=tx.now + int(settings.session_hours * HOUR),
        )
    )  # fmt: skip
    return token


def find_session(tx: Tx, settings: Settings, vault: Vault, token: str) -> Account | None:
    """Whose session a token is; None where it is over, was idle too long, or the account is disabled."""
    idle = int(settings.session_idle_minutes * MINUTE)
    row = tx.one(
        select(accounts)
        .join(sessions, sessions.c.account_id == accounts.c.account_id)
        .where(
            sessions.c.token_hash == vault.hash(token),
            sessions.c.expires_at > tx.now,
            sessions.c.seen_at > tx.now - idle,
            accounts.c.disabled_at.is_(None),
        )
    )
    return None if row is None else _account(row)


def session_stale(tx: Tx, vault: Vault, token: str) -> bool:
    """Whether the use of a session is worth noting."""
    mine = sessions.c.token_hash == vault.hash(token), sessions.c.seen_at < tx.now - MINUTE
    return tx.one(select(sessions.c.token_hash).where(*mine)) is not None


def touch_session(tx: Tx, vault: Vault, token: str) -> None:
    """Notes that a session is used, to the minute."""
    stale = sessions.c.seen_at < tx.now - MINUTE
    tx.run(update(sessions).where(sessions.c.token_hash == vault.hash(token), stale).values(seen_at=tx.now))


def log_out(tx: Tx, vault: Vault, token: str) -> None:
    tx.run(delete(sessions).where(sessions.c.token_hash == vault.hash(token)))


def list_accounts(tx: Tx) -> list[Account]:
    return [_account(row) for row in tx.all(select(accounts).order_by(accounts.c.login))]


def change_account(
    tx: Tx,
    login: str,
    *,
    password: str | None = None,
    role: Role | None = None,
    language: Language | None = None,
    disabled: bool | None = None,
) -> Account:
    """Changes what is given; a new password, or disabling, ends the account's sessions.

    Raises RefusedError: `account-unknown`, `weak-password`.
    """
    row = tx.one(select(accounts).where(accounts.c.login == login).with_for_update())
    if row is None:
        raise RefusedError("account-unknown", "No account has this login.")
    values: dict[str, Any] = {}
    if password is not None:
        values["password_hash"] = _hashed(password)
    if role is not None:
        values["role"] = role
    if language is not None:
        values["language"] = language
    if disabled is not None:
        values["disabled_at"] = tx.now if disabled else None
    if values:
        tx.run(update(accounts).where(accounts.c.login == login).values(**values))
    if password is not None or disabled:
        tx.run(delete(sessions).where(sessions.c.account_id == row.account_id))
    changed = tx.one(select(accounts).where(accounts.c.login == login))
    assert changed is not None
    return _account(changed)


def _account(row: Record) -> Account:
    return Account(
        row.account_id, row.login, row.role, row.language, row.disabled_at is not None,
        row.password_hash is not None,
    )  # fmt: skip
