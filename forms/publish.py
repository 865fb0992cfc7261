"""From drawn sheets to a template package: blank.pdf and template.yaml, the same bytes every time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pymupdf

from forms.faces import Face, cut
from forms.sheet import POINT_MM, Color, Fill, Mark, Run, Sheet, Stroke
from scanservice.drafting.writing import flow


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
        _draw(page, sheet.marks, fonts)
    document.set_metadata({"title": form.title, "author": form.issuer, "producer": "", "creator": ""})
    data = document.tobytes(garbage=4, deflate=True, deflate_fonts=True, clean=True, no_new_id=True)
    document.close()
    return data


def _characters(form: Form) -> dict[Face, frozenset[str]]:
    used: dict[Face, set[str]] = {}
    for sheet in form.sheets:
        for mark in sheet.marks:
            if isinstance(mark, Run):
                used.setdefault(mark.face, set()).update(character for character, _, _ in mark.glyphs)
    return {face: frozenset(characters) for face, characters in used.items()}


def _draw(page: pymupdf.Page, marks: Sequence[Mark], fonts: dict[Face, pymupdf.Font]) -> None:
    """Puts marks on a page: fills below, then rules, then text, each style in one go."""
    shape = page.new_shape()
    for fill in (mark for mark in marks if isinstance(mark, Fill)):
        box = fill.box
        shape.draw_rect(pymupdf.Rect(*(v / POINT_MM for v in (box.left, box.top, box.right, box.bottom))))
        shape.finish(color=None, fill=fill.color, width=0)
    # Neighbouring cells share their rules: each is printed once.
    styles: dict[tuple[float, Color], dict[Stroke, None]] = {}
    for mark in marks:
        if isinstance(mark, Stroke):
            styles.setdefault((mark.width, mark.color), {})[mark.forward()] = None
    for (width, color), strokes in styles.items():
        for stroke in strokes:
            shape.draw_line(*(pymupdf.Point(x / POINT_MM, y / POINT_MM) for x, y in stroke.ends))
        # A projecting cap closes the corners of frames.
        shape.finish(color=color, width=width / POINT_MM, lineCap=2, closePath=False)
    shape.commit()
    writers: dict[Color, pymupdf.TextWriter] = {}
    for run in (mark for mark in marks if isinstance(mark, Run)):
        writer = writers.setdefault(run.color, pymupdf.TextWriter(page.rect))
        for character, x, y in run.glyphs:
            point = pymupdf.Point(x / POINT_MM, y / POINT_MM)
            writer.append(point, character, font=fonts[run.face], fontsize=run.size)
    for color, writer in writers.items():
        writer.write_text(page, color=color)


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
    lines += [f"{key}: {flow(value)}" for key, value in head.items()]
    if form.season:
        lines.append(f"season: {flow(form.season)}")
    lines.append("pages:")
    for sheet in form.sheets:
        lines += [f"  - page: {sheet.number}", f"    name: {sheet.name}"]
        lines += [f"    required: {flow(sheet.required)}", "    regions:"]
        lines += [f"      - {flow(region)}" for region in sheet.regions]
    return "\n".join(lines) + "\n"
