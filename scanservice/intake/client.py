"""The service's side of the decoding process: starts it, hands it an upload, distrusts what comes back."""

from __future__ import annotations

import contextlib
import errno
import math
import mmap
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import scanservice
from scanservice.geometry import Image
from scanservice.intake import wire
from scanservice.intake.limits import Limits
from scanservice.intake.refusal import REASONS, Refusal
from scanservice.intake.wire import Message, Tag, WireError
from scanservice.memory import in_memory

_GRACE_SECONDS = 5.0
"""How long after its time is over the decoding process may take to be ended by its own server."""


class DecoderUnavailableError(RuntimeError):
    """The decoding process cannot be started or has died outside of a decoding: not the input's fault."""


@dataclass(frozen=True, eq=False)
class DecodedImage:
    """A page as received: `image` is rows x columns x 3, uint8, BGR, read-only; the rest as in `Raster`."""

    file: int
    page: int
    width: int
    height: int
    scale: float
    dpi: float
    image: Image


class DecoderServer:
    """A running decoding server; one upload at a time.

    Attributes:
        last: what the last upload took; None before the first.

    Args:
        pdf: it has MuPDF loaded, so that it takes PDFs too.
    """

    def __init__(self, pdf: bool) -> None:
        self.pdf = pdf
        self.last: wire.Exit | None = None
        self._control, theirs = socket.socketpair()
        # Nothing of the service's own environment (keys, addresses) goes along.
        environment = {
            "PYTHONPATH": str(Path(scanservice.__file__).parent.parent),
            "LANG": "C.UTF-8",
            "OMP_NUM_THREADS": "1",
            "MALLOC_ARENA_MAX": "1",
        }
        command = [sys.executable, "-s", "-B", "-m", "scanservice.intake.server", str(theirs.fileno())]
        with theirs:
            self._process = subprocess.Popen(
                [*command, *(["pdf"] if pdf else [])],
                pass_fds=[theirs.fileno()],
                env=environment,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )

    def decode(self, files: Sequence[bytes], limits: Limits) -> list[DecodedImage]:
        """Decodes an upload.

        Raises:
            Refusal: of the first file that cannot be used, with its index.
            DecoderUnavailableError: the server is not there any more; another one may be tried.
        """
        descriptors: list[int] = []
        ours, theirs = socket.socketpair()
        with ours:
            try:
                with theirs:
                    descriptors += [in_memory([content]) for content in files]
                    self._control.settimeout(limits.wall_seconds + _GRACE_SECONDS)
                    request = wire.pack_request(len(files), limits)
                    wire.send(self._control, request, (theirs.fileno(), *descriptors))
            except OSError as error:
                raise DecoderUnavailableError("the decoding process has gone") from error
            finally:
                for descriptor in descriptors:
                    os.close(descriptor)
            ours.settimeout(limits.wall_seconds + _GRACE_SECONDS)
            answer = _Answer(len(files), limits)
            with contextlib.suppress(TimeoutError):
                answer.read(ours)
        return self._conclude(answer, limits)

    def _conclude(self, answer: _Answer, limits: Limits) -> list[DecodedImage]:
        try:
            data, _ = wire.receive(self._control, wire.EXIT_SIZE)
        except (OSError, WireError) as error:
            self.kill()
            raise DecoderUnavailableError("the decoding process does not answer") from error
        if not data:
            raise DecoderUnavailableError("the decoding process could not be started")
        self.last = wire.Exit.unpack(data)
        status = self.last.status
        if self.last.late:
            raise Refusal("time", (limits.wall_seconds,), answer.begun)
        if status == -signal.SIGXCPU:
            raise Refusal("time", (limits.cpu_seconds,), answer.begun)
        if status == -signal.SIGKILL:
            raise Refusal("memory", (limits.memory_mb,), answer.begun)
        if answer.refusal is not None:
            raise answer.refusal
        if not answer.done:
            raise Refusal("crash", (), answer.begun)
        return answer.pages

    def close(self) -> None:
        """Lets the server end by itself, and waits for it a moment."""
        self._control.close()
        try:
            self._process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """Ends the server and whatever it started."""
        self._control.close()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def forget(self) -> None:
        """In a process forked from the one that started it: lets go without ending it."""
        self._control.close()
        self._process.returncode = 0


