"""A first template package from a blank form: proposals for every page, written with remarks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pymupdf

from scanservice.drafting.grid import Grid, grid
from scanservice.drafting.loose import propose_loose
from scanservice.drafting.paper import Paper, read_page
from scanservice.drafting.proposal import Proposal
from scanservice.drafting.straighten import straightened
from scanservice.drafting.table import propose_table
from scanservice.drafting.writing import flow, rounded
from scanservice.errors import InputError, Problem
from scanservice.geometry import Box
from scanservice.template import load_template

FILLED = ("text", "seal", "signature", "serial")
SCHOOL = re.compile(r"[\u4e00-\u9fff]{2,12}?(?:大学|学院|学校)(?:（[\u4e00-\u9fff]{2,4}）)?")

HEAD = """\
# A draft, made from {blank} ({read}). Before you use it:
#   1. look at the boxes:            scanservice template show {folder}
#   2. answer every "check:" below, and delete the remark
#   3. fill in the season's dates, and the serial's pattern and ink
#   4. see that nothing is wrong:    scanservice template lint {folder}
# Boxes are millimetres from the page's top left corner: [left, top, right, bottom].
"""


@dataclass(frozen=True)
class PageDraft:
    number: int
    name: str
    required: bool
    proposals: tuple[Proposal, ...]


def draft(blank: Path, folder: Path, *, form_id: str | None = None) -> Path:
    """Drafts a template package from a blank form.

    Args:
        blank: a PDF of the blank form, with text or as a picture.
        folder: where the package is to be; made if need be.
        form_id: the form's id; by default the folder's name.

    Returns:
        The path of template.yaml, which `load_template` accepts.

    Raises:
        InputError: the blank cannot be read as a PDF, holds no page, or `folder` holds a package already.
    """
    target = folder / "template.yaml"
    if target.exists():
        raise InputError("package-exists", str(folder), [Problem("", "holds a template.yaml")])
    data = straightened(_read(blank))
    papers = [read_page(page) for page in pymupdf.open(stream=data, filetype="pdf")]
    grids = [grid(paper) for paper in papers]
    pages = _unique_names([_page(i, paper, grids[i]) for i, paper in enumerate(papers)])
    head = {
        "format": 1,
        "id": form_id or _slug(folder.name),
        "title": _title(grids),
        "issuer": _issuer(grids),
        "accepts": True,
        "refusal": None,
        "blank": "blank.pdf",
    }
    read = "read from its " + " and ".join(dict.fromkeys(paper.read for paper in papers))
    text = HEAD.format(blank=blank.name, read=read, folder=folder.name) + _yaml(head, pages)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "blank.pdf").write_bytes(data)
    target.write_text(text, encoding="utf-8")
    load_template(folder)
    return target


def _read(blank: Path) -> bytes:
    try:
        data = blank.read_bytes()
    except FileNotFoundError:
        raise InputError("file-missing", str(blank)) from None
    except OSError:
        raise InputError("file-unreadable", str(blank)) from None
    if not data:
        raise InputError("file-empty", str(blank))
    try:
        with pymupdf.open(stream=data, filetype="pdf") as document:
            if document.needs_pass:
                raise InputError("file-encrypted", str(blank))
            if len(document) == 0:
                raise InputError("no-pages", str(blank))
    except (RuntimeError, ValueError):
        raise InputError("file-damaged", str(blank), [Problem("", "is not a PDF")]) from None
    return data


def _page(index: int, paper: Paper, cells: Grid) -> PageDraft:
    width, height = paper.size
    whole = Box(0.0, 0.0, width, height)
    proposals = []
    for proposal in [*propose_loose(cells, paper.size), *propose_table(cells)]:
        box = proposal.box.clipped(whole)
        if box.width > 1.0 and box.height > 1.0:
            proposals.append(Proposal(proposal.name, proposal.kind, box, proposal.keys, proposal.remark))
    filled = sum(proposal.kind in FILLED for proposal in proposals)
    if index == 0 and not cells.cells and filled:
        name = "cover"
    elif filled:
        name = "agreement"
    else:
        name = "clauses"
    return PageDraft(index + 1, name, filled > 0, tuple(proposals))


def _unique_names(pages: Sequence[PageDraft]) -> list[PageDraft]:
    """Pages of one name numbered; regions of one id too, those of other pages than the fullest prefixed."""
    main = max(pages, key=lambda page: len(page.proposals))
    names = Counter(page.name for page in pages)
    seen: Counter[str] = Counter()
    result = []
    for page in pages:
        name = f"{page.name}_{page.number}" if names[page.name] > 1 else page.name
        renamed = []
        for proposal in page.proposals:
            base = proposal.name if page is main else f"{name}_{proposal.name}"
            seen[base] += 1
            region = base if seen[base] == 1 else f"{base}_{seen[base]}"
            renamed.append(Proposal(region, proposal.kind, proposal.box, proposal.keys, proposal.remark))
        result.append(PageDraft(page.number, name, page.required, tuple(renamed)))
    return result


def _title(grids: Sequence[Grid]) -> str:
    """The form's title: the longest line that calls itself an agreement, else the largest line."""
    runs = [run for cells in grids for line in cells.loose for run in line]
    named = [run.text for run in runs if run.text.endswith(("协议书", "协议"))]
    if named:
        return max(named, key=len)
    return max(runs, key=lambda run: run.glyphs[0].size).text if runs else ""


def _issuer(grids: Sequence[Grid]) -> str | None:
    """The school that the form names most often."""
    found: Counter[str] = Counter()
    for cells in grids:
        for line in cells.loose:
            for run in line:
                found.update(SCHOOL.findall(run.text))
    found = Counter({name: count for name, count in found.items() if not name.endswith("高等学校")})
    return found.most_common(1)[0][0] if found else None


def _slug(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", name).strip("-._") or "form"


def _yaml(head: Mapping[str, Any], pages: Sequence[PageDraft]) -> str:
    lines = [f"{key}: {flow(value)}" for key, value in head.items()]
    lines.append("# season: {from: 2024-09-01, until: 2025-08-31, terminations_before: 2025-01-08,")
    lines.append('#          home_region: "37"}   # the first digits of your province\'s region code')
    lines.append("pages:")
    for page in pages:
        lines += [f"  - page: {page.number}", f"    name: {page.name}"]
        remark = "" if page.required else "   # check: no fields on it; must an upload show it?"
        lines += [f"    required: {flow(page.required)}{remark}", "    regions:"]
        if not page.proposals:
            lines[-1] += " []"
        for proposal in page.proposals:
            remark = f"   # check: {proposal.remark}" if proposal.remark else ""
            lines.append(f"      - {flow(_region(proposal))}{remark}")
    return "\n".join(lines) + "\n"


def _region(proposal: Proposal) -> dict[str, Any]:
    keys = dict(proposal.keys)
    if "cells" in keys:
        keys["cells"] = [rounded(cell) for cell in keys["cells"]]
    return {"id": proposal.name, "kind": proposal.kind, "box": rounded(proposal.box), **keys}
