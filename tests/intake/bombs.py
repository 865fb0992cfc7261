"""Little data that becomes much."""

from __future__ import annotations

import zlib

BOMB = (6_000, 4_900)
"""The size of pictures that just pass the tests' limit on pixels, and unpack to a hundred megabytes."""


def deflated_zeros(size: int) -> bytes:
    """So many zero bytes as zlib would pack them, put together without packing them.

    A block of a million, flushed so that it refers to nothing before it, is repeated; the checksum of zeros
    is known (RFC 1950: the first half stays 1, the second counts the bytes).
    """
    block = 1_000_000
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    repeated = packer.compress(bytes(block)) + packer.flush(zlib.Z_FULL_FLUSH)
    last = zlib.compressobj(9, zlib.DEFLATED, -15)
    rest = last.compress(bytes(size % block)) + last.flush()
    checksum = (size % 65521) << 16 | 1
    return b"\x78\xda" + repeated * (size // block) + rest + checksum.to_bytes(4, "big")
