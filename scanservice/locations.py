"""Where the template packages lie when nobody says."""

from __future__ import annotations

import os
from pathlib import Path


def default_templates() -> Path:
    """`SCANSERVICE_TEMPLATES`, else `templates` in the current folder, else the one beside the program."""
    if named := os.environ.get("SCANSERVICE_TEMPLATES"):
        return Path(named)
    here = Path("templates")
    return here if here.is_dir() else Path(__file__).parent.parent / "templates"
