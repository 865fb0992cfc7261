"""What is said of uploads of one kind of paper."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks.identity.papers import Paper, condition_of, scan_of
from scanservice.detect import Library, build_library, find
from scanservice.template import Template

OUTCOMES = ("accepted", "refused", "foreign", "unsure", "none")
_libraries: dict[tuple[str, ...], Library] = {}


@dataclass
class Tally:
    """How many uploads of a kind of paper were taken for what."""

    name: str
    genuine: bool
    uploads: int = 0
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def right(self) -> bool:
        """Genuine paper is never refused or called foreign, and no other paper is accepted."""
        if self.genuine:
            return not (self.counts["refused"] or self.counts["foreign"] or self.counts["none"])
        return not self.counts["accepted"]


def run(paper: Paper, templates: Sequence[Template], size: int, first_seed: int) -> Tally:
    """Uploads of one kind, half of what is not known to a library looked at by the accepted forms alone."""
    tally = Tally(paper.name, paper.genuine)
    for seed in range(first_seed, first_seed + size):
        alone = not paper.genuine and not paper.name.startswith("known") and seed % 2
        library = _library([template for template in templates if template.accepts or not alone])
        layout = find(scan_of(paper.draw(seed, condition_of(seed))), library)
        tally.uploads += 1
        tally.counts["none" if layout.template is None else layout.standing] += 1
    return tally


def _library(templates: Sequence[Template]) -> Library:
    key = tuple(template.version for template in templates)
    if key not in _libraries:
        _libraries[key] = build_library(templates)
    return _libraries[key]
