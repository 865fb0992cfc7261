"""Print that glare has burnt out of white paper is no other form's print."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fixtures.maker.cases import invent
from fixtures.maker.fill import FillOptions, fill
from fixtures.maker.options import preset
from fixtures.maker.photograph import photograph
from scanservice.detect import build_library, find
from scanservice.evidence import Scan, ScanPage
from scanservice.locations import default_templates
from scanservice.template import load_templates


def test_glare_over_a_title_on_white_paper_leaves_the_form_unsure() -> None:
    templates = load_templates(default_templates())
    form = next(template for template in templates if template.accepts)
    filled = fill(form, invent(5, template=form), hand="lxgw-wenkai", seed=5, options=FillOptions(dpi=200))
    title = next(region for region in form.page("cover").regions if region.kind == "print")
    options = replace(preset("flatbed", 5), glare_at=(title.box.center,), glare_mm=16.0)
    pages = []
    for number, page in enumerate(filled.pages):
        shot = options if page.name == "cover" else preset("flatbed", 5)
        image = photograph(page.image, filled.dpi, options=shot, seed=[5, number]).image
        pages.append(ScanPage(number, 0, image, image.shape[1], image.shape[0]))
    whitest = np.quantile(pages[0].image.reshape(-1, 3), 0.5, axis=0)
    assert (whitest > 225).all()
    layout = find(Scan(tuple(pages), ("0", "1")), build_library(templates))
    assert layout.template == form.id
    assert layout.standing != "foreign"
