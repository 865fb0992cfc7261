"""The tables' versions: one command brings a database to this program's, whatever it was."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import inspect, text

from scanservice.service.database import Database

SCRIPTS = Path(__file__).parent / "migrations"

MIGRATION_LOCK = 0x5CA9_0002
"""PostgreSQL's advisory lock: of several that migrate at once, one does."""


def migrate(database: Database) -> None:
    """Brings the tables up to date; up-to-date ones are left alone. Raises UnavailableError."""
    if up_to_date(database):
        return
    from alembic import command  # takes a while: only where tables are changed
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    with database.write() as tx:
        if tx.served:
            tx.connection.execute(text(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))
        config.attributes["connection"] = tx.connection
        command.upgrade(config, "head")


def newest() -> str:
    """The version that this program was made for."""
    return max(_known())


def _known() -> set[str]:
    """The versions that this program has a script for: each is what its file's name begins with."""
    return {path.name.partition("_")[0] for path in (SCRIPTS / "versions").glob("[0-9]*_*.py")}


def current(database: Database) -> str | None:
    """The database's version; None where it has no tables yet. Raises UnavailableError."""
    with database.read() as tx:
        if not inspect(tx.connection).has_table("alembic_version"):
            return None
        return tx.value(text("SELECT version_num FROM alembic_version"))


def up_to_date(database: Database) -> bool:
    """Whether this program can work: its own version, or a newer one, which only adds to it."""
    found = current(database)
    return found is not None and (found == newest() or found not in _known())
