from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from scanservice.evidence import Scan
from scanservice.intake import Limits, ScanFile, open_scan

Opener = Callable[..., Scan]


@pytest.fixture
def opened(tmp_path: Path) -> Opener:
    """Opens contents as the files of one upload: `opened(b"...", limits=..., isolated=...)`."""

    def run(*contents: bytes, limits: Limits = Limits(), isolated: bool = True) -> Scan:  # noqa: B008
        files = []
        for index, content in enumerate(contents):
            path = tmp_path / f"{index}.bin"
            path.write_bytes(content)
            files.append(ScanFile(path, f"file {index + 1}"))
        return open_scan(files, limits, isolated=isolated)

    return run
