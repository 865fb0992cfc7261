"""Sessions of onnxruntime: on one thread, and all of a process with one store of memory.

With a store each, two recognisers keep 41 MB more: what one has used is not there for the other
(docs/performance.md).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import onnxruntime

from scanservice.memory import in_memory


def session(model: Path | bytes, *, of_one_size: bool = True) -> onnxruntime.InferenceSession:
    """A model loaded.

    Args:
        model: its file, or the file's content.
        of_one_size: its inputs have few sizes; where each has another, memory laid out for one is of no use
            to the next.
    """
    _shared_memory()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.enable_mem_pattern = of_one_size
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.use_env_allocators", "1")
    options.log_severity_level = 3
    with _as_file(model) as path:
        return onnxruntime.InferenceSession(path, sess_options=options, providers=["CPUExecutionProvider"])


@contextmanager
def _as_file(model: Path | bytes) -> Iterator[str]:
    """Where onnxruntime finds a model; made of bytes a session would hold these as long as it lives."""
    if isinstance(model, Path):
        yield str(model)
        return
    descriptor = in_memory([model])
    try:
        yield f"/dev/fd/{descriptor}"
    finally:
        os.close(descriptor)


@cache
def _shared_memory() -> None:
    onnxruntime.disable_telemetry_events()
    arena = onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR
    place = onnxruntime.OrtMemoryInfo("Cpu", arena, 0, onnxruntime.OrtMemType.DEFAULT)
    onnxruntime.create_and_register_allocator(place, None)
