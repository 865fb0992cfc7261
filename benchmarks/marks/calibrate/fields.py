"""Corrections by the pen beside the expected text: forms drawn, read and judged, with some fields corrected.

All hands and all ways of photographing, the accepted form and invented ones; half of the forms are written
by two hands, some printed in part. What is fitted and what is measured are different forms, of other seeds.
"""

from __future__ import annotations

import copy
import pickle
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.cases import invented
from benchmarks.marks import corpus
from benchmarks.marks.calibrate.fitting import FOLDS, kept, perceptron
from benchmarks.tables import publish, table
from fixtures.maker.cases import invent
from fixtures.maker.fill import FillOptions
from fixtures.maker.fonts import hands
from fixtures.maker.lookalikes import near_miss
from fixtures.maker.options import PRESETS
from fixtures.maker.pen import pen_hands
from fixtures.maker.truth import Alteration, RegionTruth
from scanservice.case import Case, parse_case
from scanservice.detect import measure
from scanservice.evidence import Evidence, RegionEvidence
from scanservice.geometry import Box
from scanservice.template import Region, Template
from scanservice.verify import corrections, judge, read
from scanservice.verify.corrections import INPUTS, Characters
from scanservice.verify.perceptron import Perceptron
from scanservice.verify.rules.altered import is_altered
from scanservice.verify.rules.view import Place

FITTED_FROM, MEASURED_FROM = 70096, 90096
"""First seeds of the forms that are fitted, and of those that are measured."""
MEASURED_SHARE = 2 / 3
"""As many of these, of those."""
INVENTED_SHARE, SPOTLESS_SHARE, TWO_HANDS_SHARE, PRINTED_SHARE = 1 / 3, 0.25, 0.5, 0.12
ALTERED_SHARE = 0.4
"""Of the fields of a form that is not spotless."""
KINDS: tuple[Alteration, ...] = ("strike", "overwrite")
MISTAKEN_SHARE = 0.2
"""Of the fields, of which a second case says something else: a paper that differs is not corrected."""
FALSE_SHARE = 0.001
"""Share of the clean fields that agree which may score more than the threshold, left out of the fit."""
OUT = corrections.__file__


@dataclass(frozen=True, eq=False)
class Subject:
    """A field.

    Attributes:
        kind: how it was corrected; None: not. where: the corrected character; None: not known.
        rows: the inputs of each of its characters; None where it is not judged beside its text.
        before: named by ink and paper alone, as it was before; painted: named for its paper.
        agrees: the readers confirm the entry. denied: they see, or lean to, another text.
        mistaken: the case has another text than was written.
    """

    seed: int
    region: str
    hand: str
    look: str
    value: str | None
    text: str
    kind: Alteration | None
    where: int | None
    rows: Any
    before: bool
    painted: bool
    agrees: bool
    denied: bool
    mistaken: bool = False


@dataclass(frozen=True, eq=False)
class Drawn:
    """A form that was filled in, photographed, measured and read."""

    seed: int
    hand: str
    look: str
    template: Template
    case: Case
    evidence: Evidence
    truth: Mapping[str, RegionTruth]


