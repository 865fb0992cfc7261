"""Uploads as they arrive: each file streamed to disk, hashed and counted, never whole in memory."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from anyio.to_thread import run_sync
from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect

from scanservice.settings import Settings
from scanservice.web.problems import ProblemError

MOST_FIELDS = 20
BUFFER_BYTES = 256 * 1024
"""Arriving bytes are written in pieces of this size, in a thread."""


@dataclass(frozen=True, slots=True)
class SpooledFile:
    """A file that has arrived: its own random name on disk; the sender's name is not kept."""

    path: Path
    sha256: str
    size: int


@dataclass(frozen=True)
class Upload:
    files: tuple[SpooledFile, ...]
    fields: dict[str, bytes]


@dataclass
class _Part:
    """A part that is arriving: a file has a path, a field does not."""

    name: str
    path: Path | None
    file: IO[bytes] | None = None
    buffer: bytearray = field(default_factory=bytearray)
    digest: Any = field(default_factory=hashlib.sha256)
    size: int = 0


@asynccontextmanager
async def receive_upload(request: Request, settings: Settings, spool: Path) -> AsyncIterator[Upload]:
    """The upload of a multipart request; what is still in the spool afterwards is removed.

    Raises:
        ProblemError: `media-type-unsupported`, `request-malformed`, `request-too-large`,
            `file-too-large`, `too-many-files`, `file-empty`, `request-invalid`.
    """
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != b"multipart/form-data" or not options.get(b"boundary"):
        raise ProblemError("media-type-unsupported", "Send multipart/form-data.")
    receiver = _Receiver(settings, spool)
    try:
        yield await receiver.receive(request, options[b"boundary"])
    finally:
        await run_sync(receiver.clean_up)


class _Receiver:
    def __init__(self, settings: Settings, spool: Path) -> None:
        self.settings = settings
        self.spool = spool
        self.parts: list[_Part] = []
        self.part: _Part | None = None
        self.full: list[tuple[_Part, bytes]] = []
        self.header_name = b""
        self.header_value = b""
        self.headers: dict[bytes, bytes] = {}
        self.received = 0
        self.ended = False

    async def receive(self, request: Request, boundary: bytes) -> Upload:
        try:
            parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._on_part_begin,
                    "on_header_field": self._on_header_field,
                    "on_header_value": self._on_header_value,
                    "on_header_end": self._on_header_end,
                    "on_headers_finished": self._on_headers_finished,
                    "on_part_data": self._on_part_data,
                    "on_part_end": self._on_part_end,
                    "on_end": self._on_end,
                },
            )
            async for chunk in request.stream():
                self.received += len(chunk)
                if self.received > self.settings.max_upload_bytes + self.settings.max_json_bytes:
                    raise ProblemError("request-too-large")
                parser.write(chunk)
                await self._write_out()
            parser.finalize()
        except (FormParserError, UnicodeDecodeError):
            raise ProblemError("request-malformed", "This is not valid multipart/form-data.") from None
        except ClientDisconnect:
            raise ProblemError("request-malformed", "The upload was cut off.") from None
        if not self.ended:
            raise ProblemError("request-malformed", "The upload was cut off.")
        return self._upload()

    async def _write_out(self) -> None:
        if self.full:
            pieces, self.full = self.full, []
            await run_sync(_write, pieces)

    def _upload(self) -> Upload:
        files = []
        for part in self.parts:
            if part.path is not None:
                if part.size == 0:
                    raise ProblemError("file-empty", extra={"source": f"files[{len(files)}]"})
                files.append(SpooledFile(part.path, part.digest.hexdigest(), part.size))
        fields = {part.name: bytes(part.buffer) for part in self.parts if part.path is None}
        return Upload(tuple(files), fields)

    def clean_up(self) -> None:
        for part in self.parts:
            if part.file is not None:
                part.file.close()
            if part.path is not None:
                part.path.unlink(missing_ok=True)

    # ------------------------------------------------------------------ the parser's callbacks

    def _on_part_begin(self) -> None:
        self.headers = {}
        self.header_name = self.header_value = b""

    def _on_header_field(self, data: bytes, start: int, end: int) -> None:
        self.header_name += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self.header_value += data[start:end]

    def _on_header_end(self) -> None:
        self.headers[self.header_name.lower()] = self.header_value
        self.header_name = self.header_value = b""

    def _on_headers_finished(self) -> None:
        _, options = parse_options_header(self.headers.get(b"content-disposition", b""))
        name = options.get(b"name", b"").decode("utf-8", "replace")
        # A case may come as a file too (`-F case=@case.json`): what it is called decides.
        is_file = b"filename" in options and name != "case"
        if is_file:
            if sum(part.path is not None for part in self.parts) >= self.settings.max_files:
                raise ProblemError("too-many-files", f"Send at most {self.settings.max_files} files.")
            path = self.spool / f"up-{secrets.token_hex(16)}"
        else:
            if sum(part.path is None for part in self.parts) >= MOST_FIELDS:
                raise ProblemError("request-invalid", "Too many fields.")
            path = None
        self.part = _Part(name, path)
        self.parts.append(self.part)

    def _on_part_data(self, data: bytes, start: int, end: int) -> None:
        part = self.part
        assert part is not None
        part.size += end - start
        most = self.settings.max_file_bytes if part.path is not None else self.settings.max_json_bytes
        if part.size > most:
            detail = f"At most {most} bytes."
            raise ProblemError("file-too-large" if part.path is not None else "request-too-large", detail)
        part.buffer += data[start:end]
        if part.path is not None and len(part.buffer) >= BUFFER_BYTES:
            self._hand_over(part)

    def _on_part_end(self) -> None:
        if self.part is not None and self.part.path is not None:
            self._hand_over(self.part)

    def _on_end(self) -> None:
        self.ended = True

    def _hand_over(self, part: _Part) -> None:
        self.full.append((part, bytes(part.buffer)))
        part.buffer.clear()


def _write(pieces: list[tuple[_Part, bytes]]) -> None:
    for part, data in pieces:
        assert part.path is not None
        if part.file is None:
            part.file = part.path.open("xb")
        part.digest.update(data)
        part.file.write(data)
        part.file.flush()
