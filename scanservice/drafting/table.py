"""Regions of a table: cells beside their labels, and the cells for opinions, seals and signatures."""

from __future__ import annotations

from collections.abc import Iterator

from scanservice.drafting.grid import Cell, Grid, Run, around
from scanservice.drafting.labels import meaning, party
from scanservice.drafting.proposal import (
    RULE_CLEARANCE_MM,
    WRITING_MM,
    Context,
    Proposal,
    date_proposal,
    dates,
    is_label,
    print_proposal,
    serial_label,
    text_proposal,
)
from scanservice.geometry import Box
from scanservice.template import Owner

SEAL_WORDS = ("公章", "盖章", "签章", "印章", "意见")
SIGN_WORDS = ("签名", "签字")
SEAL_CELL_MM = (30.0, 20.0)
"""Width and height from which a cell can take a seal: official seals are 38 to 50 mm wide and may
run over the rules."""
TOUCH_MM = 1.2
HEADING_LENGTH = 16
"""Longer runs are sentences: that they speak of seals and signatures does not ask for one."""
ROOM_MM = 15.0
"""Blank space after a label in its own cell, from which it is a place to write in."""


def propose_table(grid: Grid) -> Iterator[Proposal]:
    """The regions of a page's cells, in reading order."""
    context, sides = Context(), _sides(grid)
    for cell in grid.cells:
        x, y = cell.box.center
        for side in sides:
            if side.box.top <= y <= side.box.bottom and x > side.box.right:
                context.section = party(side.text) or context.section
        if cell in sides:
            yield _heading(cell)
        elif cell.text:
            yield from _worded(cell, grid, context)
        else:
            yield from _empty(cell, grid, context)


def _sides(grid: Grid) -> list[Cell]:
    """Cells at a table's side that head the rows beside them, written downwards."""
    return [
        cell
        for cell in grid.cells
        if cell.text
        and cell.box.height > 2.2 * cell.box.width
        and max(sum(len(run.glyphs) for run in line) for line in cell.lines) <= 2
    ]


def _heading(cell: Cell) -> Proposal:
    box = around(run.box for run in cell.runs)
    return Proposal("heading", "print", box.grown(0.6), {"text": cell.text})


def _left_of(cell: Cell, grid: Grid) -> Cell | None:
    """The cell before a cell on its row."""
    for other in grid.cells:
        overlap = min(cell.box.bottom, other.box.bottom) - max(cell.box.top, other.box.top)
        beside = abs(other.box.right - cell.box.left) <= TOUCH_MM
        if beside and overlap >= 0.8 * min(cell.box.height, other.box.height):
            return other
    return None


def _right_of(cell: Cell, grid: Grid) -> Cell | None:
    return next((other for other in grid.cells if _left_of(other, grid) is cell), None)


def _above(cell: Cell, grid: Grid) -> Cell | None:
    for other in grid.cells:
        overlap = min(cell.box.right, other.box.right) - max(cell.box.left, other.box.left)
        if abs(other.box.bottom - cell.box.top) <= TOUCH_MM and overlap >= 0.8 * cell.box.width:
            return other
    return None


def _inside(cell: Cell) -> Box:
    return cell.box.grown(-RULE_CLEARANCE_MM)


def _empty(cell: Cell, grid: Grid, context: Context) -> Iterator[Proposal]:
    """An empty cell: what its label, to the left or above, asks for."""
    for label in (_left_of(cell, grid), _above(cell, grid)):
        if label is None or not label.text:
            continue
        if serial_label(label.text):
            yield serial_proposal(_inside(cell))
            return
        found = meaning(label.text)
        if found is not None:
            *others, value = context.settle(found, cell.box.center[1])
            remark = "" if found.sure else f"is {label.text} this value?"
            if others:
                remark = f"the cell also holds {' and '.join(others)}, which is not compared"
            yield text_proposal(value, label.text, _inside(cell), remark)
            return
    label = _left_of(cell, grid)
    words = label.text if label is not None and label.text else None
    known = words is not None and any(mark in words for mark in ("备注", "意见", "约定", "说明"))
    remark = (
        "" if known else "not in the dictionary: give it kind text, value and compare if the case holds it"
    )
    keys = {"label": words} if words else {}
    yield Proposal("cell", "free", _inside(cell), keys, remark)


def _worded(cell: Cell, grid: Grid, context: Context) -> Iterator[Proposal]:
    """A cell with words: a label, the heading of a section, or a place for seal, signature and date."""
    after = _right_of(cell, grid)
    wide, high = SEAL_CELL_MM
    big = cell.box.width >= wide and cell.box.height >= high
    signed = _asks(cell, SIGN_WORDS)
    if after is not None and not after.text and not big:
        return
    if (big and _asks(cell, SEAL_WORDS)) or signed:
        yield from _opinion(cell, grid, context, seal=big and not _signed_only(cell))
        return
    fields = list(_fields_within(cell, context))
    if fields:
        yield from fields
        return
    found = list(dates(cell.lines, _inside(cell)))
    if found:
        before = _left_of(cell, grid)
        owner = party(before.text if before else "") or context.section
        for box, cells, _ in found:
            yield date_proposal(owner, box, cells)
        return
    owner = party(cell.text)
    if owner is not None and len(cell.lines) == 1:
        context.section, context.last = owner, None
    if after is None or after.text:
        for line in cell.lines[:1]:
            yield print_proposal(line[0], "heading")