def plan(seed: int, folder: Path) -> tuple[corpus.Sample, str, str]:
    """A form as `Drawn` has it, before anything of it is measured; its hand and way of photographing."""
    rng = np.random.default_rng([seed, 97])
    names = [*hands(), *pen_hands()]
    hand, look = names[seed % len(names)], PRESETS[(seed // len(names)) % len(PRESETS)]
    if rng.random() < INVENTED_SHARE:
        form = next(known for known in invented.library(seed, folder) if known.accepts)
    else:
        form = corpus.template("ouc-2019")
    texts = [region.id for _, region in form.regions() if region.kind == "text"]
    share = 0.0 if rng.random() < SPOTLESS_SHARE else ALTERED_SHARE
    altered: dict[str, Alteration] = {
        name: KINDS[int(rng.integers(2))] for name in texts if rng.random() < share
    }
    second = names[int(rng.integers(len(names)))] if rng.random() < TWO_HANDS_SHARE else None
    employer = [region.id for _, region in form.regions() if region.kind == "text" and _of_employer(region)]
    printed = frozenset(employer) if rng.random() < PRINTED_SHARE else frozenset[str]()
    options = FillOptions(
        dpi=220,
        alterations=altered,
        second_hand=second,
        printed_regions=printed,
        overflow=0.3 if rng.random() < 0.2 else 0.0,
        seals={"college": bool(rng.random() < 0.5)},
    )
    case = invent([seed, 7], template=form)
    return corpus.sample(form, seed, hand=hand, photo=look, case=case, options=options), hand, look


def _of_employer(region: Region) -> bool:
    return (region.value or "").startswith("entry.")


def drawn(seed: int, folder: Path) -> Drawn:
    made, hand, look = plan(seed, folder)
    case = parse_case(dict(made.case))
    found = measure(made.scan, made.layout, {made.template.id: made.template})
    readings = read(found.crops, made.template, case)
    evidence = Evidence((), made.layout, found.regions, readings, failures=found.failures)
    truth = {known.region: known for page in made.filled.truth for known in page.regions}
    return Drawn(seed, hand, look, made.template, case, evidence, truth)


def mistaken(form: Drawn) -> tuple[Drawn, frozenset[str]]:
    """The same paper under a case that says something else of some fields, and which: as another student's
    has it, or but for one character."""
    rng = np.random.default_rng([form.seed, 98])
    changed = copy.deepcopy(invent([form.seed, 7], template=form.template))
    other = invent([form.seed, 8], template=form.template)
    paths: set[str] = set()
    for _, region in form.template.regions():
        part, _, key = (region.value or "").partition(".")
        own, others = (str((case.get(part) or {}).get(key) or "") for case in (changed, other))
        if region.kind != "text" or not own or not others or rng.random() >= MISTAKEN_SHARE:
            continue
        wordy = region.compare in (None, "text", "name", "address", "organisation")
        value = near_miss(own, rng) if wordy and rng.random() < 0.5 else others
        if value != own:
            changed[part][key] = value
            paths.add(f"{part}.{key}")
    regions = [region.id for _, region in form.template.regions() if region.value in paths]
    return replace(form, case=parse_case(changed)), frozenset(regions)


def of_form(form: Drawn) -> Iterator[Subject]:
    """Its fields, and those that its case would not have so."""
    yield from subjects(form)
    other, changed = mistaken(form)
    for subject in subjects(other):
        if subject.region in changed and subject.kind is None:
            yield replace(subject, mistaken=True)


def subjects(form: Drawn) -> Iterator[Subject]:
    """Its fields in which something is written."""
    judged = judge(form.evidence, form.case, form.template)
    told = corrections.characters(form.evidence, form.case, form.template, judged)
    rows = corrections.inputs(told)
    for order, (page, region) in enumerate(form.template.regions()):
        known, seen = form.truth.get(region.id), form.evidence.regions.get(region.id)
        if region.kind != "text" or known is None or known.text is None or seen is None or not seen.ink:
            continue
        judgement = replace(judged[region.id], corrected=None)
        alone = replace(seen, ink=replace(seen.ink, altered=seen.ink.painted or 0.0))
        yield Subject(
            form.seed,
            region.id,
            known.hand or "printed",
            form.look,
            region.value,
            known.text,
            known.alteration,
            _where(known, seen, told.get(region.id)),
            rows.get(region.id),
            is_altered(Place(region, page, order, seen, judgement)),
            is_altered(Place(region, page, order, alone, judgement)),
            judgement.agreement == "agree",
            judgement.agreement == "differ" or judgement.leans,
        )


def _where(known: RegionTruth, seen: RegionEvidence, told: Characters | None) -> int | None:
    """The corrected character: told where the field has one line."""
    box: Box | None = known.altered_box
    if told is None or box is None or len(seen.lines) != 1 or seen.ink is None or seen.ink.extent is None:
        return None
    extent = seen.ink.extent
    share = (box.center[0] - extent.left) / max(extent.width, 0.1)
    return int(np.argmin(np.abs((told.start + told.end) / 2 - share)))


# ---------------------------------------------------------------- the fit


def examples(found: Sequence[Subject]) -> tuple[Any, Any, Any]:
    """Inputs, whether corrected, and seeds of characters of which that is known.

    Of what stands beside a struck character it is not: a slot ends half way to the next one.
    """
    rows, positive, seeds = [], [], []
    for subject in found:
        if subject.rows is None or (subject.kind is not None and subject.where is None):
            continue
        for place, row in enumerate(subject.rows):
            its = subject.kind is not None and place == subject.where
            if its or subject.kind != "strike":
                rows.append(row)
                positive.append(its)
                seeds.append(subject.seed)
    return np.array(rows), np.array(positive), np.array(seeds)


def scores(judge: Perceptron, found: Sequence[Subject]) -> Any:
    """The most suspect character's, of each field; minus infinity where it is not judged so."""
    return np.array(
        [-np.inf if one.rows is None else corrections.suspicion(judge, one.rows) for one in found]
    )


def left_out(found: Sequence[Subject]) -> Any:
    """The fields' scores by a perceptron that was fitted without their forms."""
    rows, positive, seeds = examples(found)
    own = np.array([subject.seed for subject in found])
    result = np.full(len(found), -np.inf)
    for fold in range(FOLDS):
        own_judge = perceptron(rows[seeds % FOLDS != fold], positive[seeds % FOLDS != fold])
        chosen = np.flatnonzero(own % FOLDS == fold)
        result[chosen] = scores(own_judge, [found[index] for index in chosen.tolist()])
    return result


def calibrate(size: int, *, write: bool, keep: Path | None = None) -> None:
    """Weights, their threshold, and what they find on forms of other seeds."""
    found = list(seen_in(FITTED_FROM, size, keep))
    told = left_out(found)
    clean = np.array([one.kind is None and one.agrees and not one.mistaken for one in found])
    ordered = np.sort(told[clean])[::-1]
    threshold = float(ordered[int(FALSE_SHARE * len(ordered))])
    rows, positive, _ = examples(found)
    fitted = perceptron(rows, positive)
    others = list(seen_in(MEASURED_FROM, round(MEASURED_SHARE * size), keep))
    named = now(others, scores(fitted, others) >= threshold)
    command = f"python -m benchmarks.marks.calibrate fields --size {size} --write"
    content = {
        "made_by": command,
        "forms": size,
        "clean_fields_that_agree": int(clean.sum()),
        "corrected_characters": int(positive.sum()),
        "measured": {
            f"{kind}, {read}": f"{told} of {count}, before {before}"
            for kind, read, count, before, told in rows_of(others, named)
        },
        "threshold": round(threshold, 4),
        **fitted.kept(INPUTS),
    }
    kept("corrections", content, write=write, folder=Path(OUT).parent)
    publish("corrections", "Corrections by the pen", command, parts(others, named), write=write)


def seen_in(first: int, size: int, keep: Path | None) -> Iterator[Subject]:
    """The fields of forms; kept, or of a kept file, where a folder for it is given."""
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(first, first + size):
            file = keep and keep / f"{seed}.pickle"
            if file is not None and file.is_file():
                yield from pickle.loads(file.read_bytes())
                continue
            (Path(folder) / str(seed)).mkdir()
            fields = list(of_form(drawn(seed, Path(folder) / str(seed))))
            if file is not None:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(pickle.dumps(fields))
            yield from fields


# ---------------------------------------------------------------- what it finds


def now(found: Sequence[Subject], scored_as_corrected: Any) -> Any:
    """Which fields are named: for the pen beside their text, where that can be judged, because the tuned
    reader marks it, or for paint."""
    pairs = zip(found, scored_as_corrected.tolist(), strict=True)
    return np.array(
        [
            one.before if one.rows is None else told or one.painted or corrections.is_marked(one.rows)
            for one, told in pairs
        ]
    )


def rows_of(found: Sequence[Subject], named: Any) -> list[list[Any]]:
    """How drawn, how read, how many, named before, named."""
    before = np.array([one.before for one in found])
    kinds = np.array(["mistaken" if one.mistaken else one.kind or "none" for one in found])
    read = np.array(["confirmed" if o.agrees else "denied" if o.denied else "unsure" for o in found])
    return [
        [kind, how, int(chosen.sum()), int((before & chosen).sum()), int((named & chosen).sum())]
        for kind in ("none", *KINDS, "mistaken")
        for how in ("confirmed", "unsure", "denied")
        if (chosen := (kinds == kind) & (read == how)).any()
    ]


def parts(found: Sequence[Subject], named: Any) -> list[str]:
    """The page's parts, Markdown."""
    good = np.array([one.kind is None and one.agrees and not one.mistaken for one in found])
    before = np.array([one.before for one in found])

    def by(names: Sequence[str]) -> list[list[Any]]:
        groups = np.array(names)
        return [
            [name, int(own.sum()), int((before & own).sum()), int((named & own).sum())]
            for name in sorted(set(names))
            if (own := good & (groups == name)).any()
        ]

    return [
        f"Fields of {len({one.seed for one in found})} forms of other seeds than those of the fit, as "
        "`field-altered` names them: before, by the ink and the paper alone, and now. *Confirmed*: the "
        "readers agree with the entry, so that a corrected field which is not named is no reason against a "
        "pass; *denied*: they see, or lean to, another text. *Mistaken*: clean, but the case has another "
        "text than was written.",
        table(["drawn", "read", "fields", "named before", "named"], rows_of(found, named)),
        "## Clean fields that are confirmed",
        table(["hand", "fields", "named before", "named"], by([one.hand for one in found])),
        table(["photograph", "fields", "named before", "named"], by([one.look for one in found])),
    ]
