"""The seam between the service and the check: what is asked, what comes back.

A `Checker` lives in a process of its own (see `sandbox`): it opens hostile pictures and may be killed
at any moment. Everything that crosses the seam is plain data.
"""

from __future__ import annotations

import datetime as dt
import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from scanservice.case import Case
from scanservice.settings import Settings

Stage = Literal["received", "form", "reading", "done"]
View = Literal["uploaded", "straight", "findings", "thumbnail"]
"""A page as it came, straightened, with the findings drawn on it, or straightened and small."""
VIEWS: tuple[View, ...] = ("uploaded", "straight", "findings", "thumbnail")
Progress = Callable[[Stage], None]


@dataclass(frozen=True, slots=True)
class Reuse:
    """An earlier scan, under another case, that shows the same file, ink or seal imprint."""

    kind: Literal["file", "ink", "seal"]
    case: str
    scan: str


@dataclass(frozen=True, slots=True)
class LedgerPaper:
    """What the ledger of issued forms knows of one serial."""

    serial: str
    holder: str | None
    status: str
    issued_on: dt.date | None
    sealed_in_advance: bool


@dataclass(frozen=True, slots=True)
class Context:
    """Facts beyond the case. `ledger` is None where the office keeps none here."""

    today: dt.date
    reuse: tuple[Reuse, ...] = ()
    ledger: tuple[LedgerPaper, ...] | None = None


@dataclass(frozen=True)
class CheckOutcome:
    """Attributes:
    document: the verdict (contract, 3); the words in it are not kept.
    internal: for reviewers alone: one mapping a finding, in the findings' order.
    evidence: to be judged again without the picture; None where nothing could be opened.
    fingerprint: of the filled-in ink; seals: of each imprint.
    """

    document: Mapping[str, Any]
    internal: Sequence[Mapping[str, Any]] = ()
    evidence: bytes | None = None
    fingerprint: bytes | None = None
    seals: Sequence[bytes] = field(default_factory=tuple)


class OldEvidenceError(Exception):
    """Stored evidence that this version cannot read: the picture has to be looked at again."""


class Checker(Protocol):
    def versions(self) -> Mapping[str, Any]:
        """`rules` and `templates` (id to version): what a verdict made now would name."""
        ...

    def prepare(self) -> None:
        """Loads what the first check or judgement would otherwise wait for."""
        ...

    def check(self, files: Sequence[Path], case: Case, context: Context, progress: Progress) -> CheckOutcome:
        """Raises InputError where a file cannot be opened."""
        ...

    def rejudge(self, evidence: bytes, case: Case, context: Context) -> CheckOutcome:
        """The same scan under other facts, from what was seen; takes milliseconds.

        Raises OldEvidenceError.
        """
        ...

    def page(
        self,
        files: Sequence[Path],
        evidence: bytes | None,
        document: Mapping[str, Any],
        number: int,
        view: View,
    ) -> bytes:
        """A page's picture as JPEG or PNG. Raises InputError, IndexError."""
        ...


def load_checker(settings: Settings) -> Checker:
    """The checker that the settings name."""
    module, _, function = settings.checker.partition(":")
    return getattr(importlib.import_module(module), function)(settings)


def real_checker(settings: Settings) -> Checker:
    """The program's own checker, with the templates of the settings' folder."""
    from scanservice.service.real_checker import RealChecker  # costs seconds: only where pictures are read

    return RealChecker(settings)
