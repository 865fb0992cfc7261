"""The version of the rules: of their code, words and tables, and of what judges the ink for them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable

SOURCES = ("rules", "comparators", "data")
MODULES = (
    *("evaluate.py", "decide.py", "positive.py", "facts.py", "identifiers.py", "regions_table.py"),
    *(
        "judge.py",
        "judge_text.py",
        "alone.py",
        "judge_serial.py",
        "judge_seal.py",
        "fields.py",
        "fitting.py",
        "weighing.py",
    ),
    *("free.py", "foreseen.py", "grammar.py", "rivals.py", "alphabet.py", "posterior.py", "ctc.py"),
    *(
        "calibration.py",
        "calibration.json",
        "corrections.py",
        "corrections.json",
        "marked.py",
        "perceptron.py",
        "strokes.py",
    ),
)


def _files(folder: Traversable) -> Iterator[Traversable]:
    for entry in sorted(folder.iterdir(), key=lambda item: item.name):
        if entry.is_file() and entry.name.endswith((".py", ".csv", ".json", ".txt")):
            yield entry


def rules_version() -> str:
    """Twelve hexadecimal places of SHA-256 over everything that turns evidence and a case into findings."""
    package = resources.files("scanservice.verify")
    files = [package.joinpath(name) for name in MODULES]
    files += [file for source in SOURCES for file in _files(package.joinpath(source))]
    files.append(resources.files("scanservice.words").joinpath("findings.toml"))
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.name.encode() + b"\n" + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:12]


RULES_VERSION = rules_version()
