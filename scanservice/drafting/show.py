"""A template's regions drawn over its blank, to be looked at by the person who describes the form."""

from __future__ import annotations

from pathlib import Path

import pymupdf

from scanservice.geometry import MM_PER_INCH, Box
from scanservice.template import Page, Region, RegionKind, Template, load_template

DPI = 150
POINTS = 72 / MM_PER_INCH
Color = tuple[float, float, float]

COLORS: dict[RegionKind, Color] = {
    "print": (0.35, 0.35, 0.35),
    "serial": (0.80, 0.47, 0.00),
    "text": (0.00, 0.35, 0.75),
    "seal": (0.80, 0.10, 0.15),
    "signature": (0.45, 0.15, 0.65),
    "free": (0.15, 0.55, 0.25),
}
FILL_OPACITY = 0.10
LABEL_POINTS = 6.0
LEGEND_MM = 6.0


def show(folder: Path, out: Path) -> list[Path]:
    """Draws each described page of a package with its regions, one colour a kind, and their ids.

    Args:
        folder: the package. out: the folder for the pictures, made if need be.

    Returns:
        The PNG files, one a page, named by the form's id, the page's number and its name.

    Raises:
        InputError: as `load_template`.
    """
    template = load_template(folder)
    out.mkdir(parents=True, exist_ok=True)
    paths = []
    for page in template.pages:
        path = out / f"{template.id}-{page.page}-{page.name}.png"
        _picture(template, page).save(path)
        paths.append(path)
    return paths


def _picture(template: Template, page: Page) -> pymupdf.Pixmap:
    """The page with the legend above it, in a document of its own: the blank is left as it is."""
    width, height = (length * POINTS for length in template.page_size(page.name))
    legend = LEGEND_MM * POINTS
    with pymupdf.open(template.blank) as blank, pymupdf.open() as document:
        blank[page.page - 1].remove_rotation()
        sheet = document.new_page(width=width, height=height + legend)
        sheet.show_pdf_page(pymupdf.Rect(0, legend, width, height + legend), blank, page.page - 1)
        _legend(sheet, page, legend)
        for region in sorted(page.regions, key=lambda region: -region.box.area):
            _draw(sheet, region, legend)
        return sheet.get_pixmap(dpi=DPI, alpha=False)


def _legend(sheet: pymupdf.Page, page: Page, height: float) -> None:
    x = 6.0
    baseline = height / 2 + 3
    for kind, color in COLORS.items():
        count = sum(region.kind == kind for region in page.regions)
        if count == 0:
            continue
        words = f"{kind} {count}"
        sheet.draw_rect(pymupdf.Rect(x, baseline - 7, x + 8, baseline + 1), color=None, fill=color)
        sheet.insert_text((x + 11, baseline), words, fontsize=8, color=color)
        x += 20 + pymupdf.get_text_length(words, fontsize=8) + 10


def _draw(sheet: pymupdf.Page, region: Region, down: float) -> None:
    color = COLORS[region.kind]
    rect = _rect(region.box, down)
    dashes = None if region.required or region.kind == "print" else "[3 2] 0"
    sheet.draw_rect(rect, color=color, fill=color, fill_opacity=FILL_OPACITY, width=0.8, dashes=dashes)
    for cell in region.cells or ():
        sheet.draw_rect(_rect(cell, down), color=color, width=0.5)
    words = region.id if region.owner is None else f"{region.id} ({region.owner})"
    length = pymupdf.get_text_length(words, fontsize=LABEL_POINTS)
    # Above print, so that it can be read; inside what is to be filled in, where neighbours are near.
    top = rect.y0 - LABEL_POINTS - 2 if region.kind == "print" else rect.y0
    tag = pymupdf.Rect(rect.x0, top, rect.x0 + length + 3, top + LABEL_POINTS + 2)
    sheet.draw_rect(tag, color=None, fill=color, fill_opacity=0.85)
    sheet.insert_text((tag.x0 + 1.5, tag.y1 - 2), words, fontsize=LABEL_POINTS, color=(1, 1, 1))


def _rect(box: Box, down: float) -> pymupdf.Rect:
    left, top, right, bottom = (value * POINTS for value in (box.left, box.top, box.right, box.bottom))
    return pymupdf.Rect(left, top + down, right, bottom + down)
