"""The process that decodes can do nothing but decode, and its death is one scan's error."""

from __future__ import annotations

import errno
import gc
import os
import resource
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Sequence

import numpy as np
import pytest

from scanservice.errors import InputError
from scanservice.intake import Limits, wire
from scanservice.intake.client import DecoderServer, DecoderUnavailableError
from scanservice.intake.pool import DecoderPool
from scanservice.intake.refusal import Refusal
from scanservice.intake.trial import try_confinement
from scanservice.intake.wire import Message, Tag
from scanservice.memory import in_memory
from tests.intake.conftest import Opener
from tests.intake.hostile_pdf import pdf_files, scanned
from tests.intake.samples import HEIGHT, UPRIGHT, WIDTH, corners, encoded, jpeg, picture

ATTEMPTS = {
    "open a file": "open('/etc/passwd')",
    "write a file": "open('/tmp/x', 'w')",
    "list a folder": "os.listdir('/')",
    "make a socket": "socket.socket()",
    "make a local socket": "socket.socket(socket.AF_UNIX)",
    "make a pair of sockets": "socket.socketpair()",
    "run a program": "os.execv('/bin/true', ['true'])",
    "fork": "os.fork()",
    "start a thread": "threading.Thread(target=print).start()",
    "kill": "os.kill(os.getppid(), 0)",
    "become another user": "os.setuid(0) or os.setgroups([0])",
    "raise its limits": "resource.setrlimit(resource.RLIMIT_AS, (-1, -1))",
    "trace": "ctypes.CDLL(None, use_errno=True).ptrace(0) == 0 or (_ for _ in ()).throw(OSError())",
    "allocate without end": "bytearray(2_000_000_000)",
}


