"""Many scans at once, written past the service into its tables, as its calls would have left them."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Table, func, insert, select, text

from scanservice.case import parse_case
from scanservice.fingerprint_index import imprint_code, paper_code
from scanservice.service.database import Database, Tx, canonical
from scanservice.service.finding_cases import words_of
from scanservice.service.tables import (
    case_words,
    cases,
    decisions,
    deliveries,
    events,
    fingerprints,
    hooks,
    paper_history,
    papers,
    scan_files,
    scans,
    verdict_findings,
    verdicts,
)
from tests.service.world import START, a_case

SEED = 20190108
BATCH = 2000
OPEN = 2000
"""The newest scans, which wait for a person; the others are decided."""
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉萍红玲燕飞"
COLLEGES = ("海洋生命学院", "数学科学学院", "经济学院", "工程学院", "水产学院", "食品科学与工程学院")
CODES = ("field-differs", "date-missing", "employer-seal-missing", "field-altered", "scan-reused")
FIELDS, ROWS, COLUMNS = 31, 12, 40
"""Of a form such as the project's own: a fingerprint of 2 KB."""
IMPRINT_BYTES = 1600


def fill(database: Database, start: int, end: int) -> None:
    """Writes the scans with the numbers from `start` to `end`, a case and a paper each."""
    with database.write() as tx:
        if tx.one(select(hooks.c.name)) is None:
            tx.run(
                insert(hooks).values(
                    name="main", url="https://main.example", types='["scan.checked","scan.decided"]',
                    secret=b"-", enabled=True, created_at=START, updated_at=START,
                )
            )  # fmt: skip
    for first in range(start, end, BATCH):
        last = min(first + BATCH, end)
        with database.write() as tx:
            for table, make in MAKERS.items():
                _write(tx, table, [row for n in range(first, last) for row in make(n, end)])
    with database.write() as tx:
        if tx.served:
            highest = select(func.max(events.c.seq))
            tx.run(select(func.setval("events_seq_seq", highest.scalar_subquery())))
            tx.run(text("ANALYZE"))  # as the server does by itself after a while


def scan_id(number: int) -> str:
    return f"scan_{number:024x}"


def case_id(number: int) -> str:
    return f"2019-{number:08d}"


def serial(number: int) -> str:
    return f"{2_019_000_000 + number}"


def student_number(number: int) -> str:
    return f"{21_000_000_000 + number * 7}"


def name(number: int) -> str:
    chance = random.Random(number)
    return chance.choice(SURNAMES) + "".join(chance.choices(GIVEN, k=2))


def fingerprint(number: int) -> bytes:
    chance = random.Random(number)
    head = b"onlyform" + bytes([FIELDS]) + bytes([ROWS, COLUMNS]) * FIELDS
    # Two bits of three taken away: as much ink as writing has.
    size = FIELDS * ROWS * COLUMNS // 8
    ink = chance.getrandbits(8 * size) & chance.getrandbits(8 * size)
    return head + ink.to_bytes(size, "big")


def imprint(number: int) -> bytes:
    return random.Random(-number - 1).randbytes(IMPRINT_BYTES)


def _at(number: int) -> int:
    """Within the time for which everything is kept."""
    return START - 100 * 86_400_000 + number * 80_000


def _cases(n: int, end: int) -> Iterator[dict[str, Any]]:
    facts = parse_case(
        a_case(case_id(n), student__name=name(n), student__number=student_number(n), entry__serial=serial(n))
    )
    yield {
        "case_id": case_id(n), "facts": canonical(facts.model_dump(mode="json")), "facts_version": 1,
        "student_name": name(n), "student_number": student_number(n), "college": COLLEGES[n % len(COLLEGES)],
        "serial": serial(n), "open_scan": scan_id(n), "created_at": _at(n), "updated_at": _at(n),
    }  # fmt: skip


def _words(n: int, end: int) -> Iterator[dict[str, Any]]:
    for word in words_of(case_id(n), name(n), student_number(n), serial(n)):
        yield {"word": word, "case_id": case_id(n)}


def _scans(n: int, end: int) -> Iterator[dict[str, Any]]:
    waits = n >= end - OPEN
    yield {
        "scan_id": scan_id(n), "case_id": case_id(n), "content": f"{n:064x}", "source": "main",
        "state": "checked" if waits else "decided", "stage": "done", "revision": 2, "superseded": False,
        "verdict": ("pass", "return", "review")[n % 3], "verdict_version": 1, "judged_facts": 1,
        "evidence_key": None, "decision": None if waits else "approve", "created_at": _at(n),
        "checked_at": _at(n) + 5000, "closed_at": None if waits else _at(n) + 86_400_000,
        "pictures_gone_at": None,
    }  # fmt: skip


