"""One database, embedded or served: transactions whose writes never wait for an upgraded lock."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

from sqlalchemy import Connection, Engine, Row, create_engine, event, text
from sqlalchemy.engine import CursorResult
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.sql import Executable

from scanservice.service.syncing import SharedSync

BUSY_MS = 15_000
"""How long SQLite waits for another's write; longer than any transaction of this program."""
EVENT_ORDER_LOCK = 0x5CA9_0001
"""PostgreSQL's advisory lock under which events get their numbers."""

T = TypeVar("T")
Record = Row[*tuple[Any, ...]]
"""A row whose columns are not told to the type checker."""
Clock = Callable[[], int]
Lasting = Literal["at once", "together", "soon"]
"""When a transaction outlives a power cut; the death of processes it outlives in any case.

`at once`: when others can see it; for events, whose numbers others count on. `together`: when `write` has
ended, and many that end at one time share one write to the disk; for promises. `soon`: within moments; for
what is only about work under way (who does it, how far it is, that a process lives), and would be done again.
"""


def wall_clock() -> int:
    """Milliseconds since 1970."""
    return time.time_ns() // 1_000_000


class UnavailableError(Exception):
    """The database or the blob store cannot be reached now; nothing was promised."""


class OutcomeUnknownError(UnavailableError):
    """The connection broke off while a transaction was committed: it may stand, or not."""


@dataclass(frozen=True, slots=True)
class Tx:
    """A transaction under way; `now` is its one moment, in ms."""

    connection: Connection
    now: int

    @property
    def served(self) -> bool:
        """Whether this is a PostgreSQL server, where transactions run side by side."""
        return self.connection.dialect.name == "postgresql"

    def run(self, statement: Executable, parameters: Any = None) -> CursorResult[Any]:
        result = self.connection.execute(statement, parameters)
        assert isinstance(result, CursorResult)
        return result

    def one(self, statement: Executable) -> Record | None:
        return self.connection.execute(statement).first()

    def all(self, statement: Executable) -> list[Record]:
        return list(self.connection.execute(statement))

    def value(self, statement: Executable) -> Any:
        """The first column of the first row, or None."""
        return self.connection.execute(statement).scalar()

    def order_events(self) -> None:
        """From here to the commit no other transaction numbers an event.

        Numbers are given in the order of commits, so that whoever asks for all events after n never
        misses a smaller number that becomes visible later. SQLite has one writer anyway.
        """
        if self.served:
            self.connection.execute(text(f"SELECT pg_advisory_xact_lock({EVENT_ORDER_LOCK})"))


class Database:
    """Opens transactions on one engine.

    Args:
        url: SQLAlchemy's.
        clock: replaced in tests.
    """

    def __init__(self, url: str, clock: Clock = wall_clock) -> None:
        self.url = url
        self.clock = clock
        self.engine = _engine(url)
        file = self.engine.url.database if self.engine.dialect.name == "sqlite" else None
        self._sync = SharedSync(Path(f"{file}-wal")) if file else None

    @contextmanager
    def write(self, lasting: Lasting = "at once") -> Iterator[Tx]:
        """A transaction that may write. On SQLite it takes the write lock at once: one that read
        first would fail at its first write if another had written meanwhile.

        Raises:
            UnavailableError: the database cannot be reached, or stayed locked.
            OutcomeUnknownError: the connection broke off at the commit.
        """
        with _translated(), self.engine.connect() as connection:
            connection = connection.execution_options(writes=lasting)
            transaction = connection.begin()
            try:
                yield Tx(connection, self.clock())
            except BaseException:
                with suppress(DBAPIError):  # a connection that is gone has rolled back too
                    transaction.rollback()
                raise
            try:
                transaction.commit()
            except (OperationalError, InterfaceError) as error:
                raise OutcomeUnknownError(type(error.orig or error).__name__) from None
        if lasting == "together" and self._sync is not None:
            try:
                self._sync()
            except OSError as error:
                raise OutcomeUnknownError(type(error).__name__) from None

    def settle(self, action: Callable[[Tx], T], lasting: Lasting = "at once") -> T:
        """What `action` gives in a transaction that may write; done once more where another transaction was
        the first to write a row of the same key, which is seen then. Raises as `write` does."""
        try:
            with self.write(lasting) as tx:
                return action(tx)
        except IntegrityError:
            with self.write(lasting) as tx:
                return action(tx)

    @contextmanager
    def read(self) -> Iterator[Tx]:
        """A transaction that only reads."""
        with _translated(), self.engine.connect() as connection, connection.begin():
            yield Tx(connection, self.clock())

    def close(self) -> None:
        self.engine.dispose()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        # The driver's text may quote values: only its type goes on.
        raise UnavailableError(type(error.orig or error).__name__) from None
    except PoolTimeout:
        raise UnavailableError("PoolTimeout") from None
    except DBAPIError as error:
        if error.connection_invalidated:
            raise UnavailableError(type(error.orig or error).__name__) from None
        raise


def _engine(url: str) -> Engine:
    # Parameters hold personal data; neither errors nor logs may show them.
    if not url.startswith("sqlite"):
        engine = create_engine(
            url,
            hide_parameters=True,
            pool_pre_ping=True,
            pool_size=5,
            max_overflow=15,
            pool_timeout=10,
            connect_args={"connect_timeout": 5, "client_encoding": "utf8"},
        )

        @event.listens_for(engine, "begin")
        def _loosen(connection: Connection) -> None:
            if connection.get_execution_options().get("writes") == "soon":
                connection.exec_driver_sql("SET LOCAL synchronous_commit TO OFF")

        return engine
    engine = create_engine(url, hide_parameters=True, connect_args={"check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver's own BEGIN would always be DEFERRED
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        lasting = connection.get_execution_options().get("writes")
        # FULL waits for the disk at each commit, under the write lock; NORMAL leaves the log in the system's
        # hands, and still syncs it before its content goes into the database.
        connection.exec_driver_sql(f"PRAGMA synchronous = {'FULL' if lasting == 'at once' else 'NORMAL'}")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if lasting else "BEGIN")

    return engine


def canonical(document: Any) -> str:
    """JSON in the one form that is stored, hashed and compared."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
