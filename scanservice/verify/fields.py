"""The ways in which a region may say what is expected of it, as class sequences to be scored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scanservice.case import Case
from scanservice.evidence import Posterior, RegionReading
from scanservice.template import Region
from scanservice.verify.alphabet import BREAK, DATE_CELLS, NUMBER, Alphabet
from scanservice.verify.comparators import Variant, variants
from scanservice.verify.grammar import other_entries
from scanservice.verify.posterior import Lattice, lattice
from scanservice.verify.recogniser import recogniser

LONG = 5
"""Digits from which a text is a number of something; years of study are not."""


@dataclass(frozen=True, slots=True)
class Spelling:
    """A variant and its classes; `codes` is None where the recogniser knows a character of it not."""

    variant: Variant
    codes: tuple[int, ...] | None


@dataclass(frozen=True, eq=False)
class Field:
    """A text region, what should stand there, and how that may be written.

    Attributes:
        expected: the text of the case; `shown`: as people know it (a choice by its name).
        spellings: best first, no two of one class sequence.
        cells: they are spelled cell by cell.
        others: what else a closed list lets stand there, as classes; empty without such a list.
    """

    region: Region
    expected: str
    shown: str
    alphabet: Alphabet
    spellings: tuple[Spelling, ...]
    cells: bool = False
    others: tuple[tuple[int, ...], ...] = ()

    @property
    def compare(self) -> str:
        return self.region.compare or "text"

    @property
    def codes(self) -> list[tuple[int, ...]]:
        """Everything that will be scored."""
        return [spelling.codes for spelling in self.spellings if spelling.codes] + list(self.others)


def field(region: Region, case: Case, *, cells: bool = False) -> Field | None:
    """What is expected in a region, and how it may be written.

    Args:
        cells: the region was read cell by cell, so that it can be spelled so.

    Returns:
        None where the case does not know what should stand in the region.
    """
    expected = case.value(region.value) if region.value else None
    if expected is None:
        return None
    shown = (region.choices or {}).get(expected, expected)
    spellings: list[Spelling] = []
    seen: set[tuple[int, ...]] = set()
    known = variants(region, expected, case)
    cells = cells and any(variant.cells for variant in known)
    alphabet = Alphabet(recogniser().characters, _alphabet(region.compare or "text", expected, cells=cells))
    for variant in known:
        if cells and not variant.cells:
            continue
        text = BREAK.join(variant.cells) if cells else variant.text
        codes = alphabet.encode(text)
        if codes is not None and (not codes or codes in seen):
            continue
        spellings.append(Spelling(variant, codes))
        if codes is not None:
            seen.add(codes)
    others = [alphabet.encode(text) for text in other_entries(region, expected)] if not cells else []
    entries = tuple(codes for codes in others if codes and codes not in seen)
    return Field(region, expected, shown, alphabet, tuple(spellings), cells, entries)


def _alphabet(compare: str, expected: str, *, cells: bool) -> str:
    """Which symbols count as the same: a text of digits alone is a number, whatever the template calls it."""
    if cells and compare == "date":
        return DATE_CELLS
    if compare == "text" and expected.isascii() and expected.isdigit() and len(expected) >= LONG:
        return NUMBER
    return compare


def lattices(
    reading: RegionReading, alphabet: Alphabet, wanted: Sequence[tuple[int, ...]], *, cells: bool = False
) -> list[Lattice]:
    """One lattice for each reader and preparation that has seen every line of the region.

    Args:
        wanted: class sequences that will be scored.
        cells: the lines are cells, which the wanted texts tell apart.
    """
    by_source: dict[str, list[Posterior]] = {}
    for line in reading.lines:
        for posterior in line.posteriors:
            by_source.setdefault(posterior.source, []).append(posterior)
    return [
        lattice(lines, alphabet, wanted, cells=cells)
        for lines in by_source.values()
        if len(lines) == len(reading.lines)
    ]
