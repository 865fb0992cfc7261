"""What the command line does with the service, beside `serve`: one function a command."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from scanservice.service import accounts, backup, keys, migrating
from scanservice.service.accounts import Account, Role
from scanservice.service.keys import SCOPES, Key, Scope
from scanservice.service.logs import set_up
from scanservice.service.services import Services, open_services
from scanservice.service.supervisor import Supervisor, worker_wards
from scanservice.settings import Settings


@contextmanager
def opened(settings: Settings) -> Iterator[Services]:
    """Services for one command; an embedded database has its tables made first."""
    services = open_services(settings)
    try:
        if not settings.database_url:
            migrating.migrate(services.db)
        yield services
    finally:
        services.close()


def worker(settings: Settings) -> None:
    """`scanservice worker`: workers and a courier, until SIGTERM."""
    set_up("worker")
    wards, held = worker_wards(settings)
    try:
        Supervisor(settings, wards).run()
    finally:
        for file in held:
            file.close()


def migrate(settings: Settings) -> str:
    """`scanservice migrate`: the version that the tables have now. Raises UnavailableError."""
    with opened(settings) as services:
        migrating.migrate(services.db)
        return migrating.newest()


def create_key(settings: Settings, name: str, scopes: Collection[Scope] = SCOPES) -> str:
    """`scanservice keys create`: the key's text, shown this once."""
    with opened(settings) as services, services.db.write() as tx:
        return keys.create_key(tx, services.vault, name, scopes)


def list_keys(settings: Settings) -> list[Key]:
    with opened(settings) as services, services.db.read() as tx:
        return keys.list_keys(tx)


def revoke_key(settings: Settings, key_id: str) -> None:
    """Raises RefusedError: `key-unknown`."""
    with opened(settings) as services, services.db.write() as tx:
        keys.revoke_key(tx, key_id)


def create_account(settings: Settings, login: str, password: str, role: Role) -> Account:
    """`scanservice accounts create`. Raises RefusedError: `account-exists`, `weak-password`."""
    with opened(settings) as services, services.db.write() as tx:
        return accounts.create_account(tx, login, password, role)


def list_accounts(settings: Settings) -> list[Account]:
    with opened(settings) as services, services.db.read() as tx:
        return accounts.list_accounts(tx)


def change_account(
    settings: Settings,
    login: str,
    *,
    password: str | None = None,
    role: Role | None = None,
    disabled: bool | None = None,
) -> Account:
    """Raises RefusedError: `account-unknown`, `weak-password`."""
    with opened(settings) as services, services.db.write() as tx:
        return accounts.change_account(tx, login, password=password, role=role, disabled=disabled)


def save_backup(settings: Settings, target: Path) -> backup.Contents:
    """`scanservice backup FILE`: everything but the secret, consistent, while the service runs."""
    with opened(settings) as services:
        return backup.save(services, target)


def restore_backup(settings: Settings, source: Path) -> backup.Contents:
    """`scanservice restore FILE`: into an empty installation, on whichever database and blobs.

    Raises BackupError.
    """
    with opened(settings) as services:
        migrating.migrate(services.db)
        return backup.load(services, source)
