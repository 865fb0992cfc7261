"""Locks the current process up before it touches an upload.

On Linux (x86-64, aarch64) a seccomp filter leaves only the system calls that computing needs: memory, the
descriptors already open, and ending. No file can be opened, no socket made, no program run, no process
or thread started, no signal sent. Elsewhere the resource limits and, for root, the change to an unprivileged
user remain. References: seccomp(2), and `struct sock_filter` in linux/filter.h.
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
_ALLOW, _EPERM = 0x7FFF0000, 0x00050001
_LOAD, _JUMP_EQUAL, _RETURN = 0x20, 0x15, 0x06
_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

# Number on x86-64, number on aarch64; None where the architecture has no such call.
_CALLS: dict[str, tuple[int | None, int | None]] = {
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


@dataclass(frozen=True, slots=True)
class Confinement:
    """What could be had: the change of user, and the filter of system calls."""

    unprivileged: bool
    filtered: bool


def confine(limits: Limits) -> Confinement:
    """Gives up everything but computing, for good. To be called in a process with one thread."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 1))
    # What it writes is one page at a time into anonymous memory.
    written = max(3 * limits.working_pixels, limits.file_bytes)
    resource.setrlimit(resource.RLIMIT_FSIZE, (written, written))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_OPEN_FILES, _OPEN_FILES))
    if sys.platform != "darwin":  # macOS refuses limits below what a process has mapped
        memory = _mapped_bytes() + limits.memory_mb * 1_000_000
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    unprivileged = _become_nobody()
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    return Confinement(unprivileged, sys.platform == "linux" and _filter_calls())


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


def _filter_calls() -> bool:
    """Allows the calls in `_CALLS` and answers every other one with EPERM; False where it cannot be had."""
    machine = platform.machine()
    if machine not in _ARCHITECTURES:
        return False
    column = list(_ARCHITECTURES).index(machine)
    numbers = [call[column] for call in _CALLS.values() if call[column] is not None]
    program = _program(_ARCHITECTURES[machine], [number for number in numbers if number is not None])
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    code = ctypes.create_string_buffer(program, len(program))
    header = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(code)))
    return libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, header, 0, 0) == 0


def _program(architecture: int, numbers: list[int]) -> bytes:
    """A BPF program over `struct seccomp_data` {nr, arch, ...}: is it our architecture, and an allowed call?

    A call in x86-64's second numbering (x32) has bit 30 set, so it equals no number of the list.
    """

    def step(code: int, value: int, true: int = 0, false: int = 0) -> bytes:
        return struct.pack("=HBBI", code, true, false, value)

    count = len(numbers)
    tests = [step(_JUMP_EQUAL, number, true=count - index) for index, number in enumerate(numbers)]
    return b"".join(
        [
            step(_LOAD, 4),
            step(_JUMP_EQUAL, architecture, true=0, false=count + 1),
            step(_LOAD, 0),
            *tests,
            step(_RETURN, _EPERM),
            step(_RETURN, _ALLOW),
        ]
    )
