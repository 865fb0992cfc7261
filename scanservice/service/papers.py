"""The ledger of issued forms: who holds which serial, and what became of it; nothing is forgotten."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, insert, or_, select, update

from scanservice.case import PaperStatus
from scanservice.service import cases as case_store
from scanservice.service.checking import LedgerPaper
from scanservice.service.database import Record, Tx
from scanservice.service.refusals import RefusedError
from scanservice.service.tables import cases, paper_history, papers

MOST_LISTED = 500
BATCH = 500
"""Papers that are read and written together."""
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
    known = _locked(tx, [paper.serial])
    current = known[paper.serial].version if known else 0
    if seen is not None and seen != current:
        raise RefusedError("paper-stale", "The paper was changed meanwhile.", extra={"version": current})
    created, changed, questioned = _put(tx, [paper], known, actor)
    return PaperPut(bool(created), bool(created or changed), current + created + changed, tuple(questioned))


def put_papers(tx: Tx, listed: Sequence[Paper], actor: str) -> dict[str, int]:
    """Sets many at once, each serial named once; how many were created, changed and left as they were."""
    created = changed = 0
    in_order = sorted(
        listed, key=lambda paper: paper.serial
    )  # two lists at once wait, and never for each other
    for start in range(0, len(in_order), BATCH):
        batch = in_order[start : start + BATCH]
        new, other, _ = _put(tx, batch, _locked(tx, [paper.serial for paper in batch]), actor)
        created, changed = created + new, changed + other
    return {"created": created, "changed": changed, "unchanged": len(listed) - created - changed}


def _locked(tx: Tx, serials: Sequence[str]) -> dict[str, Record]:
    """The rows that there are, by serial, held until the transaction ends."""
    wanted = select(papers).where(papers.c.serial.in_(serials)).order_by(papers.c.serial)
    return {row.serial: row for row in tx.all(wanted.with_for_update())}


def _put(
    tx: Tx, listed: Sequence[Paper], known: Mapping[str, Record], actor: str
) -> tuple[int, int, list[str]]:
    """Writes a batch in few statements: how many are new, how many changed, the scans to be judged again."""
    news = [paper for paper in listed if paper.serial not in known]
    others = [paper for paper in listed if paper.serial in known and paper_of(known[paper.serial]) != paper]
    if not news and not others:
        return 0, 0, []
    rows = [_row(paper, 1) for paper in news]
    rows += [_row(paper, known[paper.serial].version + 1) for paper in others]
    if news:
        tx.run(insert(papers), [{**row, "updated_at": tx.now} for row in rows[: len(news)]])
    if others:
        mine = update(papers).where(papers.c.serial == bindparam("of"))
        values = {column: bindparam(f"new_{column}") for column in (*rows[0], "updated_at")}
        tx.run(
            mine.values(values),
            [
                {"of": row["serial"], "new_updated_at": tx.now, **{f"new_{k}": v for k, v in row.items()}}
                for row in rows[len(news) :]
            ],
        )
    tx.run(insert(paper_history), [{**row, "actor": actor, "created_at": tx.now} for row in rows])
    holders = {paper.holder for paper in (*news, *others)} | {known[paper.serial].holder for paper in others}
    questioned = _question_cases(tx, [row["serial"] for row in rows], holders)
    return len(news), len(others), questioned


def _row(paper: Paper, version: int) -> dict[str, Any]:
    return {
        "serial": paper.serial,
        "version": version,
        "holder": paper.holder,
        "status": paper.status,
        "issued_on": paper.issued_on.isoformat() if paper.issued_on else None,
        "sealed_in_advance": paper.sealed_in_advance,
    }


def _question_cases(tx: Tx, serials: Sequence[str], holders: Iterable[str | None]) -> list[str]:
    """The ledger is part of the facts: the open scans that turn on these serials are judged again."""
    known = sorted({holder for holder in holders if holder})
    touched = (
        select(cases.c.open_scan)
        .where(cases.c.open_scan.is_not(None), or_(cases.c.case_id.in_(known), cases.c.serial.in_(serials)))
        .order_by(cases.c.case_id)
        .with_for_update()
    )
    return case_store.question_many(tx, [row.open_scan for row in tx.all(touched)], "facts")


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
    for start in range(0, count, BATCH):
        batch = range(int(number) + start, int(number) + min(start + BATCH, count))
        serials = [f"{head}{value:0{digits}d}" for value in batch]
        known = _locked(tx, serials)
        stock = [Paper(serial, status=STOCK) for serial in serials if serial not in known]
        new += _put(tx, stock, {}, actor)[0]
    return new


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
