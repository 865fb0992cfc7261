"""The tables. Times are milliseconds since 1970 (UTC); documents are JSON text in canonical form.

The rows are the truth: a job says only that something is to be done to a row, and doing it twice
changes nothing.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    func,
)

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=NAMES)

# SQLite counts only INTEGER PRIMARY KEY up by itself.
Counter = BigInteger().with_variant(Integer, "sqlite")


def _time(name: str, *, null: bool = False) -> Column[int]:
    return Column(name, BigInteger, nullable=null)


cases = Table(
    "cases",
    metadata,
    Column("case_id", String(200), primary_key=True),
    Column("facts", Text, nullable=False),
    Column("facts_version", Integer, nullable=False),
    # Copies of facts that the queue is searched by.
    Column("student_name", String(200), nullable=False),
    Column("student_number", String(200)),
    Column("college", String(200)),
    Column("serial", String(100)),
    Column("open_scan", String(40)),
    _time("created_at"),
    _time("updated_at"),
    Index("ix_cases_student_number", "student_number"),
    Index("ix_cases_serial", "serial"),
    Index("ix_cases_open_scan", "open_scan"),
    Index("ix_cases_updated_at", "updated_at"),
)

case_words = Table(
    "case_words",
    metadata,
    # Compared byte by byte, so that all that begin with a text stand together.
    Column("word", String(200).with_variant(String(200, collation="C"), "postgresql"), primary_key=True),
    Column("case_id", String(200), ForeignKey("cases.case_id", ondelete="CASCADE"), primary_key=True),
    Index("ix_case_words_case_id", "case_id"),
)
"""What the queue is searched by: a student's name from each of its characters on, and the beginnings of
student number, serial and case."""

scans = Table(
    "scans",
    metadata,
    Column("scan_id", String(40), primary_key=True),
    Column("case_id", String(200), ForeignKey("cases.case_id"), nullable=False),
    Column("content", String(64), nullable=False),  # SHA-256 over the files' SHA-256s
    Column("state", String(20), nullable=False),  # received, checking, checked, decided
    Column("stage", String(20), nullable=False),  # what the student's progress shows
    Column("source", String(20), nullable=False),  # main, link
    Column("revision", Integer, nullable=False),  # goes up with all that a reviewer sees
    Column("superseded", Boolean, nullable=False),
    Column("verdict", String(10)),
    Column("verdict_version", Integer, nullable=False),
    Column("judged_facts", Integer),
    Column("evidence_key", String(200)),
    Column("decision", String(20)),
    _time("created_at"),
    _time("checked_at", null=True),
    _time("closed_at", null=True),
    _time("pictures_gone_at", null=True),
    UniqueConstraint("case_id", "content"),
    Index("ix_scans_state", "state", "superseded", "created_at"),
    Index("ix_scans_in_state", "state", "created_at", "scan_id"),
    Index("ix_scans_created_at", "created_at", "scan_id"),
    Index("ix_scans_verdict", "verdict", "verdict_version"),
)
Index("ix_scans_ended", func.coalesce(scans.c.closed_at, scans.c.created_at))

scan_files = Table(
    "scan_files",
    metadata,
    Column("scan_id", String(40), ForeignKey("scans.scan_id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("sha256", String(64), nullable=False, index=True),
    Column("size", BigInteger, nullable=False),
    Column("blob_key", String(200), nullable=False),
)

verdicts = Table(
    "verdicts",
    metadata,
    Column("scan_id", String(40), ForeignKey("scans.scan_id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("kind", String(10), nullable=False),
    Column("cause", String(20), nullable=False),  # check, facts, rerun, reopened
    Column("facts_version", Integer, nullable=False),
    Column("template_version", String(64)),
    Column("rules_version", String(100), nullable=False),
    Column("document", Text, nullable=False),  # the verdict without words
    Column("internal", Text, nullable=False),  # for reviewers alone
    _time("created_at"),
)

verdict_findings = Table(
    "verdict_findings",
    metadata,
    Column("scan_id", String(40), ForeignKey("scans.scan_id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("code", String(60), nullable=False, index=True),
    Column("severity", String(10), nullable=False),
    Column("region", String(100)),
)

fingerprints = Table(
    "fingerprints",
    metadata,
    Column("id", Counter, primary_key=True, autoincrement=True),
    Column("scan_id", String(40), ForeignKey("scans.scan_id"), nullable=False, index=True),
    Column("kind", String(10), nullable=False),  # ink, seal
    Column("value", LargeBinary, nullable=False),
    Column("code", LargeBinary),  # the short one of the search; what an earlier version wrote has none
)

decisions = Table(
    "decisions",
    metadata,
    Column("id", Counter, primary_key=True, autoincrement=True),
    Column("scan_id", String(40), ForeignKey("scans.scan_id"), nullable=False, index=True),
    Column("revision", Integer, nullable=False),  # that was seen
    Column("verdict_version", Integer, nullable=False),
    Column("action", String(10), nullable=False),  # approve, return, retake, undo
    Column("reasons", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("pages", Text, nullable=False),  # that are to be taken again
    Column("paper_seen", Boolean, nullable=False),
    Column("documents_seen", Boolean, nullable=False),
    Column("actor", String(200), nullable=False),
    _time("decided_at"),
    _time("effective_at"),
)

corrections = Table(
    "corrections",
    metadata,
    Column("id", Counter, primary_key=True, autoincrement=True),
    Column("scan_id", String(40), ForeignKey("scans.scan_id"), nullable=False, index=True),
    Column("verdict_version", Integer, nullable=False),
    Column("region", String(100)),
    Column("code", String(60)),
    Column("said", String(40), nullable=False),
    Column("right", String(40), nullable=False),
    Column("actor", String(200), nullable=False),
    _time("created_at"),
)

papers = Table(
    "papers",
    metadata,
    Column("serial", String(100), primary_key=True),
    Column("holder", String(200), index=True),  # the case that it was issued to
    Column("status", String(10), nullable=False),
    Column("issued_on", String(10)),
    Column("sealed_in_advance", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    _time("updated_at"),
)

paper_history = Table(
    "paper_history",
    metadata,
    Column("id", Counter, primary_key=True, autoincrement=True),
    Column("serial", String(100), ForeignKey("papers.serial"), nullable=False, index=True),
    Column("version", Integer, nullable=False),
    Column("holder", String(200), index=True),
    Column("status", String(10), nullable=False),
    Column("issued_on", String(10)),
    Column("sealed_in_advance", Boolean, nullable=False),
    Column("actor", String(200), nullable=False),
    _time("created_at"),
)

links = Table(
    "links",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("case_id", String(200), ForeignKey("cases.case_id"), nullable=False, index=True),
    Column("scan_id", String(40), ForeignKey("scans.scan_id"), index=True),
    Column("successor_of", String(64)),
    _time("created_at"),
    _time("expires_at"),
    _time("used_at", null=True),
    _time("revoked_at", null=True),
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("caller", String(100), primary_key=True),
    Column("key", String(255), primary_key=True),
    Column("request", String(64), nullable=False),
    Column("status", Integer, nullable=False),
    Column("answer", Text, nullable=False),
    Column("case_id", String(200), index=True),
    _time("created_at"),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", Counter, primary_key=True, autoincrement=True),
    Column("kind", String(10), nullable=False),  # check, rejudge, announce, preview
    Column("subject", String(60), nullable=False),
    Column("priority", Integer, nullable=False),
    Column("wanted", Integer, nullable=False),  # goes up with each request: a claim serves what it saw
    Column("cause", String(20), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("trouble", String(60)),
    _time("created_at"),
    _time("run_at"),
    Column("owner", String(100)),
    Column("lease", String(40)),
    _time("lease_until", null=True),
    UniqueConstraint("kind", "subject"),
    Index("ix_jobs_next", "priority", "run_at", "id"),
)

processes = Table(
    "processes",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("role", String(20), nullable=False),
    _time("started_at"),
    _time("seen_at"),
)

events = Table(
    "events",
    metadata,
    Column("seq", Counter, primary_key=True, autoincrement=True),
    Column("event_id", String(40), nullable=False, unique=True),
    Column("type", String(40), nullable=False),
    Column("case_id", String(200), nullable=False, index=True),
    Column("scan_id", String(40), nullable=False, index=True),
    Column("payload", Text, nullable=False),
    _time("created_at"),
)

hooks = Table(
    "hooks",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("url", String(2000), nullable=False),
    Column("types", Text, nullable=False),
    Column("secret", LargeBinary, nullable=False),  # encrypted
    Column("old_secret", LargeBinary),
    _time("old_secret_until", null=True),
    Column("enabled", Boolean, nullable=False),
    Column("disabled_because", String(60)),
    _time("created_at"),
    _time("updated_at"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Counter, primary_key=True, autoincrement=True),
    Column("hook", String(100), ForeignKey("hooks.name"), nullable=False),
    Column("seq", Counter, ForeignKey("events.seq"), nullable=False),
    Column("case_id", String(200), nullable=False),
    Column("state", String(12), nullable=False),  # waiting, delivered, exhausted
    Column("attempts", Integer, nullable=False),
    Column("last_status", Integer),
    Column("last_error", String(60)),
    _time("created_at"),
    _time("first_at", null=True),
    _time("next_at"),
    _time("done_at", null=True),
    Column("lease", String(40)),
    _time("lease_until", null=True),
    UniqueConstraint("hook", "seq"),
    Index("ix_deliveries_waiting", "state", "next_at"),
    Index("ix_deliveries_order", "hook", "case_id", "state", "seq"),
    Index("ix_deliveries_seq", "seq"),
)

delivery_attempts = Table(
    "delivery_attempts",
    metadata,
    Column("id", Counter, primary_key=True, autoincrement=True),
    Column("delivery_id", Counter, ForeignKey("deliveries.id"), nullable=False, index=True),
    Column("status", Integer),
    Column("error", String(60)),
    Column("milliseconds", Integer, nullable=False),
    _time("at"),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("key_id", String(20), primary_key=True),
    Column("name", String(100), nullable=False),
    Column("secret_hash", String(64), nullable=False),
    Column("scopes", Text, nullable=False),
    _time("created_at"),
    _time("revoked_at", null=True),
    _time("used_at", null=True),
)

accounts = Table(
    "accounts",
    metadata,
    Column("account_id", String(40), primary_key=True),
    Column("login", String(100), nullable=False, unique=True),
    Column("password_hash", String(300)),
    Column("subject", String(300), unique=True),  # at the single sign-on's issuer
    Column("role", String(10), nullable=False),
    Column("language", String(10), nullable=False),
    _time("created_at"),
    _time("disabled_at", null=True),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("account_id", String(40), ForeignKey("accounts.account_id"), nullable=False, index=True),
    _time("created_at"),
    _time("seen_at"),
    _time("expires_at"),
)

reruns = Table(
    "reruns",
    metadata,
    Column("rerun_id", String(40), primary_key=True),
    Column("state", String(12), nullable=False),  # previewing, ready, applied, discarded
    Column("pictures", Boolean, nullable=False),  # read again from the picture, not from the evidence
    Column("actor", String(200), nullable=False),
    _time("created_at"),
    _time("applied_at", null=True),
)

rerun_items = Table(
    "rerun_items",
    metadata,
    Column("rerun_id", String(40), ForeignKey("reruns.rerun_id"), primary_key=True),
    Column("scan_id", String(40), ForeignKey("scans.scan_id"), primary_key=True),
    Column("state", String(12), nullable=False),  # waiting, ready, failed, applied, stale
    Column("from_version", Integer, nullable=False),
    Column("from_kind", String(10), nullable=False),
    Column("to_kind", String(10)),
    Column("changed", Boolean),
    Column("changes", Text),
    Column("pictures", Boolean),
    Index("ix_rerun_items_scan_id", "scan_id"),
)

trash = Table(
    "trash",
    metadata,
    Column("blob_key", String(200), primary_key=True),
    _time("created_at"),
)

tallies = Table(
    "tallies",
    metadata,
    Column("month", String(7), primary_key=True),
    Column("verdict", String(10), primary_key=True),
    Column("decision", String(10), primary_key=True),
    Column("scans", Integer, nullable=False),
)
"""What is left of erased scans: counts, without a trace of whose they were."""

figures = Table(
    "figures",
    metadata,
    Column("process", String(100), primary_key=True),
    Column("name", String(60), primary_key=True),
    Column("label", String(100), primary_key=True),
    Column("value", Float, nullable=False),
)
"""What processes have counted, for operators; each adds to its own rows, so that none waits for another."""

rates = Table(
    "rates",
    metadata,
    Column("bucket", String(64), primary_key=True),  # a hash of who does what
    Column("period", BigInteger, primary_key=True),
    Column("uses", Integer, nullable=False),
    Column("ends_at", BigInteger, nullable=False, index=True),
)
"""How often a caller did a thing within a period of time, counted by all processes together."""
