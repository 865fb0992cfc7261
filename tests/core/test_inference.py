"""Sessions of onnxruntime."""

from __future__ import annotations

import sys
from importlib import resources
from pathlib import Path

import pytest

from scanservice.inference import session

MODEL = resources.files("scanservice.detect").joinpath("numberpaper.onnx")


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_a_session_made_of_bytes_holds_none_of_them() -> None:
    """onnxruntime keeps the bytes that it is given: 21 MB of the recogniser's."""
    content = MODEL.read_bytes()
    held, opened = sys.getrefcount(content), descriptors()
    made = session(content)
    assert sys.getrefcount(content) == held
    assert descriptors() == opened
    assert [given.name for given in made.get_inputs()] == ["picture"]


def test_a_model_that_is_none_leaves_nothing_open() -> None:
    opened = descriptors()
    with pytest.raises(Exception, match=r"(?i)protobuf|model"):
        session(b"no model")
    assert descriptors() == opened
