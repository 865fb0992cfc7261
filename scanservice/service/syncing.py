"""Writing to the disk once for many: whoever asks while another waits for the disk shares the next turn."""

from __future__ import annotations

import os
import threading
from pathlib import Path


class SharedSync:
    """Brings a file's content to the disk, for threads that have all written to it.

    Args:
        file: SQLite's log. It may be gone where its content went into the database, which is synced first.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._counting = threading.Lock()
        self._turn = threading.Lock()
        self._asked = 0
        self._done = 0

    def __call__(self) -> None:
        """Returns when all that was written before the call is on the disk. Raises OSError."""
        with self._counting:
            self._asked += 1
            mine = self._asked
        with self._turn:
            if self._done >= mine:
                return
            asked = self._asked  # who asked by now has written by now
            self._sync()
            self._done = asked

    def _sync(self) -> None:
        try:
            descriptor = os.open(self._file, os.O_RDONLY)
        except FileNotFoundError:
            return
        try:
            os.fdatasync(descriptor)
        finally:
            os.close(descriptor)
