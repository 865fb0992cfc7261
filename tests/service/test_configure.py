"""docs/configure.md is made from the settings; every setting can be set as it says."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from scanservice.service.configure import page
from scanservice.settings import Settings

DOCS = Path(__file__).parents[2] / "docs" / "configure.md"


def test_the_page_is_current() -> None:
    assert DOCS.read_text(encoding="utf-8") == page(), (
        "python -m scanservice.service.configure > docs/configure.md"
    )


def test_a_setting_is_read_from_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCANSERVICE_BACKLOG", "7")
    monkeypatch.setenv("DATABASE_URL", "postgresql://db/scans")
    monkeypatch.setenv("BLOBS", "s3://bucket")
    monkeypatch.setenv("SCANSERVICE_HOOKS_ALLOW", "10.0.0.0/8, 127.0.0.0/8")
    found = Settings()  # type: ignore[call-arg]
    assert (found.backlog, found.database) == (7, "postgresql+psycopg://db/scans")
    assert (found.blob_place, len(found.hooks_allow)) == ("s3://bucket", 2)


def test_settings_reach_the_processes_that_are_started(monkeypatch: pytest.MonkeyPatch) -> None:
    given = Settings(  # type: ignore[call-arg]
        data=Path("elsewhere"),
        database_url="postgresql://db/x",
        secret="a secret that is long enough for it",  # type: ignore[arg-type]
        hooks_allow="10.0.0.0/8",  # type: ignore[arg-type]
        recycle_after=3,
    )
    for name, value in given.environment().items():
        monkeypatch.setenv(name, value)
    assert Settings() == given  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("name", "value"), [("SECRET", "short"), ("PORT", "x"), ("BACKLOG", "0"), ("HOOKS_ALLOW", "everything")]
)
def test_a_wrong_value_is_an_error_at_the_start(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"SCANSERVICE_{name}", value)
    with pytest.raises(ValidationError):
        Settings()  # type: ignore[call-arg]
