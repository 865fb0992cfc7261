"""Decoding servers kept ready, so that an upload does not wait for one to start."""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from scanservice.intake.client import DecodedImage, DecoderServer, DecoderUnavailableError
from scanservice.intake.limits import Limits
from scanservice.intake.refusal import Refusal

_MOST_IDLE = 2
_ATTEMPTS = 2


class DecoderPool:
    """Idle servers; safe to use from several threads, each of which gets a server of its own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: list[DecoderServer] = []

    def decode(self, files: Sequence[bytes], limits: Limits, *, pdf: bool) -> list[DecodedImage]:
        """Decodes an upload in a confined process; see `DecoderServer.decode`.

        Args:
            pdf: one of the files is a PDF.
        """
        for attempt in range(_ATTEMPTS):
            try:
                with self._borrowed(pdf) as server:
                    return server.decode(files, limits)
            except DecoderUnavailableError:
                # An idle server may have been ended from outside, as when memory ran out.
                if attempt + 1 == _ATTEMPTS:
                    raise
            except Refusal as refusal:
                # What made it crash may have been the machine; a file that is to blame does it again.
                if refusal.reason != "crash" or attempt + 1 == _ATTEMPTS:
                    raise
        raise AssertionError("unreachable")

    def prepare(self, *, pdf: bool) -> None:
        """Starts a server in the background, so that it is ready when the first upload comes."""
        server = self._take(pdf) or DecoderServer(pdf)
        self._give_back(server)

    def close(self) -> None:
        with self._lock:
            servers, self._idle = self._idle, []
        for server in servers:
            server.close()

    def after_fork(self) -> None:
        """In a forked child: the servers belong to the parent."""
        servers, self._idle, self._lock = self._idle, [], threading.Lock()
        for server in servers:
            server.forget()

    @contextmanager
    def _borrowed(self, pdf: bool) -> Iterator[DecoderServer]:
        server = self._take(pdf) or DecoderServer(pdf)
        try:
            yield server
        except Refusal:
            self._give_back(server)
            raise
        except BaseException:
            server.kill()
            raise
        self._give_back(server)

    def _take(self, pdf: bool) -> DecoderServer | None:
        with self._lock:
            fitting = [server for server in self._idle if server.pdf or not pdf]
            # One without MuPDF is preferred where it will do: the other may be wanted for a PDF.
            server = min(fitting, key=lambda server: server.pdf, default=None)
            if server is not None:
                self._idle.remove(server)
            return server

    def _give_back(self, server: DecoderServer) -> None:
        with self._lock:
            if len(self._idle) < _MOST_IDLE:
                self._idle.append(server)
                return
        server.close()


POOL = DecoderPool()
atexit.register(POOL.close)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=POOL.after_fork)
