"""The ledger of issued forms: who holds which serial, and what became of it; nothing is forgotten."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, or_, select, update

from scanservice.case import PaperStatus
from scanservice.service import cases as case_store
from scanservice.service.checking import LedgerPaper
from scanservice.service.database import Record, Tx
from scanservice.service.refusals import RefusedError
from scanservice.service.tables import cases, paper_history, papers

MOST_LISTED = 500
STOCK = "stock"
"""Printed and numbered, and not handed out yet."""


@dataclass(frozen=True, slots=True)
class Paper:
    """Attributes:
    holder: the case that it was issued to; None while it lies in stock.
    status: a paper's status as in the case, or `stock`.
    """

    serial: str
    holder: str | None = None
    status: PaperStatus | str = "held"
    issued_on: dt.date | None = None
    sealed_in_advance: bool = False


@dataclass(frozen=True, slots=True)
class PaperPut:
    """`questioned`: the open scans that turn on the serial, to be judged again."""

    created: bool
    changed: bool
    version: int
    questioned: tuple[str, ...] = ()


def put_paper(tx: Tx, paper: Paper, actor: str, *, seen: int | None = None) -> PaperPut:
    """Sets what the ledger knows of a serial; with `seen`, only where that version still stands.

    Raises RefusedError: `paper-stale`.
    """
    row = tx.one(select(papers).where(papers.c.serial == paper.serial).with_for_update())
    current = row.version if row else 0
    if seen is not None and seen != current:
        raise RefusedError("paper-stale", "The paper was changed meanwhile.", extra={"version": current})
    if row is not None and paper_of(row) == paper:
        return PaperPut(False, False, current)
    values = _values(paper)
    if row is None:
        tx.run(insert(papers).values(serial=paper.serial, version=1, updated_at=tx.now, **values))
    else:
        changed = update(papers).where(papers.c.serial == paper.serial)
        tx.run(changed.values(version=current + 1, updated_at=tx.now, **values))
    tx.run(
        insert(paper_history).values(
            serial=paper.serial, version=current + 1, actor=actor, created_at=tx.now, **values
        )
    )
    questioned = _question_cases(tx, paper.serial, {paper.holder, row.holder if row else None})
    return PaperPut(row is None, True, current + 1, questioned)


def _values(paper: Paper) -> dict[str, Any]:
    return {
        "holder": paper.holder,
        "status": paper.status,
        "issued_on": paper.issued_on.isoformat() if paper.issued_on else None,
        "sealed_in_advance": paper.sealed_in_advance,
    }


def _question_cases(tx: Tx, serial: str, holders: Iterable[str | None]) -> tuple[str, ...]:
    """The ledger is part of the facts: the open scans that turn on this serial are judged again."""
    known = [holder for holder in holders if holder]
    touched = (
        select(cases.c.open_scan)
        .where(cases.c.open_scan.is_not(None), or_(cases.c.case_id.in_(known), cases.c.serial == serial))
        .order_by(cases.c.case_id)
        .with_for_update()
    )
    scans = [row.open_scan for row in tx.all(touched)]
    return tuple(scan for scan in scans if case_store.question(tx, scan, "facts"))


def paper_of(row: Record) -> Paper:
    issued = dt.date.fromisoformat(row.issued_on) if row.issued_on else None
    return Paper(row.serial, row.holder, row.status, issued, row.sealed_in_advance)


def get_paper(tx: Tx, serial: str) -> Record:
    """Raises RefusedError: `paper-unknown`."""
    row = tx.one(select(papers).where(papers.c.serial == serial))
    if row is None:
        raise RefusedError("paper-unknown", "The ledger has no paper with this serial.")
    return row


def history(tx: Tx, serial: str) -> list[Record]:
    return tx.all(
        select(paper_history).where(paper_history.c.serial == serial).order_by(paper_history.c.version)
    )


def list_papers(
    tx: Tx,
    *,
    status: str | None = None,
    holder: str | None = None,
    search: str | None = None,
    after: str = "",
    limit: int = 100,
) -> list[Record]:
    """Papers in the order of their serials, from the one after `after`; `search` is a serial's beginning."""
    wanted = select(papers).where(papers.c.serial > after)
    if status is not None:
        wanted = wanted.where(papers.c.status == status)
    if holder is not None:
        wanted = wanted.where(papers.c.holder == holder)
    if search:
        wanted = wanted.where(papers.c.serial.startswith(search, autoescape=True))
    return tx.all(wanted.order_by(papers.c.serial).limit(min(limit, MOST_LISTED)))


def issue_range(tx: Tx, first: str, count: int, actor: str) -> int:
    """Takes `count` numbers from `first` on into stock, keeping leading zeros; how many were new.

    Raises RefusedError: `papers-invalid` where the serial does not end in digits enough.
    """
    digits = len(first) - len(first.rstrip("0123456789"))
    head, number = first[: len(first) - digits], first[len(first) - digits :]
    if not number or len(str(int(number) + count - 1)) > digits:
        raise RefusedError("papers-invalid", "The first serial must end in digits that can count that far.")
    new = 0
    for offset in range(count):
        serial = f"{head}{int(number) + offset:0{digits}d}"
        if tx.one(select(papers.c.serial).where(papers.c.serial == serial)) is None:
            put_paper(tx, Paper(serial, status=STOCK), actor)
            new += 1
    return new


def put_papers(tx: Tx, listed: Sequence[Paper], actor: str) -> dict[str, int]:
    """Sets many at once; how many were created, changed and left as they were."""
    puts = [put_paper(tx, paper, actor) for paper in listed]
    created = sum(put.created for put in puts)
    changed = sum(put.changed for put in puts) - created
    return {"created": created, "changed": changed, "unchanged": len(puts) - created - changed}


def ledger_for(tx: Tx, case_id: str, serials: Iterable[str]) -> tuple[LedgerPaper, ...] | None:
    """What the ledger knows of a case's papers and of some serials; None where no ledger is kept."""
    if tx.one(select(papers.c.serial).limit(1)) is None:
        return None
    wanted = or_(papers.c.holder == case_id, papers.c.serial.in_(sorted(serials)))
    found = [paper_of(row) for row in tx.all(select(papers).where(wanted).order_by(papers.c.serial))]
    return tuple(
        LedgerPaper(paper.serial, paper.holder, str(paper.status), paper.issued_on, paper.sealed_in_advance)
        for paper in found
    )
