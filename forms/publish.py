"""From drawn sheets to a template package: blank.pdf and template.yaml, the same bytes every time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pymupdf
import yaml

from forms.faces import Face, cut
from forms.sheet import POINT_MM, Fill, Run, Sheet, Stroke


@dataclass(frozen=True)
class Form:
    """A form: what heads its template.yaml, and its sheets."""

    id: str
    title: str
    issuer: str
    sheets: Sequence[Sheet]
    accepts: bool = True
    refusal: str | None = None
    season: dict[str, Any] = field(default_factory=dict)
    comment: str = ""


def publish(form: Form, folder: Path) -> None:
    """Writes the package of a form into a folder of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "blank.pdf").write_bytes(blank_pdf(form))
    (folder / "template.yaml").write_text(template_yaml(form), encoding="utf-8")


def blank_pdf(form: Form) -> bytes:
    """The form as a vector PDF with its fonts embedded, without dates and random ids."""
    fonts = {
        face: pymupdf.Font(fontbuffer=cut(face, characters))
        for face, characters in sorted(_characters(form).items(), key=lambda item: item[0].name)
    }
    document = pymupdf.open()
    for sheet in form.sheets:
        width, height = (length / POINT_MM for length in sheet.size)
        page = document.new_page(width=width, height=height)
        for mark in sheet.marks:
            _draw(page, mark, fonts)
    document.set_metadata({"title": form.title, "author": form.issuer, "producer": "", "creator": ""})
    data = document.tobytes(garbage=4, deflate=True, clean=True, no_new_id=True)
    document.close()
    return data


def _characters(form: Form) -> dict[Face, frozenset[str]]:
    used: dict[Face, set[str]] = {}
    for sheet in form.sheets:
        for mark in sheet.marks:
            if isinstance(mark, Run):
                used.setdefault(mark.face, set()).update(character for character, _, _ in mark.glyphs)
    return {face: frozenset(characters) for face, characters in used.items()}


def _draw(page: pymupdf.Page, mark: Run | Stroke | Fill, fonts: dict[Face, pymupdf.Font]) -> None:
    if isinstance(mark, Stroke):
        start, end = (pymupdf.Point(x / POINT_MM, y / POINT_MM) for x, y in (mark.start, mark.end))
        # A projecting cap closes the corners of frames.
        page.draw_line(start, end, color=mark.color, width=mark.width / POINT_MM, lineCap=2)
    elif isinstance(mark, Fill):
        box = mark.box
        corners = (v / POINT_MM for v in (box.left, box.top, box.right, box.bottom))
        page.draw_rect(pymupdf.Rect(*corners), color=None, fill=mark.color, width=0)
    else:
        writer = pymupdf.TextWriter(page.rect)
        for character, x, y in mark.glyphs:
            point = pymupdf.Point(x / POINT_MM, y / POINT_MM)
            writer.append(point, character, font=fonts[mark.face], fontsize=mark.size)
        writer.write_text(page, color=mark.color)


def template_yaml(form: Form) -> str:
    """The description, one region a line, as a person would write it."""
    head: dict[str, Any] = {
        "format": 1,
        "id": form.id,
        "title": form.title,
        "issuer": form.issuer,
        "accepts": form.accepts,
        "refusal": form.refusal,
        "blank": "blank.pdf",
    }
    lines = [f"# {line}" for line in form.comment.splitlines()]
    lines += [f"{key}: {_flow(value)}" for key, value in head.items()]
    if form.season:
        lines.append(f"season: {_flow(form.season)}")
    lines.append("pages:")
    for sheet in form.sheets:
        lines += [f"  - page: {sheet.number}", f"    name: {sheet.name}"]
        lines += [f"    required: {_flow(sheet.required)}", "    regions:"]
        lines += [f"      - {_flow(region)}" for region in sheet.regions]
    return "\n".join(lines) + "\n"


def _flow(value: Any) -> str:
    text = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, sort_keys=False, width=10**6)
    return text.removesuffix("\n").removesuffix("\n...")
