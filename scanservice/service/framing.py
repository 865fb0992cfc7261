"""Messages between a process and its checking child: a JSON header, then the blobs that it counts.

No pickles: the child opens hostile pictures, and what comes out of it is data, never code.
"""

from __future__ import annotations

import json
import struct
from typing import IO, Any, Protocol

HEADER = struct.Struct(">II")
MOST_HEADER = 64 * 2**20
MOST_BLOB = 512 * 2**20


class FramingError(Exception):
    """The other side ended, or sent what is no message."""


def send(stream: IO[bytes], header: dict[str, Any], *blobs: bytes) -> None:
    text = json.dumps(header, ensure_ascii=False).encode()
    stream.write(HEADER.pack(len(text), len(blobs)))
    stream.write(text)
    for blob in blobs:
        stream.write(struct.pack(">I", len(blob)))
        stream.write(blob)
    stream.flush()


class Readable(Protocol):
    def read(self, size: int, /) -> bytes | None: ...


def receive(stream: Readable) -> tuple[dict[str, Any], list[bytes]]:
    size, count = HEADER.unpack(_exactly(stream, HEADER.size))
    if size > MOST_HEADER or count > 1000:
        raise FramingError("too large")
    header = json.loads(_exactly(stream, size))
    blobs = []
    for _ in range(count):
        (length,) = struct.unpack(">I", _exactly(stream, 4))
        if length > MOST_BLOB:
            raise FramingError("too large")
        blobs.append(_exactly(stream, length))
    return header, blobs


def _exactly(stream: Readable, size: int) -> bytes:
    data = stream.read(size)
    if data is None or len(data) != size:
        raise FramingError("ended")
    return data