class _Answer:
    """What a decoding process said so far; everything in it is checked against what was allowed."""

    def __init__(self, files: int, limits: Limits) -> None:
        self._files, self._limits = files, limits
        self.pages: list[DecodedImage] = []
        self.refusal: Refusal | None = None
        self.begun = 0
        self.done = False
        self._pixels = 0

    def read(self, channel: socket.socket) -> None:
        """Reads until the process closes its end; a breach of the protocol ends it as a crash does."""
        while not self.done and self.refusal is None:
            try:
                data, descriptors = wire.receive(channel, wire.MESSAGE_SIZE, 1)
            except (WireError, ConnectionError):
                return
            try:
                if not data:
                    return
                self._take(Message.unpack(data), descriptors)
            except WireError:
                return
            finally:
                for descriptor in descriptors:
                    os.close(descriptor)

    def _take(self, message: Message, descriptors: list[int]) -> None:
        if message.file >= self._files:
            raise WireError("no such file")
        self.begun = message.file
        if message.tag is Tag.DONE:
            self.done = True
        elif message.tag is Tag.REFUSED:
            if message.numbers[0] >= len(REASONS):
                raise WireError("no such reason")
            page = None if message.page == wire.WHOLE_FILE else message.page
            reason = Refusal.reason_of(message.numbers[0])
            self.refusal = Refusal(reason, message.measures, message.file, page)
        elif message.tag is Tag.PAGE:
            self._take_page(message, descriptors)

    def _take_page(self, message: Message, descriptors: list[int]) -> None:
        width, height, columns, rows = message.numbers
        self._pixels += columns * rows
        sound = (
            len(descriptors) == 1
            and len(self.pages) < self._limits.pages
            and 0 < columns <= width <= self._limits.side
            and 0 < rows <= height <= self._limits.side
            and self._pixels <= self._limits.working_pixels
            and 0 < message.scale <= 1
            and math.isfinite(message.dpi)
        )
        if not sound:
            raise WireError("page beyond the limits")
        image = _adopted(descriptors[0], rows, columns)
        self.pages.append(
            DecodedImage(message.file, message.page, width, height, message.scale, message.dpi, image)
        )


def _sealed(descriptor: int) -> bool:
    """Whether the memory behind a descriptor could be sealed: not while the system still holds some of its
    pages, as it may for a moment on a busy machine."""
    if not hasattr(os, "memfd_create"):
        return False
    import fcntl

    seals = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SEAL
    try:
        fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, seals)
    except OSError as error:
        if error.errno == errno.EBUSY:
            return False
        raise
    return True


def _adopted(descriptor: int, rows: int, columns: int) -> Image:
    """The pixels behind a descriptor, without copying where they can be sealed first.

    Unsealed memory could be changed, or cut short under our feet (a bus error), by the other side.
    """
    size = rows * columns * 3
    try:
        sealed = _sealed(descriptor)
        if os.fstat(descriptor).st_size != size:
            raise WireError("pixels are missing")
        if sealed:
            flags = mmap.MAP_SHARED | mmap.MAP_POPULATE
            content: bytes | mmap.mmap = mmap.mmap(descriptor, size, flags=flags, prot=mmap.PROT_READ)
        else:
            content = os.pread(descriptor, size, 0)  # what was read cannot be changed any more
            if len(content) != size:
                raise WireError("pixels are missing")
    except OSError as error:
        raise WireError("pixels cannot be taken over") from error
    image = np.frombuffer(content, dtype=np.uint8).reshape(rows, columns, 3)
    image.flags.writeable = False
    return image
