"""Words of reports and the command line, by language; findings have a catalogue of their own."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources

from scanservice.findings import Language


@cache
def words(language: Language) -> Mapping[str, Mapping[str, str]]:
    """Groups of words: `words("en")["state"]["agree"]`."""
    text = resources.files("scanservice.words").joinpath("interface.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)[language]
