"""The decoding side: a small process that has loaded the decoders, and forks one confined child an upload.

Loading the decoders takes 0.1 s (0.7 s with MuPDF), forking a process that has them milliseconds. So
every upload is decoded in a new process, which has seen no other upload and will see none, at the cost
of a fork. The server itself never looks into a file. Run as `python -m scanservice.intake.server FD [pdf]`.
"""

from __future__ import annotations

import contextlib
import encodings.cp1252
import encodings.latin_1
import encodings.utf_16
import os
import select
import signal
import socket
import sys
import time
import warnings
from importlib import import_module

from scanservice.intake import wire
from scanservice.intake.confine import confine
from scanservice.intake.decode import decode_upload
from scanservice.intake.kinds import is_heic
from scanservice.intake.limits import Limits
from scanservice.intake.refusal import Refusal
from scanservice.intake.wire import Message, Tag
from scanservice.memory import in_memory

# Decoders look these up by name, when the confined child can no longer load them.
CODECS = (encodings.cp1252, encodings.latin_1, encodings.utf_16)

REFUSED_STATUS = 3


def serve(control: socket.socket) -> None:
    """Takes requests until the other end closes."""
    while True:
        request, descriptors = wire.receive(control, wire.REQUEST_SIZE, 253)
        if not request:
            return
        files, limits = wire.unpack_request(request)
        if len(descriptors) != files + 1:
            raise wire.WireError("descriptors are missing")
        child = os.fork()
        if child == 0:
            control.close()
            os._exit(_decode(descriptors[0], descriptors[1:], limits))
        for descriptor in descriptors:
            os.close(descriptor)
        wire.send(control, _wait(child, limits.wall_seconds).pack())


def _wait(child: int, seconds: float) -> wire.Exit:
    """Waits for the child to end, and ends it when its time is over."""
    late = False
    if hasattr(os, "pidfd_open"):
        handle = os.pidfd_open(child)
        try:
            late = not select.select([handle], [], [], seconds)[0]
        finally:
            os.close(handle)
    else:
        deadline = time.monotonic() + seconds
        while os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            if time.monotonic() > deadline:
                late = True
                break
            time.sleep(0.005)
    if late:
        os.kill(child, signal.SIGKILL)
    _, status, usage = os.wait4(child, 0)
    kilobyte = 1024 if sys.platform == "darwin" else 1  # macOS counts bytes
    cpu_seconds = usage.ru_utime + usage.ru_stime
    return wire.Exit(os.waitstatus_to_exitcode(status), late, usage.ru_maxrss // kilobyte, cpu_seconds)


def _decode(answers: int, files: list[int], limits: Limits) -> int:
    """The child's whole life."""
    channel = socket.socket(fileno=answers)
    try:
        contents = [_contents(descriptor) for descriptor in files]
        confine(limits, threads=any(is_heic(content) for content in contents))
        for page in decode_upload(
            contents, limits, lambda file: wire.send(channel, Message(Tag.BEGUN, file).pack())
        ):
            raster = page.raster
            numbers = (raster.width, raster.height, raster.columns, raster.rows)
            message = Message(Tag.PAGE, page.file, page.page, numbers, raster.scale, raster.dpi)
            pixels = in_memory(raster.bands())
            wire.send(channel, message.pack(), (pixels,))
            os.close(pixels)
        wire.send(channel, Message(Tag.DONE).pack())
    except Refusal as refusal:
        page_number = wire.WHOLE_FILE if refusal.page is None else min(refusal.page, wire.WHOLE_FILE - 1)
        measures = tuple(min(m, 2**63) for m in (*refusal.measures, 0, 0, 0)[:3])
        number = (refusal.number, 0, 0, 0)
        message = Message(Tag.REFUSED, refusal.file or 0, page_number, number, measures=measures)  # type: ignore[arg-type]
        with contextlib.suppress(OSError):
            wire.send(channel, message.pack())
        return REFUSED_STATUS
    except OSError:
        return 1  # the service no longer listens
    return 0


def _contents(descriptor: int) -> bytes:
    with open(descriptor, "rb") as file:
        file.seek(0)
        return file.read()


def main() -> None:
    """Loads the decoders and serves the socket whose descriptor is the first argument."""
    warnings.simplefilter("ignore")
    if "pdf" in sys.argv[2:]:
        import_module("scanservice.intake.pdf")
    with socket.socket(fileno=int(sys.argv[1])) as control:
        serve(control)


if __name__ == "__main__":
    main()
