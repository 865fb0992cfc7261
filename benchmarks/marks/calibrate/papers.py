"""The paper of forms with fluid in some of their fields, as the network of paint sees it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from benchmarks.marks import corpus
from benchmarks.marks.calibrate.sheets import Paper, paper_of
from fixtures.maker.fill import FillOptions
from fixtures.maker.fonts import HELD_OUT, hands
from fixtures.maker.options import PRESETS
from fixtures.maker.truth import Alteration, PageTruth
from scanservice.detect.fieldink import field_ink
from scanservice.detect.sheet import Sheet, take_apart

FORMS = ("ouc-2019", "ouc-2019", "upc-2019", "ouc-2019", "ouc-2018")
FIRST_SEED = 4000
PAINTED_SHARES = (0.25, 0.0, 0.4, 0.12)
"""Shares of the fields that are painted over, upload by upload: none in every fourth."""


def form_papers(size: int, names: Sequence[str] | None = None, first: int = FIRST_SEED) -> Iterator[Paper]:
    """The paper of the pages of so many uploads, some of their fields on fluid."""
    forms = {name: corpus.template(name) for name in FORMS}
    known = names or [name for name in hands() if name not in HELD_OUT]
    for seed in range(first, first + size):
        rng = np.random.default_rng([seed, 79])
        form = forms[FORMS[seed % len(FORMS)]]
        texts = [region.id for _, region in form.regions() if region.kind == "text"]
        share = PAINTED_SHARES[seed % len(PAINTED_SHARES)]
        fluid: dict[str, Alteration] = {name: "fluid" for name in texts if rng.random() < share}
        made = corpus.sample(
            form,
            seed,
            hand=known[seed % len(known)],
            photo=PRESETS[(seed // 6 + seed) % len(PRESETS)],
            options=FillOptions(dpi=220, alterations=fluid, seals={"college": bool(seed % 2)}),
        )
        for sheet, page in _sheets(made):
            regions = [region for region in sheet.description.regions if region.kind == "text"]
            lines = [
                box
                for region in regions
                for box in field_ink(sheet.canvas, sheet.layers, region, sheet.others(region)).boxes(
                    sheet.canvas
                )
            ]
            patches = [known.altered_box for known in page.regions if known.altered_box is not None]
            if lines:
                yield paper_of(sheet.canvas, sheet.layers, lines, patches)


def _sheets(made: corpus.Sample) -> Iterator[tuple[Sheet, PageTruth]]:
    for fit, page in zip(made.layout.fits, made.filled.truth, strict=True):
        sheet = take_apart(made.scan.pages[fit.scan_page], fit, made.template)
        if sheet is not None:
            yield sheet, page
