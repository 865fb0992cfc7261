"""Blobs that no row names any more: noted in the transaction that forgets them, removed after it."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import delete, insert, select

from scanservice.service.blobs import Blobs
from scanservice.service.database import Database, Tx
from scanservice.service.tables import trash

BATCH = 200


def throw(tx: Tx, keys: Iterable[str]) -> None:
    """A key that ends in `/` is a folder. Keys are random, and folders a scan's own: none comes twice."""
    rows = [{"blob_key": key, "created_at": tx.now} for key in keys]
    if rows:
        tx.run(insert(trash), rows)


def empty(database: Database, blobs: Blobs) -> int:
    """Removes a batch of thrown blobs; how many. Raises UnavailableError, and goes on at the next call."""
    with database.read() as tx:
        keys = [row.blob_key for row in tx.all(select(trash.c.blob_key).limit(BATCH))]
    for key in keys:
        for one in [name for name, _ in blobs.keys(key)] if key.endswith("/") else [key]:
            blobs.delete(one)
    if keys:
        with database.write() as tx:
            tx.run(delete(trash).where(trash.c.blob_key.in_(keys)))
    return len(keys)