def _files(n: int, end: int) -> Iterator[dict[str, Any]]:
    for place in range(2):
        key = f"scans/{scan_id(n)}/{place}"
        yield {
            "scan_id": scan_id(n), "position": place, "sha256": f"{2 * n + place:064x}", "size": 3_000_000,
            "blob_key": key,
        }  # fmt: skip


def _verdicts(n: int, end: int) -> Iterator[dict[str, Any]]:
    document = {
        "verdict": ("pass", "return", "review")[n % 3], "case": case_id(n), "template": None, "pages": [],
        "serial": {"read": serial(n), "expected": serial(n), "agreement": "agree", "confidence": 0.99},
        "regions": [], "findings": [], "input_sha256": [], "format": 1, "final": False,
        "versions": {"scanservice": "0", "rules": "1", "recogniser": "none"}, "timings_ms": {"total": 1.0},
    }  # fmt: skip
    yield {
        "scan_id": scan_id(n), "version": 1, "revision": 2, "kind": document["verdict"], "cause": "check",
        "facts_version": 1, "template_version": None, "rules_version": "1", "document": canonical(document),
        "internal": "[]", "created_at": _at(n) + 5000,
    }  # fmt: skip


def _findings(n: int, end: int) -> Iterator[dict[str, Any]]:
    for place in range(n % 3):
        code = CODES[(n // 3 + place) % len(CODES)]
        yield {"scan_id": scan_id(n), "position": place, "code": code, "severity": "review", "region": None}


def _marks(n: int, end: int) -> Iterator[dict[str, Any]]:
    for kind, value, code in (("ink", fingerprint(n), paper_code), ("seal", imprint(n), imprint_code)):
        yield {"scan_id": scan_id(n), "kind": kind, "value": value, "code": code(value)}


def _papers(n: int, end: int) -> Iterator[dict[str, Any]]:
    yield {
        "serial": serial(n), "holder": case_id(n), "status": "held", "issued_on": "2018-10-12",
        "sealed_in_advance": False, "version": 1, "updated_at": _at(n),
    }  # fmt: skip


def _paper_history(n: int, end: int) -> Iterator[dict[str, Any]]:
    for row in _papers(n, end):
        row["created_at"] = row.pop("updated_at")
        yield {**row, "actor": "key:bench"}


def _events(n: int, end: int) -> Iterator[dict[str, Any]]:
    for place, kind in enumerate(("scan.checked", "scan.decided")):
        yield {
            "seq": 2 * n + place + 1, "event_id": f"evt_{2 * n + place:024x}", "type": kind,
            "case_id": case_id(n), "scan_id": scan_id(n), "payload": '{"data":{}}', "created_at": _at(n),
        }  # fmt: skip


def _deliveries(n: int, end: int) -> Iterator[dict[str, Any]]:
    for place in range(2):
        yield {
            "hook": "main", "seq": 2 * n + place + 1, "case_id": case_id(n), "state": "delivered",
            "attempts": 1, "last_status": 204, "created_at": _at(n), "next_at": _at(n), "done_at": _at(n),
        }  # fmt: skip


def _decisions(n: int, end: int) -> Iterator[dict[str, Any]]:
    if n < end - OPEN:
        yield {
            "scan_id": scan_id(n), "revision": 2, "verdict_version": 1, "action": "approve", "reasons": "[]",
            "note": "", "pages": "[]", "paper_seen": True, "documents_seen": True, "actor": "account:bench",
            "decided_at": _at(n) + 86_400_000, "effective_at": _at(n) + 86_400_000,
        }  # fmt: skip


MAKERS = {
    cases: _cases,
    case_words: _words,
    scans: _scans,
    scan_files: _files,
    verdicts: _verdicts,
    verdict_findings: _findings,
    fingerprints: _marks,
    papers: _papers,
    paper_history: _paper_history,
    events: _events,
    deliveries: _deliveries,
    decisions: _decisions,
}


def _write(tx: Tx, table: Table, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    if not tx.served:
        tx.run(insert(table), rows)
        return
    names = list(rows[0])
    cursor: Any = tx.connection.connection.cursor()
    columns = ", ".join(names)
    with cursor.copy(f"COPY {table.name} ({columns}) FROM STDIN") as copy:
        for row in _tuples(rows, names):
            copy.write_row(row)


def _tuples(rows: Iterable[dict[str, Any]], names: list[str]) -> Iterator[list[Any]]:
    for row in rows:
        yield [row[column] for column in names]
