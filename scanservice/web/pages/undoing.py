"""A decision that its maker may still take back, for the page that follows it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from scanservice.service import cases, scans
from scanservice.service.database import Tx
from scanservice.service.tables import decisions
from scanservice.service.times import SECOND
from scanservice.web.pages.visitors import Visitor


@dataclass(frozen=True, slots=True)
class Undo:
    """A decision of the visitor that may still be taken back."""

    id: int
    action: str
    name: str
    scan: str
    seconds: int


def find_undo(tx: Tx, visitor: Visitor, text: str) -> Undo | None:
    """The decision that an address names, while its maker may take it back."""
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        return None
    made = tx.one(select(decisions).where(decisions.c.id == int(text)))
    if made is None or made.actor != visitor.actor or made.effective_at <= tx.now or made.action == "undo":
        return None
    row = scans.get_scan(tx, made.scan_id)
    if row.decision != made.action:
        return None
    name = cases.get_case(tx, row.case_id).student_name
    return Undo(made.id, made.action, name, made.scan_id, -(-(made.effective_at - tx.now) // SECOND))
