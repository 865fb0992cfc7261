"""Locks the current process up before it touches an upload.

On Linux (x86-64, aarch64) a seccomp filter leaves only the system calls that computing needs: memory,
the descriptors already open, and ending. No file can be opened, no socket made, no program run, no
process started, no signal sent; a thread only where a decoder needs one. Elsewhere the resource limits
and, for root, the change to an unprivileged user remain.

References: seccomp(2), and `struct sock_filter` in linux/filter.h.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import struct
import sys
from dataclasses import dataclass
from pathlib import Path

from scanservice.intake.limits import Limits

NOBODY = 65534
_OPEN_FILES = 64

_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _PR_SET_DUMPABLE = 38, 22, 4
_SECCOMP_MODE_FILTER = 2
_ALLOW, _EPERM, _ENOSYS = 0x7FFF0000, 0x00050001, 0x00050026
_LOAD, _JUMP_EQUAL, _JUMP_BITS, _RETURN = 0x20, 0x15, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
"""Offsets in `struct seccomp_data`; of the first argument the lower half (both systems are little-endian)."""
_CLONE_THREAD = 0x00010000
_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

_CALLS = {
    # name: number on x86-64, number on aarch64
    "read": (0, 63),
    "write": (1, 64),
    "writev": (20, 66),
    "pread64": (17, 67),
    "pwrite64": (18, 68),
    "close": (3, 57),
    "fstat": (5, 80),
    "lseek": (8, 62),
    "fcntl": (72, 25),
    "ftruncate": (77, 46),
    "memfd_create": (319, 279),
    "mmap": (9, 222),
    "mprotect": (10, 226),
    "munmap": (11, 215),
    "mremap": (25, 216),
    "madvise": (28, 233),
    "brk": (12, 214),
    "futex": (202, 98),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "sigaltstack": (131, 132),
    "sched_yield": (24, 124),
    "clock_gettime": (228, 113),
    "gettimeofday": (96, 169),
    "nanosleep": (35, 101),
    "clock_nanosleep": (230, 115),
    "getrandom": (318, 278),
    "getpid": (39, 172),
    "gettid": (186, 178),
    "getrusage": (98, 165),
    "sendmsg": (46, 211),
    "restart_syscall": (219, 128),
    "exit": (60, 93),
    "exit_group": (231, 94),
}
_THREAD_CALLS = {"set_robust_list": (273, 99), "rseq": (334, 293), "prctl": (157, 167)}
_CLONE, _CLONE3 = (56, 220), (435, 435)


@dataclass(frozen=True, slots=True)
class Confinement:
    """What could be had: the change of user, and the filter of system calls."""

    unprivileged: bool
    filtered: bool


def confine(limits: Limits, *, threads: bool = False) -> Confinement:
    """Gives up everything but computing, for good. To be called in a process with one thread.

    Args:
        threads: further threads of this process may be started: libde265 (HEIC) does not do without.
    """
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_CPU, limits.cpu_seconds, spare=1)
    # What it writes is one page at a time into anonymous memory.
    _lower(resource.RLIMIT_FSIZE, max(3 * limits.working_pixels, limits.file_bytes))
    _lower(resource.RLIMIT_NOFILE, _OPEN_FILES)
    if sys.platform == "linux":
        _lower(resource.RLIMIT_AS, _mapped_bytes() + limits.memory_mb * 1_000_000)
    unprivileged = _become_nobody()
    if not threads:
        # It counts every process of the user, so that no number but 0 would mean anything.
        _lower(resource.RLIMIT_NPROC, 0)
    return Confinement(unprivileged, sys.platform == "linux" and _filter_calls(threads))


def _lower(kind: int, value: int, spare: int = 0) -> None:
    """Lowers a limit; the hard one by `spare` less. One that is lower already stays."""
    _, hard = resource.getrlimit(kind)
    if hard != resource.RLIM_INFINITY:
        value, spare = min(value, hard), 0
    resource.setrlimit(kind, (value, value + spare))


def _mapped_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    return pages * resource.getpagesize()


def _become_nobody() -> bool:
    if os.geteuid() != 0:
        return os.getuid() != 0
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)
    return True


def _filter_calls(threads: bool) -> bool:
    """Allows the calls in `_CALLS` and answers every other one with EPERM; False where it cannot be had."""
    machine = platform.machine()
    if machine not in _ARCHITECTURES:
        return False
    program = _program(machine, threads)
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    code = ctypes.create_string_buffer(program, len(program))
    header = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(code)))
    return libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, header, 0, 0) == 0


def _program(machine: str, threads: bool) -> bytes:
    """A BPF program over `struct seccomp_data`: is it our architecture, and an allowed call?

    A call in x86-64's second numbering (x32) has bit 30 set, so it equals no number of the list.
    """
    column = list(_ARCHITECTURES).index(machine)
    numbers = [call[column] for call in (_CALLS | (_THREAD_CALLS if threads else {})).values()]
    deny, unknown, allow = "deny", "unknown", "allow"
    steps: list[tuple[int, int, str | None, str | None]] = [
        (_LOAD, _ARCHITECTURE, None, None),
        (_JUMP_EQUAL, _ARCHITECTURES[machine], None, deny),
        (_LOAD, _NUMBER, None, None),
        *((_JUMP_EQUAL, number, allow, None) for number in numbers),
    ]
    if threads:
        steps += [
            # The C library falls back to clone, whose flags can be looked at.
            (_JUMP_EQUAL, _CLONE3[column], unknown, None),
            (_JUMP_EQUAL, _CLONE[column], None, deny),
            (_LOAD, _FIRST_ARGUMENT, None, None),
            (_JUMP_BITS, _CLONE_THREAD, allow, None),
        ]
    ends = {deny: _EPERM, unknown: _ENOSYS, allow: _ALLOW}
    places = {name: len(steps) + index for index, name in enumerate(ends)}
    code = [
        (
            operation,
            value,
            0 if true is None else places[true] - at - 1,
            0 if false is None else places[false] - at - 1,
        )
        for at, (operation, value, true, false) in enumerate(steps)
    ]
    code += [(_RETURN, verdict, 0, 0) for verdict in ends.values()]
    return b"".join(
        struct.pack("=HBBI", operation, true, false, value) for operation, value, true, false in code
    )
