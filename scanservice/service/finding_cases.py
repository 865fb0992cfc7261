"""Which cases a text means: part of a student's name, or the beginning of a number, a serial or a case.

Every case has its words in a table of its own, in which all that begin with a text stand together: a search
reads what it finds, however many cases there are.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ColumnElement, delete, exists, insert, select

from scanservice.service.database import Record, Tx
from scanservice.service.tables import case_words, cases

LONGEST_WORD = 200
MOST_STARTS = 60
"""Characters of a name from which it is found."""
LAST = "\U0010ffff"
"""Sorts behind every character of a word."""
FEW = 500
"""Cases that a query is given as a list."""
REPAIRED = 500
"""Cases whose words are noted in one transaction."""


def words_of(case_id: str, name: str, *numbers: str | None) -> set[str]:
    """What a case is found by, in small letters; names from each of their characters on."""
    found = {name[start:] for start in range(min(len(name), MOST_STARTS))}
    found.update(number for number in (case_id, *numbers) if number)
    return {word.casefold()[:LONGEST_WORD] for word in found}


def note_words(tx: Tx, case_id: str, words: Iterable[str]) -> None:
    """Sets a case's words."""
    tx.run(delete(case_words).where(case_words.c.case_id == case_id))
    rows = [{"word": word, "case_id": case_id} for word in sorted(set(words))]
    if rows:
        tx.run(insert(case_words), rows)


def in_cases(tx: Tx, text: str, case_id: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether a case is one that a text means.

    Where these are few they are listed; where they are many, a query that goes through cases in its own
    order soon has enough of them, and asks of each.
    """
    start = text.strip().casefold()[:LONGEST_WORD]
    matching = (case_words.c.word >= start) & (case_words.c.word < start + LAST)
    listed = {row.case_id for row in tx.all(select(case_words.c.case_id).where(matching).limit(FEW + 1))}
    if len(listed) <= FEW:
        return case_id.in_(sorted(listed))
    return exists().where(case_words.c.case_id == case_id, matching)


def note_missing(tx: Tx) -> int:
    """Words of cases that an earlier version wrote, or a backup of one held; how many cases."""
    bare = ~exists().where(case_words.c.case_id == cases.c.case_id)
    rows = tx.all(select(cases).where(bare).order_by(cases.c.case_id).limit(REPAIRED))
    for row in rows:
        note_words(tx, row.case_id, words_of_row(row))
    return len(rows)


def words_of_row(row: Record) -> set[str]:
    return words_of(row.case_id, row.student_name, row.student_number, row.serial)
