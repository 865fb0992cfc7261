"""The migrations make exactly the tables that the program works with, on both databases."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from scanservice.service import migrating
from scanservice.service.tables import metadata
from tests.service.world import World


@pytest.mark.filterwarnings("ignore:.*expression-based index")
def test_migrated_tables_are_the_programs(world: World) -> None:
    with world.services.db.read() as tx:
        context = MigrationContext.configure(tx.connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_a_scripts_file_tells_its_version(world: World) -> None:
    """What is up to date is known from the files' names alone, without loading them."""
    config = Config()
    config.set_main_option("script_location", str(migrating.SCRIPTS))
    scripts = ScriptDirectory.from_config(config)
    assert migrating._known() == {script.revision for script in scripts.walk_revisions()}
    assert migrating.newest() == scripts.get_current_head()
    with world.services.db.read() as tx:
        assert MigrationContext.configure(tx.connection).get_current_revision() == migrating.newest()


def test_migrating_twice_is_migrating_once(world: World) -> None:
    migrating.migrate(world.services.db)
    assert migrating.current(world.services.db) == migrating.newest()
    assert migrating.up_to_date(world.services.db)


def test_a_database_of_a_newer_program_is_worked_with(world: World) -> None:
    from sqlalchemy import text

    with world.services.db.write() as tx:
        tx.run(text("UPDATE alembic_version SET version_num = '9999'"))
    assert migrating.up_to_date(world.services.db)


def test_a_database_without_tables_is_not_ready(world: World) -> None:
    from sqlalchemy import text

    with world.services.db.write() as tx:
        tx.run(text("DELETE FROM alembic_version"))
    answer = world.client.get("/readyz")
    assert (answer.status_code, answer.json()["ready"]) == (503, False)
