"""Students' links: an opaque token for one upload to one case, kept as a hash."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import insert, select, update

from scanservice.service.cases import get_case
from scanservice.service.database import Tx
from scanservice.service.refusals import RefusedError
from scanservice.service.tables import links, scans
from scanservice.service.vault import Vault, new_token

PREFIX = "link"


@dataclass(frozen=True, slots=True)
class NewLink:
    token: str
    expires_at: int


@dataclass(frozen=True, slots=True)
class Link:
    """A link that is not expired. Once used it opens its own scan, and nothing else.

    Attributes:
        scan_id: that it was used for; None while it may still upload.
    """

    token_hash: str
    case_id: str
    scan_id: str | None
    expires_at: int


def create_link(tx: Tx, vault: Vault, case_id: str, life_ms: int) -> NewLink:
    """Raises RefusedError: `case-unknown`."""
    get_case(tx, case_id)
    return _insert(tx, vault, case_id, tx.now + life_ms, None)


def _insert(tx: Tx, vault: Vault, case_id: str, expires_at: int, successor_of: str | None) -> NewLink:
    token = new_token(PREFIX)
    tx.run(
        insert(links).values(
            token_hash=vault.hash(token), case_id=case_id, created_at=tx.now, expires_at=expires_at,
            successor_of=successor_of,
        )
    )  # fmt: skip
    return NewLink(token, expires_at)


def open_link(tx: Tx, vault: Vault, token: str) -> Link | None:
    """The link of a token; None where there is none, or it is expired or revoked."""
    found = links.c.token_hash == vault.hash(token)
    row = tx.one(select(links).where(found, links.c.expires_at > tx.now, links.c.revoked_at.is_(None)))
    return None if row is None else Link(row.token_hash, row.case_id, row.scan_id, row.expires_at)


def use_link(tx: Tx, token_hash: str, case_id: str, scan_id: str) -> None:
    """Spends a link, in the upload's transaction. Raises RefusedError: `link-spent`."""
    spent = tx.run(
        update(links)
        .where(
            links.c.token_hash == token_hash,
            links.c.case_id == case_id,
            links.c.used_at.is_(None),
            links.c.revoked_at.is_(None),
            links.c.expires_at > tx.now,
        )
        .values(used_at=tx.now, scan_id=scan_id)
    )
    if spent.rowcount != 1:
        raise RefusedError("link-spent", "This link has been used, or has expired; ask for a new one.")


def newest_of(tx: Tx, link: Link) -> Link:
    """The last of the links by which one was renewed: where its student stands now; itself if none."""
    while True:
        follows = links.c.successor_of == link.token_hash, links.c.revoked_at.is_(None)
        row = tx.one(select(links).where(*follows))
        if row is None:
            return link
        link = Link(row.token_hash, row.case_id, row.scan_id, row.expires_at)


def renew_link(tx: Tx, vault: Vault, token: str) -> NewLink:
    """A fresh link for a student whose scan must be taken again, until the old one would have expired.

    Raises:
        RefusedError: `link-spent` where it is expired or was renewed before, `closed` where the verdict and
            decision ask for no other scan.
    """
    link = open_link(tx, vault, token)
    if link is None:
        raise RefusedError("link-spent", "This link has expired; ask for a new one.")
    return renew(tx, vault, link)


def renew(tx: Tx, vault: Vault, link: Link) -> NewLink:
    """The same for a link that is open. Raises as `renew_link`."""
    if link.scan_id is None:
        raise RefusedError("closed", "This link has not been used yet.")
    scan = tx.one(select(scans).where(scans.c.scan_id == link.scan_id).with_for_update())
    asked = scan is not None and (
        scan.decision in ("return", "retake")
        or (scan.decision is None and scan.verdict in ("return", "retake"))
    )
    if not asked:
        raise RefusedError("closed", "Nothing asks for another scan.")
    if tx.one(select(links.c.token_hash).where(links.c.successor_of == link.token_hash)) is not None:
        raise RefusedError("link-spent", "This link has been renewed already.")
    return _insert(tx, vault, link.case_id, link.expires_at, link.token_hash)
