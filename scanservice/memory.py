"""Memory that has a descriptor, to be handed to another process or opened like a file."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable


def in_memory(pieces: Iterable[bytes]) -> int:
    """A descriptor of anonymous memory that holds the pieces one after the other.

    It can be sealed by whoever receives it. Where the system has no such memory it is a file without a
    name.
    """
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("scanservice", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    else:
        with tempfile.TemporaryFile() as file:
            descriptor = os.dup(file.fileno())
    for piece in pieces:
        view = memoryview(piece)
        while view:
            view = view[os.write(descriptor, view) :]
    return descriptor
