"""Tables of figures: printed, and written into docs/benchmarks/ on demand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

DOCS = Path(__file__).parent.parent / "docs" / "benchmarks"


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table; floats with three significant digits."""
    cells = [[_cell(cell) for cell in row] for row in rows]
    widths = [max(len(name), *(len(row[i]) for row in cells), 3) for i, name in enumerate(header)]
    lines = [_line(header, widths), _line(["-" * width for width in widths], widths)]
    return "\n".join(lines + [_line(row, widths) for row in cells])


def publish(name: str, title: str, command: str, parts: Sequence[str], *, write: bool) -> None:
    """Prints a page of results, and with `write` keeps it as docs/benchmarks/NAME.md."""
    page = "\n\n".join([f"# {title}", f"Made by `{command}`.", *parts]) + "\n"
    print(page)
    if write:
        DOCS.mkdir(parents=True, exist_ok=True)
        (DOCS / f"{name}.md").write_text(page, encoding="utf-8")


def _cell(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)) + " |"