@pytest.mark.parametrize(
    ("attempt", "threads"),
    # One decoder needs threads: with them, all but starting one is still forbidden.
    [(name, threads) for name in ATTEMPTS for threads in (False, True) if not (threads and "thread" in name)],
)
def test_a_confined_process_cannot(attempt: str, threads: bool) -> None:
    script = (
        "import ctypes, os, resource, socket, threading\n"
        "from scanservice.intake.confine import confine\n"
        "from scanservice.intake.limits import Limits\n"
        f"confine(Limits(), threads={threads})\n"
        f"try:\n    {ATTEMPTS[attempt]}\n"
        "except (OSError, ValueError, RuntimeError, MemoryError):\n    os._exit(42)\n"
        "os._exit(1)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, timeout=30, check=False)
    assert done.returncode == 42, done.stderr.decode()


def test_the_trial_says_what_holds() -> None:
    achieved = try_confinement()
    assert achieved is not None
    assert achieved.filtered, "seccomp is needed for this test: run it on Linux, x86-64 or aarch64"
    assert achieved.unprivileged


def test_nothing_of_the_environment_goes_along(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://hidden")
    server = DecoderServer(pdf=False)
    try:
        server.decode([jpeg()], Limits())
        with open(f"/proc/{server._process.pid}/environ", "rb") as environment:  # noqa: PTH123
            assert b"hidden" not in environment.read()
    finally:
        server.close()


# ---------------------------------------------------------------- the end of a decoding process


def _busy_pdf() -> bytes:
    return next(content for name, content, *_ in pdf_files() if name == "forms-doubling.pdf")


def test_time_runs_out(opened: Opener) -> None:
    opened(scanned())
    start = time.monotonic()
    with pytest.raises(InputError) as caught:
        opened(_busy_pdf(), limits=Limits(wall_seconds=1, cpu_seconds=30))
    assert time.monotonic() - start < 25  # the input alone would take hours
    assert caught.value.code == "decode-limit"
    assert "more than 1 seconds" in caught.value.line()
    with pytest.raises(InputError) as caught:
        opened(_busy_pdf(), limits=Limits(wall_seconds=30, cpu_seconds=1))
    assert caught.value.code == "decode-limit"
    assert corners(opened(jpeg()).pages[0].image) == UPRIGHT


def test_memory_runs_out(opened: Opener) -> None:
    large = encoded(picture().resize((5000, 4000)), "PNG")
    with pytest.raises(InputError) as caught:
        opened(jpeg(), large, limits=Limits(memory_mb=30))
    assert (caught.value.code, caught.value.source) == ("decode-limit", "file 2")
    assert "30 MB" in caught.value.line()
    assert len(opened(large).pages) == 1


def test_a_server_that_was_killed_is_replaced() -> None:
    pool = DecoderPool()
    try:
        pool.decode([jpeg()], Limits(), pdf=False)
        (server,) = pool._idle
        os.kill(server._process.pid, signal.SIGKILL)
        server._process.wait()
        assert len(pool.decode([jpeg()], Limits(), pdf=False)) == 1
    finally:
        pool.close()


def test_a_crash_that_does_not_happen_again_is_not_the_files_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    crashes = [Refusal("crash")]
    decode = DecoderServer.decode

    def once(server: DecoderServer, files: Sequence[bytes], limits: Limits) -> object:
        if crashes:
            raise crashes.pop()
        return decode(server, files, limits)

    monkeypatch.setattr(DecoderServer, "decode", once)
    pool = DecoderPool()
    try:
        assert len(pool.decode([jpeg()], Limits(), pdf=False)) == 1
        crashes[:] = [Refusal("crash"), Refusal("crash")]
        with pytest.raises(Refusal, match="crash"):
            pool.decode([jpeg()], Limits(), pdf=False)
    finally:
        pool.close()


@pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="sealed memory is Linux's")
def test_pixels_that_cannot_be_sealed_are_copied(opened: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    import fcntl

    def busy(*_: object) -> None:
        raise OSError(errno.EBUSY, "busy")

    monkeypatch.setattr(fcntl, "fcntl", busy)
    assert corners(opened(jpeg()).pages[0].image) == UPRIGHT


def test_a_server_that_cannot_start_is_no_input_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(DecoderUnavailableError):
        DecoderPool().decode([jpeg()], Limits(), pdf=False)


def test_no_process_and_no_descriptor_is_left_behind() -> None:
    pool = DecoderPool()
    gc.collect()  # descriptors of other tests' objects go now, not in between
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    pool.prepare(pdf=False)
    pages = [pool.decode([jpeg()], Limits(), pdf=False) for _ in range(5)]
    (server,) = pool._idle
    pool.close()
    assert server._process.returncode is not None
    del pages
    assert len(os.listdir("/proc/self/fd")) <= before  # noqa: PTH208


def test_several_threads_decode_at_once_and_few_servers_stay() -> None:
    pool = DecoderPool()
    results: list[int] = []

    def work() -> None:
        results.extend(len(pool.decode([jpeg()], Limits(), pdf=False)) for _ in range(3))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    try:
        assert results == [1] * 12
        assert 1 <= len(pool._idle) <= 2
    finally:
        pool.close()


def test_a_forked_process_starts_a_server_of_its_own() -> None:
    pool = DecoderPool()
    pool.decode([jpeg()], Limits(), pdf=False)
    (server,) = pool._idle
    child = os.fork()
    if child == 0:
        pool.after_fork()
        ok = not pool._idle and len(pool.decode([jpeg()], Limits(), pdf=False)) == 1
        pool.close()
        os._exit(0 if ok else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    try:
        assert server._process.poll() is None
        assert len(pool.decode([jpeg()], Limits(), pdf=False)) == 1
    finally:
        pool.close()


def test_memory_stays_flat_over_many_scans(opened: Opener) -> None:
    content = jpeg(picture(1200, 900))

    def peak() -> int:
        for _ in range(40):
            opened(content)
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    first = peak()
    assert peak() - first < 8_000  # kB: two pages; forty would be 130,000


# ---------------------------------------------------------------- a decoding process in an attacker's hands


def _answered(messages: Sequence[tuple[bytes, tuple[int, ...]]], files: int = 1) -> object:
    """What the client makes of these answers: pages, a refusal, or nothing (a crash)."""
    from scanservice.intake.client import _Answer

    ours, theirs = socket.socketpair()
    answer = _Answer(files, Limits(pages=2, working_pixels=100_000))
    with ours:
        with theirs:
            for data, descriptors in messages:
                wire.send(theirs, data, descriptors)
        answer.read(ours)
    if answer.refusal:
        return answer.refusal.reason
    return answer.pages if answer.done else None


def _page(**changes: object) -> bytes:
    return Message(**{"tag": Tag.PAGE, "numbers": (100, 80, 100, 80), **changes}).pack()  # type: ignore[arg-type]


DONE = (Message(Tag.DONE).pack(), ())


def test_an_honest_answer_is_taken() -> None:
    pixels = in_memory([bytes(100 * 80 * 3)])
    (page,) = _answered([(_page(), (pixels,)), DONE])  # type: ignore[misc]
    assert page.image.shape == (80, 100, 3)
    with pytest.raises(OSError):
        os.write(pixels, b"changed afterwards")
    os.close(pixels)


@pytest.mark.parametrize("changes", [
    {"numbers": (100, 80, 101, 80)}, {"numbers": (100, 80, 0, 80)}, {"numbers": (2**32 - 1,) * 4},
    {"numbers": (400, 400, 400, 400)}, {"file": 1}, {"scale": 0.0}, {"scale": 2.0}, {"scale": float("nan")},
    {"dpi": float("inf")}, {"numbers": (100, 90, 100, 90)}, {"numbers": (100, 70, 100, 70)},
])  # fmt: skip
def test_a_page_that_lies_is_not_taken(changes: dict[str, object]) -> None:
    pixels = in_memory([bytes(100 * 80 * 3)])
    assert _answered([(_page(**changes), (pixels,)), DONE]) is None
    os.close(pixels)


def test_more_pages_than_allowed_are_not_taken() -> None:
    pixels = [in_memory([bytes(100 * 80 * 3)]) for _ in range(3)]
    assert _answered([*((_page(), (descriptor,)) for descriptor in pixels), DONE]) is None
    for descriptor in pixels:
        os.close(descriptor)


def test_memory_that_can_still_be_changed_is_copied() -> None:
    import mmap

    pixels = in_memory([bytes(100 * 80 * 3)])
    with mmap.mmap(pixels, 0) as theirs:
        taken = _answered([(_page(), (pixels,)), DONE])
        theirs[0] = 255
    os.close(pixels)
    assert isinstance(taken, list)
    assert not taken[0].image.any()


def test_a_descriptor_of_another_kind_is_not_taken() -> None:
    with open("/etc/hostname", "rb") as file:  # noqa: PTH123
        assert _answered([(_page(), (file.fileno(),)), DONE]) is None


@pytest.mark.parametrize("data", [
    b"", b"\0" * wire.MESSAGE_SIZE, b"\xff" * wire.MESSAGE_SIZE, b"\2" * 10,
    Message(Tag.REFUSED, numbers=(10_000, 0, 0, 0)).pack(), _page(),
])  # fmt: skip
def test_an_answer_against_the_protocol_is_a_crash(data: bytes) -> None:
    assert _answered([(data, ())]) is None


def test_a_refusal_is_told_by_number_and_shows_numbers_only() -> None:
    number = Refusal("side").number
    message = Message(Tag.REFUSED, numbers=(number, 0, 0, 0), measures=(2**63, 2, 3))
    assert _answered([(message.pack(), ())]) == "side"


def test_requests_and_exits_survive_the_wire() -> None:
    limits = Limits(files=3, memory_mb=77)
    assert wire.unpack_request(wire.pack_request(2, limits)) == (2, limits)
    ended = wire.Exit(-9, True, 12_345, 0.5)
    assert wire.Exit.unpack(ended.pack()) == ended
    with pytest.raises(wire.WireError):
        wire.unpack_request(b"\0" * wire.REQUEST_SIZE)
    with pytest.raises(struct.error):
        Message.unpack(b"short")


def test_pixels_are_the_same_on_both_sides(opened: Opener) -> None:
    rng = np.random.default_rng(1)
    pixels = rng.integers(0, 255, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    import cv2

    content = cv2.imencode(".png", pixels)[1].tobytes()
    assert np.array_equal(opened(content).pages[0].image, pixels)
