"""Pictures of a package: every region where the description puts it, in its kind's colour."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pymupdf

from scanservice.drafting import show
from scanservice.drafting.show import COLORS, DPI, LEGEND_MM
from scanservice.geometry import MM_PER_INCH
from scanservice.template import load_template

OUC = Path(__file__).parents[2] / "templates" / "ouc-2019"


def test_a_picture_a_page_with_each_region_outlined(tmp_path: Path) -> None:
    template = load_template(OUC)
    paths = show(OUC, tmp_path / "pictures")
    assert [path.name for path in paths] == [
        "ouc-2019-1-cover.png",
        "ouc-2019-2-agreement.png",
        "ouc-2019-3-clauses.png",
    ]
    scale = DPI / MM_PER_INCH
    for page, path in zip(template.pages, paths, strict=True):
        pixels = pymupdf.Pixmap(str(path))
        image = np.frombuffer(pixels.samples, np.uint8).reshape(pixels.height, pixels.width, pixels.n)
        width, height = template.page_size(page.name)
        assert abs(pixels.width - width * scale) < 2
        assert abs(pixels.height - (height + LEGEND_MM) * scale) < 2
        for region in page.regions:
            # The middle of the right side, clear of the id and, there, of dashes' gaps.
            x, y = region.box.right * scale, (region.box.center[1] + LEGEND_MM) * scale
            part = image[round(y) - 12 : round(y) + 12, round(x) - 2 : round(x) + 3, :3].reshape(-1, 3)
            wanted = np.array(COLORS[region.kind]) * 255
            nearest = np.abs(part.astype(float) - wanted).max(axis=1).min()
            assert nearest < 60, region.id


def test_the_blank_is_left_as_it_is(tmp_path: Path) -> None:
    before = (OUC / "blank.pdf").read_bytes()
    show(OUC, tmp_path)
    assert (OUC / "blank.pdf").read_bytes() == before
