"""Bytes to pages: what a file is, PDF, pictures, limits, the sandbox.

The names are loaded when they are first used: the decoding process imports this package too, and must start
without OpenCV and NumPy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scanservice.intake.client import DecoderUnavailableError
    from scanservice.intake.display import display_jpeg
    from scanservice.intake.limits import Limits
    from scanservice.intake.opening import ScanFile, open_scan, prepare

__all__ = ["DecoderUnavailableError", "Limits", "ScanFile", "display_jpeg", "open_scan", "prepare"]

_HOMES = {
    "DecoderUnavailableError": "client",
    "Limits": "limits",
    "ScanFile": "opening",
    "display_jpeg": "display",
    "open_scan": "opening",
    "prepare": "opening",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
