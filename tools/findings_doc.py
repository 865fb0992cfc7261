"""Writes `docs/findings.md`: a section for each code that a check may give.

    python -m tools.findings_doc            # writes it
    python -m tools.findings_doc --check    # leaves with 1 where the file is not what would be written

Everything comes from the catalogue and the rules, but for the notes in `findings_notes.toml`.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from scanservice.findings import Kind, catalogue
from scanservice.verify.rules import RULES

NOTES = tomllib.loads(Path(__file__).with_name("findings_notes.toml").read_text(encoding="utf-8"))
TARGET = Path(__file__).parents[1] / "docs" / "findings.md"
HEAD = """# Findings

Every code that a check may give, in the order of the notice. A finding has a severity (`return`: the paper,
the entry or the state is wrong; `retake`: the picture cannot be judged there; `review`: a person looks;
`note`: nothing to do), the clause of the notice that it rests on, and parameters that never change with the
language. This page is written by `python -m tools.findings_doc` from the catalogue
(`scanservice/words/findings.toml`); a test compares the two.
"""


def document() -> str:
    """The whole page."""
    parts = [HEAD, "\n".join(_contents()), *(_section(kind) for kind in catalogue().values())]
    return "\n".join(parts)


def _contents() -> Iterator[str]:
    yield "| code | severity | clause |"
    yield "|---|---|---|"
    for kind in catalogue().values():
        yield f"| [`{kind.code}`](#{kind.code}) | {', '.join(kind.severities)} | {kind.clause} |"
    yield ""


def _section(kind: Kind) -> str:
    makers = [rule.name for rule in RULES if kind.code in rule.codes]
    lines = [
        f"## {kind.code}",
        "",
        f"- **Severity:** {', '.join(f'`{severity}`' for severity in kind.severities)}",
        f"- **Clause:** {kind.clause}",
    ]
    if makers:
        lines.append(f"- **Made by:** {', '.join(f'`{name}`' for name in makers)}")
    lines += [f"- **Parameter** `{name}`: {NOTES['params'][name]}" for name in kind.params]
    lines += ["", NOTES["notes"][kind.code], ""]
    for language, words in kind.words.items():
        lines += [f"> **{language}** {words.message}  ", f"> {words.advice}", ""]
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    text = document()
    if "--check" in arguments:
        return 0 if TARGET.exists() and TARGET.read_text(encoding="utf-8") == text else 1
    TARGET.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
