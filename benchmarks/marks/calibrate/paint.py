"""What tells painted paper: forms with fluid in some of their fields, photographed in every way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.marks import corpus
from benchmarks.marks.calibrate.fitting import fitted, kept, left_out, rounded
from fixtures.maker.fill import FillOptions
from fixtures.maker.fonts import HELD_OUT, hands
from fixtures.maker.options import PRESETS
from scanservice.detect.barepaper import around, paper_look, strip_of
from scanservice.detect.fieldink import field_ink
from scanservice.detect.paint import stretches, usual, vector
from scanservice.detect.sheet import Sheet, take_apart
from scanservice.geometry import Box
from scanservice.template import Template

FORMS = ("ouc-2019", "ouc-2019", "upc-2019", "ouc-2019", "ouc-2018")
FIRST_SEED = 4000
PAINTED_SHARES = (0.25, 0.0, 0.4, 0.12)
"""Shares of the fields that are painted over, upload by upload: none in every fourth."""
COVERED = 0.5
"""Share of a stretch that must be painted for it to be one that should be found."""
WHITENED = ("scanner_app",)
"""What burns all paper out to one white shows no paint: nothing is learnt from it about what is."""
MARGIN = 0.55
"""Added to the threshold: other cameras and papers than these are wilder."""
FALSE_SHARE = 0.003
"""Share of the clean lines that may score more than the threshold."""


@dataclass(frozen=True, eq=False)
class Look:
    """A stretch's inputs, its line, its upload, the way of photographing, the share that is painted."""

    vector: Any
    line: str
    upload: int
    look: str
    painted: float


def looks(size: int, first: int = FIRST_SEED) -> Iterator[Look]:
    """Every stretch of every line of forms filled in by hands that are not held out."""
    forms = {name: corpus.template(name) for name in FORMS}
    known = [name for name in hands() if name not in HELD_OUT]
    for seed in range(first, first + size):
        rng = np.random.default_rng([seed, 79])
        form, look = forms[FORMS[seed % len(FORMS)]], PRESETS[seed % len(PRESETS)]
        share = PAINTED_SHARES[seed % len(PAINTED_SHARES)]
        texts = [region.id for _, region in form.regions() if region.kind == "text"]
        fluid = {name: "fluid" for name in texts if rng.random() < share}
        made = corpus.sample(
            form,
            seed,
            hand=known[seed % len(known)],
            photo=look,
            options=FillOptions(dpi=220, alterations=fluid),  # type: ignore[arg-type]
        )
        for fit, page in zip(made.layout.fits, made.filled.truth, strict=True):
            sheet = take_apart(made.scan.pages[fit.scan_page], fit, form)
            if sheet is not None:
                altered = {known.region: known.altered_box for known in page.regions}
                yield from _of_page(sheet, form, altered, seed, look)


def _of_page(
    sheet: Sheet, form: Template, altered: dict[str, Box | None], seed: int, look: str
) -> Iterator[Look]:
    lines = [
        (region.id, box)
        for region in sheet.description.regions
        if region.kind == "text"
        for box in field_ink(sheet.canvas, sheet.layers, region, sheet.others(region)).boxes(sheet.canvas)
    ]
    if not lines:
        return
    boxes = [box for _, box in lines]
    paper = paper_look(sheet.canvas, sheet.layers, around(boxes, sheet.canvas))
    parts = [
        list(stretches(strip_of(paper, box, [other for other in boxes if other is not box]))) for box in boxes
    ]
    page = usual([part for found in parts for part in found])
    for (name, box), found in zip(lines, parts, strict=True):
        paint = altered[name]
        for part in found:
            share = 0.0 if paint is None else paint.clipped(part.box).area / max(part.box.area, 1e-6)
            line = f"{seed}/{sheet.fit.page}/{name}/{box.top:.1f}/{box.left:.1f}"
            yield Look(vector(part, page), line, seed, look, share)


def calibrate(size: int, *, write: bool) -> None:
    """Weights, and the threshold that so many clean lines exceed when they are left out of the fit."""
    found = list(looks(size))
    vectors = np.array([look.vector for look in found])
    share, lines = np.array([look.painted for look in found]), np.array([look.line for look in found])
    _, which = np.unique(lines, return_inverse=True)
    most = np.zeros(int(which.max()) + 1)
    np.maximum.at(most, which, share)
    whitened = np.isin([look.look for look in found], WHITENED)
    positive = (share > COVERED) & ~whitened
    use = positive | (most[which] == 0)
    scores = np.full(len(found), -np.inf)
    uploads = [look.upload for look, used in zip(found, use, strict=True) if used]
    scores[use] = left_out(vectors[use], positive[use], uploads)
    best = np.full(len(most), -np.inf)
    np.maximum.at(best, which, scores)
    clean = np.sort(best[most == 0])[::-1]
    threshold = float(clean[int(FALSE_SHARE * len(clean))]) + MARGIN
    painted = np.array(
        [most[line] > COVERED and not burnt for line, burnt in zip(which, whitened, strict=True)]
    )
    told = np.unique(which[painted])
    content = {
        "made_by": f"python -m benchmarks.marks.calibrate paint --size {size}",
        "first_seed": FIRST_SEED,
        "clean_lines": len(clean),
        "painted_lines": len(told),
        "found_when_left_out": round(float((best[told] > threshold).mean()), 3),
        "threshold": round(threshold, 4),
        "weights": rounded(fitted(vectors[use], positive[use])),
    }
    kept("paint", content, write=write)