def _signed_only(cell: Cell) -> bool:
    """Whether a cell asks for a signature and for no seal."""
    return _asks(cell, SIGN_WORDS) and not _asks(cell, SEAL_WORDS[:-1])


def _asks(cell: Cell, words: tuple[str, ...]) -> bool:
    """Whether a heading in the cell, not a sentence, holds one of the words."""
    headings = [run.text for run in cell.runs if len(run.glyphs) <= HEADING_LENGTH]
    return any(word in heading for word in words for heading in headings)


def _opinion(cell: Cell, grid: Grid, context: Context, *, seal: bool) -> Iterator[Proposal]:
    before = _left_of(cell, grid)
    beside = before.text if before is not None else ""
    heading = cell.runs[0].text if cell.runs else ""
    owner = party(heading) or party(cell.text) or party(beside) or context.section
    if cell.runs and len(heading) >= 4 and not any(mark in heading for mark in SIGN_WORDS):
        yield print_proposal(cell.runs[0], f"{owner or 'some'}_opinion")
    if seal:
        remark = "" if owner and owner != "student" else "whose seal stands here?"
        keys = {"label": heading.rstrip("：:"), "owner": owner or "employer", "required": owner == "employer"}
        yield Proposal(f"{owner or 'some'}_seal", "seal", _inside(cell), keys, remark)
    found = list(dates(cell.lines, _inside(cell)))
    foot = min((box.top for box, _, _ in found), default=cell.box.bottom)
    for run in cell.runs:
        if any(mark in run.text for mark in SIGN_WORDS):
            yield _signature(run, cell, owner, foot, [item[0] for item in found])
    for box, cells, _ in found:
        yield date_proposal(owner, box, cells)


def _signature(run: Run, cell: Cell, owner: Owner | None, foot: float, taken: list[Box]) -> Proposal:
    """The place for a signature: after its label, or under it where the label heads the cell."""
    signer = party(run.text) or owner or "student"
    keys = {"label": run.text.rstrip("：:"), "owner": signer, "required": signer == "student"}
    remark = "" if party(run.text) or owner else "who signs here?"
    place = _inside(cell)
    box = run.box
    if cell.box.height > 2.5 * WRITING_MM and box.bottom < cell.box.top + cell.box.height / 3:
        under = Box(place.left, box.bottom + 0.5, place.right, min(foot, place.bottom))
        return Proposal(f"{signer}_signature", "signature", under, keys, remark)
    ends = [other.left for other in taken if other.left > box.right and _level(other, box)]
    ends += [other.box.left for other in cell.runs if other.box.left > box.right and _level(other.box, box)]
    right = min([*ends, place.right])
    top = max(place.top, box.center[1] - WRITING_MM)
    bottom = min(place.bottom, box.center[1] + 0.6 * WRITING_MM)
    after = Box(box.right + 0.5, top, max(right - 0.5, box.right + 5.0), bottom)
    return Proposal(f"{signer}_signature", "signature", after, keys, remark)


def _level(first: Box, second: Box) -> bool:
    return abs(first.center[1] - second.center[1]) < 3.0


def _fields_within(cell: Cell, context: Context) -> Iterator[Proposal]:
    """Labels that are filled in within their own cell: `联系人：` with room after it."""
    for line in cell.lines:
        for number, run in enumerate(line):
            right = line[number + 1].box.left if number + 1 < len(line) else cell.box.right
            if not is_label(run) or right - run.box.right < ROOM_MM:
                continue
            y = run.box.center[1]
            top, bottom = max(cell.box.top, y - WRITING_MM / 2), min(cell.box.bottom, y + WRITING_MM / 2)
            box = Box(run.box.right + 0.5, top + RULE_CLEARANCE_MM, right - 0.5, bottom - RULE_CLEARANCE_MM)
            if serial_label(run.text):
                yield serial_proposal(box)
                continue
            found = meaning(run.text)
            if found is not None:
                *others, value = context.settle(found, y)
                remark = "" if found.sure and not others else f"is {run.text} this value?"
                yield text_proposal(value, run.text.rstrip("：:"), box, remark)


def serial_proposal(box: Box) -> Proposal:
    """The form's printed number; what it looks like cannot be seen on a blank."""
    keys = {"label": "编号", "required": True, "pattern": r"(?:N[Oo][.:]?\s*)?(?P<serial>\d{6,12})"}
    remark = "write the pattern of your numbers and their ink (red, black or blue)"
    return Proposal("serial", "serial", box, keys, remark)
