"""Evidence as bytes, to be kept beside a scan and judged again without its picture."""

from __future__ import annotations

import zlib
from functools import cache

from pydantic import TypeAdapter, ValidationError

from scanservice.evidence import Evidence

FORMAT = b"scanservice-evidence-1\n"


class EvidenceFormatError(ValueError):
    """Stored bytes that this version cannot read; the scan has to be read again from its picture."""


def dump_evidence(evidence: Evidence) -> bytes:
    """Evidence as compressed JSON behind a format line; the same evidence gives the same bytes."""
    return FORMAT + zlib.compress(_adapter().dump_json(evidence), 6)


def load_evidence(data: bytes) -> Evidence:
    """The evidence that `dump_evidence` wrote.

    Raises:
        EvidenceFormatError: the bytes are of another format, or damaged.
    """
    if not data.startswith(FORMAT):
        raise EvidenceFormatError("stored evidence is of another format")
    try:
        return _adapter().validate_json(zlib.decompress(data[len(FORMAT) :]))
    except (ValidationError, zlib.error):
        raise EvidenceFormatError("stored evidence is damaged") from None


@cache
def _adapter() -> TypeAdapter[Evidence]:
    return TypeAdapter(Evidence)
