"""What passes between the service and the decoding process: fixed records of numbers, and descriptors.

A request is `REQUEST` with the limits, sent with one descriptor for the answers and one for each file.
An answer is a `Message` of `MESSAGE_SIZE` bytes; a page comes with the descriptor of its pixels. Nothing is
ever unpickled or evaluated; whatever arrives from the decoding process is checked as numbers.
"""

from __future__ import annotations

import array
import socket
import struct
from dataclasses import dataclass
from enum import IntEnum

from scanservice.intake.limits import PACKED_SIZE, Limits

_REQUEST = struct.Struct(f"!4sH{PACKED_SIZE}s")
_MESSAGE = struct.Struct("!BHHIIIIdd3Q")
_MAGIC = b"scn1"
REQUEST_SIZE = _REQUEST.size
MESSAGE_SIZE = _MESSAGE.size
_EXIT = struct.Struct("!i?Qd")
EXIT_SIZE = _EXIT.size


class WireError(Exception):
    """The other side went away, or sent what does not follow the protocol."""


class Tag(IntEnum):
    """A file is begun (twice: opened, later decoded), a page is there, a file is refused, all is done."""

    BEGUN = 1
    PAGE = 2
    REFUSED = 3
    DONE = 4


@dataclass(frozen=True, slots=True)
class Message:
    """One answer.

    Attributes:
        file, page: where it belongs; page 65535 is the file as a whole.
        numbers: width, height, columns and rows of a page; the reason's number of a refusal.
        scale, dpi: of a page.
        measures: of a refusal.
    """

    tag: Tag
    file: int = 0
    page: int = 0
    numbers: tuple[int, int, int, int] = (0, 0, 0, 0)
    scale: float = 1.0
    dpi: float = 0.0
    measures: tuple[int, int, int] = (0, 0, 0)

    def pack(self) -> bytes:
        return _MESSAGE.pack(
            self.tag, self.file, self.page, *self.numbers, self.scale, self.dpi, *self.measures
        )

    @classmethod
    def unpack(cls, data: bytes) -> Message:
        tag, file, page, a, b, c, d, scale, dpi, x, y, z = _MESSAGE.unpack(data)
        try:
            return cls(Tag(tag), file, page, (a, b, c, d), scale, dpi, (x, y, z))
        except ValueError:
            raise WireError("unknown tag") from None


WHOLE_FILE = 0xFFFF


def pack_request(files: int, limits: Limits) -> bytes:
    return _REQUEST.pack(_MAGIC, files, limits.pack())


def unpack_request(data: bytes) -> tuple[int, Limits]:
    magic, files, packed = _REQUEST.unpack(data)
    if magic != _MAGIC:
        raise WireError("not a request")
    return files, Limits.unpack(packed)


@dataclass(frozen=True, slots=True)
class Exit:
    """How a decoding process ended.

    Attributes:
        status: its exit status, or minus the number of the signal that ended it.
        late: it was ended because its time was over.
        peak_kb: the most memory it had, shared memory included.
        cpu_seconds: user and system time.
    """

    status: int
    late: bool
    peak_kb: int
    cpu_seconds: float

    def pack(self) -> bytes:
        return _EXIT.pack(self.status, self.late, self.peak_kb, self.cpu_seconds)

    @classmethod
    def unpack(cls, data: bytes) -> Exit:
        return cls(*_EXIT.unpack(data))


def send(channel: socket.socket, data: bytes, descriptors: tuple[int, ...] = ()) -> None:
    """Sends a record whole; the descriptors go with its first byte."""
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))] if descriptors else []
    sent = channel.sendmsg([data], rights)
    while sent < len(data):
        sent += channel.sendmsg([data[sent:]])


def receive(channel: socket.socket, size: int, descriptors: int = 0) -> tuple[bytes, list[int]]:
    """Receives a record of `size` bytes and at most so many descriptors; empty at the end of the stream."""
    data, received = b"", []
    while len(data) < size:
        part, new, _, _ = socket.recv_fds(channel, size - len(data), descriptors)
        received += new
        if not part:
            if data:
                raise WireError("cut off")
            break
        data += part
    return data, received
