"""What every part of the service works with, opened once a process."""

from __future__ import annotations

from dataclasses import dataclass, field

from scanservice.service.blobs import Blobs, open_blobs
from scanservice.service.database import Clock, Database, wall_clock
from scanservice.service.figures import Figures
from scanservice.service.reuse import Memory
from scanservice.service.sandbox import Sandbox
from scanservice.service.vault import Vault, open_vault
from scanservice.settings import Settings


@dataclass(frozen=True)
class Services:
    """Attributes:
    desk: the checking process for pages and new facts, which take milliseconds.
    bench: the one for whole checks, and for new facts while the desk draws a page.
    memory: of papers and seals seen before.
    figures: what this process counts for operators.
    """

    settings: Settings
    db: Database
    blobs: Blobs
    vault: Vault
    desk: Sandbox
    bench: Sandbox
    memory: Memory = field(default_factory=Memory)
    figures: Figures = field(default_factory=Figures)

    @property
    def quickest(self) -> Sandbox:
        """A checking process that can judge new facts at once, if there is one: the other may be at a page,
        or at a whole check."""
        return self.bench if self.bench.idle and not self.desk.idle else self.desk

    @property
    def lease_ms(self) -> int:
        return int(self.settings.lease_seconds * 1000)

    def close(self) -> None:
        self.desk.close()
        self.bench.close()
        self.db.close()


def open_services(settings: Settings, clock: Clock = wall_clock) -> Services:
    """Opens database, blobs and secret; the checking processes start when first asked."""
    settings.data.mkdir(parents=True, exist_ok=True)
    return Services(
        settings=settings,
        db=Database(settings.database, clock),
        blobs=open_blobs(settings.blob_place),
        vault=open_vault(settings),
        desk=Sandbox(settings),
        bench=Sandbox(settings),
    )
