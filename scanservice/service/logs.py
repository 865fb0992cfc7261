"""Log lines: JSON on standard error, of codes, ids that the service made, and figures.

No name, ID number, case id (it may hold a student number), serial, file name or picture is ever
logged; exceptions are named by type, since their texts may quote what came in.
"""

from __future__ import annotations

import logging
import sys

import structlog


def set_up(process: str) -> None:
    """Once a process; `process` names it in every line."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(process=process)


log: structlog.stdlib.BoundLogger = structlog.get_logger()
