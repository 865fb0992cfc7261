"""The tables' versions: one command brings a database to this program's, whatever it was."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from scanservice.service.database import Database

MIGRATION_LOCK = 0x5CA9_0002
"""PostgreSQL's advisory lock: of several that migrate at once, one does."""


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def migrate(database: Database) -> None:
    """Brings the tables up to date; up-to-date ones are left alone. Raises UnavailableError."""
    with database.write() as tx:
        if tx.served:
            tx.connection.execute(text(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))
        config = _config()
        config.attributes["connection"] = tx.connection
        command.upgrade(config, "head")


def newest() -> str:
    """The version that this program was made for."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None
    return head


def current(database: Database) -> str | None:
    """The database's version; None where it has no tables yet. Raises UnavailableError."""
    with database.read() as tx:
        return MigrationContext.configure(tx.connection).get_current_revision()


def up_to_date(database: Database) -> bool:
    """Whether this program can work: its own version, or a newer one, which only adds to it."""
    found = current(database)
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    return found == newest() or (found is not None and found not in known)
