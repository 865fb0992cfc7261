"""Files that arrive piece by piece, so that a broken connection costs the piece that was under way.

A file lies in the spool under a name that says whose it is and how long it will be; its length on disk is how
much of it has arrived. So nothing has to be kept in step, a crash loses nothing that was acknowledged (each
piece is synced first), and what is never finished is swept with the rest of the spool.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from anyio.to_thread import run_sync
from starlette.requests import ClientDisconnect

from scanservice.settings import Settings
from scanservice.web.problems import ProblemError
from scanservice.web.uploads import SpooledFile

READ_BYTES = 1 << 20
_NAME = re.compile(r"part-(?P<owner>[0-9a-f]{32})-(?P<id>[0-9a-f]{24})-(?P<length>\d{1,12})")


class OffsetError(Exception):
    """A piece does not begin where the file ends.

    Attributes:
        offset: where it ends.
    """

    def __init__(self, offset: int) -> None:
        super().__init__(offset)
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file that is arriving; `length` is what it will have in the end, in bytes."""

    id: str
    path: Path
    length: int

    @property
    def offset(self) -> int:
        return self.path.stat().st_size

    def spooled(self) -> SpooledFile:
        """Raises ProblemError: `request-invalid` while something is missing."""
        digest = hashlib.sha256()
        with self.path.open("rb") as file:
            while piece := file.read(READ_BYTES):
                digest.update(piece)
            size = file.tell()
        if size != self.length:
            raise ProblemError("request-invalid", "A file has not arrived in full.")
        return SpooledFile(self.path, digest.hexdigest(), size)


class Arrivals:
    """All that is arriving at this process.

    Args:
        owner: of a file: hexadecimal digits that are told from those of all others by the first 32.
    """

    def __init__(self, spool: Path, settings: Settings) -> None:
        self._spool = spool
        self._settings = settings
        self._writers: dict[str, object] = {}

    def create(self, owner: str, length: int) -> Arrival:
        """Room for a file. The owner's oldest ones make way where there would be too many, or too much.

        Raises ProblemError: `file-empty`, `file-too-large`.
        """
        if length < 1:
            raise ProblemError("file-empty")
        if length > self._settings.max_file_bytes:
            raise ProblemError("file-too-large")
        others = self.of(owner)
        while others and (
            len(others) >= self._settings.max_files
            or length + sum(other.length for other in others) > self._settings.max_upload_bytes
        ):
            others.pop(0).path.unlink(missing_ok=True)
        id_ = secrets.token_hex(12)
        path = self._spool / f"part-{owner[:32]}-{id_}-{length}"
        path.touch(exist_ok=False)
        return Arrival(id_, path, length)

    def of(self, owner: str) -> list[Arrival]:
        """An owner's files, the oldest first."""
        found: list[tuple[int, Arrival]] = []
        for path in self._spool.glob(f"part-{owner[:32]}-*"):
            name = _NAME.fullmatch(path.name)
            with suppress(FileNotFoundError):  # it has just made way
                touched = path.stat().st_mtime_ns
                if name is not None:
                    found.append((touched, Arrival(name["id"], path, int(name["length"]))))
        return [arrival for _, arrival in sorted(found, key=lambda entry: entry[0])]

    def find(self, owner: str, id_: str) -> Arrival:
        """Raises ProblemError: `not-found`."""
        for arrival in self.of(owner):
            if arrival.id == id_:
                return arrival
        raise ProblemError("not-found")

    def discard(self, owner: str) -> None:
        for arrival in self.of(owner):
            arrival.path.unlink(missing_ok=True)

    def stop(self, arrival: Arrival) -> None:
        """Whoever is still sending the file is no longer listened to: its connection may hang for minutes."""
        self._writers.pop(arrival.id, None)

    async def append(self, arrival: Arrival, offset: int, pieces: AsyncIterator[bytes]) -> int:
        """Takes what comes, as far as it comes; where the file ends now.

        Raises OffsetError, ProblemError: `request-too-large`, `not-found`.
        """
        me = self._writers[arrival.id] = object()
        try:
            descriptor = await run_sync(os.open, arrival.path, os.O_WRONLY)
        except FileNotFoundError:
            raise ProblemError("not-found") from None
        try:
            if offset != arrival.offset:
                raise OffsetError(arrival.offset)
            async for piece in pieces:
                if self._writers.get(arrival.id) is not me:
                    break
                if offset + len(piece) > arrival.length:
                    raise ProblemError("request-too-large", "More than the length that was announced.")
                await run_sync(_write, descriptor, piece, offset)
                offset += len(piece)
        except ClientDisconnect:
            pass  # what came stays
        finally:
            if self._writers.get(arrival.id) is me:
                del self._writers[arrival.id]
            await run_sync(_settle, descriptor)
        return offset


def _write(descriptor: int, piece: bytes, offset: int) -> None:
    left = memoryview(piece)
    while left:
        written = os.pwrite(descriptor, left, offset)
        left, offset = left[written:], offset + written


def _settle(descriptor: int) -> None:
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
