"""docs/configure.md, made from the settings: `python -m scanservice.service.configure > that file`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from scanservice.settings import PREFIX, Settings

HEAD = """# Settings

Every setting is an environment variable. Nothing has to be set for one machine; for many, set
`DATABASE_URL`, `BLOBS` and `SCANSERVICE_SECRET`, the same on each. A wrong value stops the start.

| variable | default | meaning |
|---|---|---|
"""
TAIL = """
Sizes are bytes. Rates are as in `10/minute`, counted by all API processes together. A bucket's address and
keys come from the usual variables: `AWS_ENDPOINT_URL`, `AWS_REGION`, `AWS_ACCESS_KEY_ID`,
`AWS_SECRET_ACCESS_KEY`.
"""
PLAIN = ("database_url", "blobs")
"""Settings that are named as other software names them."""


def page() -> str:
    """The whole document."""
    rows = []
    for name, field in Settings.model_fields.items():
        variable = name.upper() if name in PLAIN else PREFIX + name.upper()
        rows.append(f"| `{variable}` | {_shown(field.default)} | {field.description} |\n")
    return HEAD + "".join(rows) + TAIL


def _shown(value: Any) -> str:
    if value is None or value in ("", ()) or isinstance(value, SecretStr):
        return ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value}`" if isinstance(value, str | int | float | Path) else ""


if __name__ == "__main__":
    sys.stdout.write(page())
