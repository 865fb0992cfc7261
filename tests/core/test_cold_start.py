"""The command that checks one scan must not load what only the service needs."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("sqlalchemy", "alembic", "fastapi", "pwdlib", "pydantic_settings", "rich.progress")


@pytest.mark.parametrize(
    ("module", "others"),
    [
        ("scanservice.web.serve", ("fastapi", "uvicorn", "alembic", "cv2")),
        ("scanservice.web.app", ("alembic", "authlib", "joserfc", "openpyxl", "scipy")),
        ("scanservice.service.worker", ("fastapi", "alembic", "cv2", "onnxruntime")),
    ],
)
def test_a_process_of_the_service_loads_what_it_needs(module: str, others: tuple[str, ...]) -> None:
    """Each costs tenths of a second, for which a service that starts is waited."""
    code = f"import {module}, sys; print(*(name for name in {others!r} if name in sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == []


def test_the_command_line_starts_without_the_service() -> None:
    code = f"import scanservice.cli, sys; print(*(name for name in {HEAVY!r} if name in sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == []
