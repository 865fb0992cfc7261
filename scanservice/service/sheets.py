"""The ledger as a table: CSV and XLSX, in and out, with Chinese or English headings."""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, get_args

from scanservice.case import PaperStatus
from scanservice.service.papers import STOCK, Paper
from scanservice.service.refusals import RefusedError

COLUMNS = ("serial", "holder", "status", "issued_on", "sealed_in_advance")
HEADINGS = {
    "编号": "serial",
    "协议书编号": "serial",
    "领取人": "holder",
    "持有人": "holder",
    "状态": "status",
    "发放日期": "issued_on",
    "领取日期": "issued_on",
    "提前盖章": "sealed_in_advance",
}
STATUSES = {
    "库存": STOCK,
    "在手": "held",
    "已退": "returned",
    "作废": "void",
    "遗失": "lost",
    "归档": "filed",
}
YES = {"1", "true", "yes", "y", "是", "✓"}
NO = {"", "0", "false", "no", "n", "否"}
MOST_ROWS = 50_000
MOST_UNPACKED = 200 * 2**20
"""An XLSX is a ZIP: one that unpacks to more is no list of papers."""
MOST_NAMED = 200
"""Wrong cells that an answer names."""
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


def read_sheet(data: bytes) -> list[Paper]:
    """The papers of a CSV (UTF-8 or GB 18030) or XLSX file, whose first row names the columns.

    Raises RefusedError: `papers-invalid`, with every wrong cell's row and column.
    """
    rows = _xlsx_rows(data) if data.startswith(b"PK") else _csv_rows(data)
    heading = next(rows, None)
    if heading is None:
        raise RefusedError("papers-invalid", "The file is empty.")
    columns = [HEADINGS.get(name.strip(), name.strip().lower()) for name in heading]
    if "serial" not in columns:
        raise RefusedError("papers-invalid", "A column must be headed serial (编号).")
    found: list[Paper] = []
    wrong: list[dict[str, Any]] = []
    seen: dict[str, int] = {}
    for number, cells in enumerate(rows, start=2):
        if number > MOST_ROWS:
            raise RefusedError("papers-invalid", f"At most {MOST_ROWS} rows.")
        row = dict(zip(columns, (cell.strip() for cell in cells), strict=False))
        if any(row.values()):
            found += _paper(row, number, seen, wrong)
    if wrong:
        more = f", of which the first {MOST_NAMED} are named" if len(wrong) > MOST_NAMED else ""
        detail = f"Nothing was imported: {len(wrong)} cells cannot be read{more}."
        raise RefusedError("papers-invalid", detail, extra={"errors": wrong[:MOST_NAMED]})
    return found


def _paper(
    row: dict[str, str], number: int, seen: dict[str, int], wrong: list[dict[str, Any]]
) -> Iterator[Paper]:
    before = len(wrong)

    def say(column: str, message: str) -> None:
        wrong.append({"path": f"row[{number}].{column}", "message": message})

    serial = row.get("serial", "").lstrip("'")
    if not serial or len(serial) > 100 or any(ord(sign) < 32 or sign == "/" for sign in serial):
        say("serial", "must be there, with at most 100 characters, and no slash")
    elif serial in seen:
        say("serial", f"stands in row {seen[serial]} too: leave one of the two out")
    seen.setdefault(serial, number)
    holder = row.get("holder") or None
    status = STATUSES.get(row.get("status", ""), row.get("status", "")) or ("held" if holder else STOCK)
    if status not in (*get_args(PaperStatus), STOCK):
        say("status", f"must be one of {', '.join((*get_args(PaperStatus), STOCK))}")
    issued_on = None
    if row.get("issued_on"):
        try:
            issued_on = dt.date.fromisoformat(row["issued_on"].replace("/", "-")[:10])
        except ValueError:
            say("issued_on", "must be a date such as 2018-10-12")
    sealed = row.get("sealed_in_advance", "").lower()
    if sealed not in YES | NO:
        say("sealed_in_advance", "must be yes or no")
    if len(wrong) == before:
        yield Paper(serial, holder, status, issued_on, sealed in YES)


def _csv_rows(data: bytes) -> Iterator[list[str]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise RefusedError("papers-invalid", "The file is neither XLSX nor text in UTF-8 or GB 18030.")
    if "\x00" in text:
        raise RefusedError("papers-invalid", "The file is neither XLSX nor text.")
    try:
        yield from csv.reader(io.StringIO(text, newline=""))
    except csv.Error:
        raise RefusedError("papers-invalid", "The file is not CSV.") from None


def _xlsx_rows(data: bytes) -> Iterator[list[str]]:
    from openpyxl import load_workbook  # takes a while: only where a sheet is read
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MOST_UNPACKED:
                raise RefusedError("papers-invalid", "The file unpacks to too much.")
        sheet = load_workbook(io.BytesIO(data), read_only=True, data_only=True).worksheets[0]
        for row in sheet.iter_rows(values_only=True):
            yield ["" if cell is None else _text(cell) for cell in row]
    except (zipfile.BadZipFile, InvalidFileException, KeyError, IndexError, ValueError, OSError):
        raise RefusedError("papers-invalid", "The file is not XLSX.") from None


def _text(cell: Any) -> str:
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))  # a spreadsheet keeps 2019100423 as a number
    return str(cell)


def write_csv(papers: Iterable[Paper]) -> bytes:
    """With a byte order mark, without which spreadsheets take Chinese text for another encoding."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows([_harmless(cell) for cell in _cells(paper)] for paper in papers)
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def write_xlsx(papers: Iterable[Paper]) -> bytes:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("papers")
    sheet.append(list(COLUMNS))
    for paper in papers:
        sheet.append([_harmless(cell) for cell in _cells(paper)])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _cells(paper: Paper) -> Sequence[str]:
    return (
        paper.serial,
        paper.holder or "",
        str(paper.status),
        paper.issued_on.isoformat() if paper.issued_on else "",
        "yes" if paper.sealed_in_advance else "no",
    )


def _harmless(cell: str) -> str:
    """A cell that a spreadsheet would take for a formula is shown as text."""
    return f"'{cell}" if cell.startswith(FORMULA_SIGNS) else cell
