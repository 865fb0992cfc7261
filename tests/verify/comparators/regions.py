"""Regions and cases for comparators."""

from __future__ import annotations

from typing import Any

from scanservice.case import Case, parse_case
from scanservice.geometry import Box
from scanservice.template import Region

BOX = Box(10, 10, 60, 20)


def region(compare: str, value: str | None = None, **more: Any) -> Region:
    """A text region, whose id says nothing."""
    return Region(id="r", kind="text", box=BOX, compare=compare, value=value, **more)  # type: ignore[arg-type]


def any_case(*, id_number: str | None = None, **entry: Any) -> Case:
    return parse_case(
        {
            "case": "c",
            "student": {"name": "张海洋", "id_number": id_number},
            "entry": entry,
            "workflow": {"state": "entry_confirmed"},
        }
    )
