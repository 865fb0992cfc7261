"""The library of known forms, kept on disk between runs: making it costs half a second a page."""

from __future__ import annotations

import hashlib
import os
import pickle
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path

from scanservice.detect import blank
from scanservice.detect.library import Library, build_library
from scanservice.template import Template


def cached_library(templates: Sequence[Template], folder: Path | None = None) -> Library:
    """As `build_library`, from `folder` where the same forms were seen by the same code before.

    Args:
        folder: by default the user's cache folder. It has to be the user's own, and is made so: what lies
            there is unpickled. One that cannot be used costs time, never an error.
    """
    folder = folder or default_folder()
    path = folder / f"forms-{_key(templates)}.pickle"
    if _is_ours(folder):
        # A file of another release, or cut off by a full disk, is made again.
        with suppress(OSError, pickle.UnpicklingError, EOFError, AttributeError, ImportError, ValueError):
            found = pickle.loads(path.read_bytes())  # noqa: S301 - our own file in our own folder
            if isinstance(found, Library):
                return found
    library = build_library(templates)
    blank.let_go()
    with suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if _is_ours(folder):
            _write(path, pickle.dumps(library, protocol=pickle.HIGHEST_PROTOCOL))
    return library


def default_folder() -> Path:
    """`$XDG_CACHE_HOME/scanservice`, by default in the home folder."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "scanservice"


def _is_ours(folder: Path) -> bool:
    """Whether nobody else can have put something there."""
    try:
        status = folder.stat()
    except OSError:
        return False
    return status.st_uid == os.getuid() and not status.st_mode & 0o022


def _key(templates: Sequence[Template]) -> str:
    forms = "".join(
        f"{template.id}:{template.version}:{template.folder.resolve()};" for template in templates
    )
    return hashlib.sha256((_code() + forms).encode()).hexdigest()[:32]


@cache
def _code() -> str:
    """A digest of everything that the library's content depends on beside the forms."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _write(path: Path, data: bytes) -> None:
    """Whole or not at all, also where two processes write at once."""
    handle, name = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
    Path(name).replace(path)
