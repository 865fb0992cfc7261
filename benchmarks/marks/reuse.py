"""How alike two photographs of one paper are, and papers that have much in common."""

from __future__ import annotations

import copy
import itertools
from typing import Any

import numpy as np

from benchmarks.marks import corpus
from benchmarks.tables import table
from fixtures.maker.cases import invent
from fixtures.maker.fill import FillOptions, fill
from fixtures.maker.fonts import hands
from fixtures.maker.options import PRESETS
from scanservice.detect.measure import measure
from scanservice.fingerprint_index import SAME_IMPRINT, SAME_PAPER, imprint_similarity, similarity
from scanservice.template import Template


def measured(form: Template, first: int, size: int) -> str:
    """Papers in threes: one; another student's for the same employer; and the first case written again."""
    names = list(hands())
    marks: list[tuple[int, list[bytes], list[list[bytes]]]] = []
    for number in range(size):
        group = number // 3
        case = copy.deepcopy(dict(invent([first + group, 7], template=form)))
        if number % 3 == 1:
            case["student"] = invent([first + 1000 + number, 7], template=form)["student"]
        entries = frozenset(
            region.id
            for _, region in form.regions()
            if region.kind == "text" and (region.value or "").startswith("entry.")
        )
        options = FillOptions(dpi=220, printed_regions=entries if group % 3 == 0 else frozenset())
        filled = fill(form, case, hand=names[group % len(names)], seed=first + number, options=options)
        prints, seals = [], []
        for turn in range(2):
            look = PRESETS[(number + 2 * turn) % len(PRESETS)]
            shot = corpus.shot(filled, first + 2 * number + turn, look)
            found = measure(shot.scan, shot.layout, {form.id: form})
            prints.append(found.fingerprint or b"")
            imprints = {name: region.seal.imprint for name, region in found.regions.items() if region.seal}
            seals.append([imprint for _, imprint in sorted(imprints.items()) if imprint])
        marks.append((group, prints, seals))
    return _page(marks)


def _page(marks: list[tuple[int, list[bytes], list[list[bytes]]]]) -> str:
    again = [similarity(*prints) for _, prints, _ in marks]
    kin, strangers = [], []
    other_seals = []
    for (group, prints, seals), (other, theirs, their_seals) in itertools.combinations(marks, 2):
        values = [similarity(one, two) for one in prints for two in theirs]
        (kin if group == other else strangers).extend(values)
        other_seals += [imprint_similarity(one, two) for one in seals[0] for two in their_seals[0]]
    pairs = [
        max((imprint_similarity(one, two) for two in seals[1]), default=0.0)
        for _, _, seals in marks
        for one in seals[0]
    ]
    rows = [
        _row("one paper, photographed twice", again, SAME_PAPER),
        _row("papers of one employer, or one case written twice", kin, SAME_PAPER),
        _row("papers that have nothing in common", strangers, SAME_PAPER),
        _row("one imprint, photographed twice", pairs, SAME_IMPRINT),
        _row("imprints of two stampings", other_seals, SAME_IMPRINT),
    ]
    head = ["pair", "pairs", "least", "median", "most", "said to be the same"]
    note = f"A paper is the same from {SAME_PAPER}, an imprint from {SAME_IMPRINT}."
    return f"## The same paper, the same imprint\n\n{note}\n\n{table(head, rows)}"


def _row(name: str, values: list[float], threshold: float) -> list[Any]:
    found = np.array(values or [0.0])
    return [
        name,
        len(values),
        float(found.min()),
        float(np.median(found)),
        float(found.max()),
        f"{int((found >= threshold).sum())} of {len(values)}",
    ]
