"""Arrays and bytes as fields of stored results: annotated types that pydantic writes as base64 text."""

from __future__ import annotations

import base64
from typing import Annotated, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import PlainSerializer, PlainValidator

_TYPES = {"float16", "float32", "float64", "int32", "uint8"}


def _pack(array: NDArray[Any]) -> str:
    shape = "x".join(map(str, array.shape))
    return f"{array.dtype.name}:{shape}:{base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()}"


def _unpack(value: Any) -> NDArray[Any]:
    if isinstance(value, np.ndarray):
        return value
    kind, shape, data = str(value).split(":")
    if kind not in _TYPES:
        raise ValueError("not a stored array")
    sizes = [int(size) for size in shape.split("x")] if shape else []
    return np.frombuffer(base64.b64decode(data), dtype=kind).reshape(sizes)


def _to_text(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _to_bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else base64.b64decode(value)


_array = (PlainValidator(_unpack), PlainSerializer(_pack, when_used="json"))
FloatArray: TypeAlias = Annotated[NDArray[Any], *_array]
IntArray: TypeAlias = Annotated[NDArray[np.int32], *_array]
HalfArray: TypeAlias = Annotated[NDArray[np.float16], *_array]
Bytes: TypeAlias = Annotated[bytes, PlainValidator(_to_bytes), PlainSerializer(_to_text, when_used="json")]
