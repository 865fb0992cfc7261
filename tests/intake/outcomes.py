"""What may come of a hostile file: pages, or one of these errors."""

from __future__ import annotations

from typing import Any

File = tuple[Any, ...]
"""Name, content, and the allowed outcomes."""

PAGES, EMPTY, CUT, WRONG, DAMAGED = (
    "pages",
    "file-empty",
    "file-truncated",
    "file-unsupported",
    "file-damaged",
)
LARGE, SMALL, LIMIT, MANY, NONE = (
    "picture-too-large",
    "picture-too-small",
    "decode-limit",
    "too-many-pages",
    "no-pages",
)
LOCKED = "file-encrypted"
