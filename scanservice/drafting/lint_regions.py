"""What a description can be doubted for without looking at the blank."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from scanservice.drafting.labels import dictionary
from scanservice.geometry import Box
from scanservice.template import Region

Severity = Literal["error", "warning", "note"]

MIN_PRINTS = 3
"""Print regions below which a required page is hard to tell from its neighbours': one may be hidden
by a finger, another burnt out by glare, and one must still be left."""
MIN_SEAL_MM = 38.0
"""The smallest diameter of official seals (of agencies and institutions below the county: 42 mm; of
companies: 38 mm and more)."""
MIN_TEXT_MM = 5.0
"""Handwriting needs this height."""
OVERLAP_MM = 0.3
"""Boxes that run into one another by less than a rule's width do not disturb each other."""
MAX_LENGTHS = 4
"""A pattern that takes numbers of more lengths than this pins nothing down: a digit lost or read twice
would go unnoticed."""


@dataclass(frozen=True, slots=True)
class LintMessage:
    """One thing wrong (`error`), doubtful (`warning`) or worth knowing (`note`), with its path."""

    severity: Severity
    code: str
    path: str
    message: str

    def __str__(self) -> str:
        where = f"{self.path}: " if self.path else ""
        return f"{self.severity}[{self.code}] {where}{self.message}"


@dataclass(frozen=True)
class Placed:
    """A valid region with its path in the file and the number of its page (from 1)."""

    path: str
    page: int
    region: Region


def region_messages(placed: Placed) -> Iterator[LintMessage]:
    """Doubts about one region by itself."""
    region, path = placed.region, placed.path
    box = region.box
    if region.kind == "text":
        yield from _text(region, path)
    if region.kind == "seal" and min(box.width, box.height) < MIN_SEAL_MM:
        size = f"{box.width:.0f} x {box.height:.0f} mm"
        yield LintMessage(
            "note", "seal-small", f"{path}.box", f"{size} is less than a seal ({MIN_SEAL_MM:.0f} mm and more)"
        )
    if region.kind == "serial":
        yield from _serial(region, path)
    if region.kind == "print" and not region.text:
        yield LintMessage(
            "warning", "print-without-text", path, "says no text: it is compared by looks alone"
        )
    if region.owner is not None and region.kind not in ("seal", "signature"):
        yield LintMessage("warning", "owner-unused", f"{path}.owner", f"means nothing on kind {region.kind}")
    if region.value is not None and region.kind != "text":
        yield LintMessage(
            "warning", "value-unused", f"{path}.value", f"is not compared on kind {region.kind}"
        )


def _text(region: Region, path: str) -> Iterator[LintMessage]:
    if region.box.height < MIN_TEXT_MM:
        message = f"{region.box.height:.1f} mm is low for handwriting ({MIN_TEXT_MM:.0f} mm)"
        yield LintMessage("note", "text-low", f"{path}.box", message)
    if region.value is None:
        message = "has no value: what is written there is never compared; use kind free"
        yield LintMessage("warning", "text-without-value", path, message)
        return
    usual = dictionary().comparators[region.value]
    if region.compare != usual:
        message = f"{region.compare} is unusual for {region.value}, which is compared as {usual}"
        yield LintMessage("warning", "compare-unusual", f"{path}.compare", message)
    if region.compare == "date" and region.cells is not None and len(region.cells) not in (2, 3):
        message = "a date is written in two cells (year, month) or three (year, month, day)"
        yield LintMessage("warning", "date-cells", f"{path}.cells", message)
    for number, cell in enumerate(region.cells or ()):
        if _overlap(cell, region.box) < 0.9 * cell.area:
            yield LintMessage("warning", "cell-outside", f"{path}.cells[{number}]", "lies outside its box")


def _serial(region: Region, path: str) -> Iterator[LintMessage]:
    lengths = _lengths(region.pattern or "")
    if len(lengths) > MAX_LENGTHS:
        message = f"takes numbers of {lengths[0]} to {lengths[-1]} digits: state how many yours have"
        yield LintMessage("warning", "pattern-loose", f"{path}.pattern", message)
    if region.ink is None:
        message = "says no ink: a number printed in another colour is not noticed"
        yield LintMessage("warning", "serial-without-ink", path, message)


def _lengths(pattern: str) -> list[int]:
    """How many digits the number in a pattern may have, as far as a row of one digit tells."""
    start = pattern.find("(?P<serial>")
    depth, end = 0, len(pattern)
    for index in range(max(start, 0), len(pattern)):
        escaped = pattern[index - 1] == "\\" if index else False
        depth += 0 if escaped else {"(": 1, ")": -1}.get(pattern[index], 0)
        if depth == 0:
            end = index
            break
    inner = pattern[start + len("(?P<serial>") : end] if start >= 0 else ""
    try:
        number = re.compile(inner)
    except re.error:
        return []
    return [length for length in range(1, 31) if any(number.fullmatch(digit * length) for digit in "123")]


def page_messages(path: str, required: bool, regions: Sequence[Placed]) -> Iterator[LintMessage]:
    """Doubts about the regions of one page together."""
    prints = [item for item in regions if item.region.kind == "print"]
    if required and not prints:
        message = "has no print region: another form's page could be taken for it"
        yield LintMessage("warning", "print-none", path, message)
    elif required and len(prints) < MIN_PRINTS:
        message = f"has {len(prints)} print regions; {MIN_PRINTS} or more tell it from its neighbours"
        yield LintMessage("warning", "print-few", path, message)
    for first, second in itertools.combinations(regions, 2):
        yield from _pair(first, second)


def _pair(first: Placed, second: Placed) -> Iterator[LintMessage]:
    kinds = {first.region.kind, second.region.kind}
    shared = first.region.box.clipped(second.region.box)
    if shared.width <= OVERLAP_MM or shared.height <= OVERLAP_MM:
        return
    if kinds <= {"text", "serial"}:
        message = f"runs into {first.region.id}: the ink of one is read as the other's"
        yield LintMessage("warning", "text-overlap", f"{second.path}.box", message)
    if kinds == {"seal"} and first.region.owner != second.region.owner:
        message = f"runs into {first.region.id}, the place of another owner's seal"
        yield LintMessage("warning", "seal-overlap", f"{second.path}.box", message)
    if "print" in kinds and kinds & {"text", "serial", "signature"}:
        message = f"runs into {first.region.id}: writing there hides the print"
        yield LintMessage("warning", "print-overlap", f"{second.path}.box", message)


def _overlap(first: Box, second: Box) -> float:
    return first.clipped(second).area
