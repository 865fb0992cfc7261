"""The command that checks one scan must not load what only the service needs."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("sqlalchemy", "alembic", "fastapi", "pwdlib", "pydantic_settings", "rich.progress")


def test_the_command_line_starts_without_the_service() -> None:
    code = f"import scanservice.cli, sys; print(*(name for name in {HEAVY!r} if name in sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == []
