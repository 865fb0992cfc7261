"""Everything that is wrong or doubtful in a template package, found at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pymupdf
import yaml
from pydantic import ValidationError

from scanservice.drafting.lint_print import print_messages
from scanservice.drafting.lint_regions import (
    LintMessage,
    Placed,
    Severity,
    page_messages,
    region_messages,
)
from scanservice.errors import InputError
from scanservice.findings import catalogue
from scanservice.template import Region, load_template

ORDER: tuple[Severity, ...] = ("error", "warning", "note")
EXPECTED_VALUES = (
    "student.name",
    "student.id_number",
    "student.number",
    "student.major",
    "student.phone",
    "entry.employer_name",
    "entry.employer_code",
    "entry.employer_address",
    "entry.employer_phone",
    "entry.archive_receiver",
    "entry.archive_address",
    "entry.student_signed_on",
    "entry.employer_signed_on",
)
"""What an agreement states in any edition: identity, employer, archive, and when it was signed."""
EXPECTED_MARKS = (("signature", "student"), ("seal", "employer"))
"""What makes an agreement effective: the student's signature and the employer's seal."""


def lint(folder: Path) -> list[LintMessage]:
    """Everything wrong (`error`: the package cannot be loaded), doubtful or worth knowing in a package.

    The doubts are about every region that is valid by itself, also where others are not.
    """
    messages = _errors(folder)
    content = _content(folder)
    if content is not None:
        placed = list(_placed(content))
        messages += [message for item in placed for message in region_messages(item)]
        messages += _whole(content, placed)
        messages += _on_blank(folder, content, placed)
    return sorted(messages, key=lambda message: ORDER.index(message.severity))


def _errors(folder: Path) -> list[LintMessage]:
    try:
        load_template(folder)
    except InputError as error:
        return [
            LintMessage("error", error.code, problem.path, problem.message) for problem in error.problems
        ] or [LintMessage("error", error.code, "", error.remedy)]
    return []


def _content(folder: Path) -> dict[str, Any] | None:
    try:
        content = yaml.safe_load((folder / "template.yaml").read_bytes())
    except (OSError, yaml.YAMLError, UnicodeDecodeError):
        return None
    return content if isinstance(content, dict) else None


def _pages(content: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    pages = content.get("pages")
    for number, page in enumerate(pages if isinstance(pages, list) else []):
        if isinstance(page, dict):
            yield f"pages[{number}]", page


def _placed(content: dict[str, Any]) -> Iterator[Placed]:
    """The regions that are valid by themselves."""
    for path, page in _pages(content):
        regions = page.get("regions")
        for number, raw in enumerate(regions if isinstance(regions, list) else []):
            try:
                region = Region.model_validate(raw)
            except ValidationError:
                continue
            yield Placed(f"{path}.regions[{number}]", page.get("page", 0), region)


def _whole(content: dict[str, Any], placed: list[Placed]) -> Iterator[LintMessage]:
    """Doubts about pages and about the description as a whole."""
    for path, page in _pages(content):
        own = [item for item in placed if item.path.startswith(f"{path}.")]
        yield from page_messages(path, page.get("required", True) is not False, own)
    if content.get("accepts", True) is False:
        yield from _decoy(content)
        return
    kinds = {(item.region.kind, item.region.owner) for item in placed}
    if not any(kind == "serial" for kind, _ in kinds):
        yield LintMessage("warning", "serial-none", "pages", "no serial region: papers cannot be told apart")
    for kind, owner in EXPECTED_MARKS:
        if (kind, owner) not in kinds:
            message = f"no {kind} region of the {owner}: it is never looked for"
            yield LintMessage("warning", f"{kind}-none", "pages", message)
    patterns = {item.region.pattern for item in placed if item.region.kind == "serial"}
    if len(patterns) > 1:
        message = "the serial regions have different patterns; one paper bears one number"
        yield LintMessage("warning", "patterns-differ", "pages", message)
    values = {item.region.value for item in placed if item.region.kind == "text"}
    missing = [value for value in EXPECTED_VALUES if value not in values]
    if missing:
        message = f"not on this form, so never compared: {', '.join(missing)}"
        yield LintMessage("warning", "values-uncovered", "pages", message)
    yield from _season(content)


def _decoy(content: dict[str, Any]) -> Iterator[LintMessage]:
    refusal = content.get("refusal")
    if refusal is None:
        message = "a form that is not accepted should name the finding that it raises"
        yield LintMessage("warning", "refusal-none", "refusal", message)
    elif refusal not in catalogue():
        yield LintMessage("error", "refusal-unknown", "refusal", "is not the code of a finding")


def _season(content: dict[str, Any]) -> Iterator[LintMessage]:
    season = content.get("season")
    known = season if isinstance(season, dict) else {}
    missing = [
        key for key in ("from", "until", "terminations_before", "home_region") if known.get(key) is None
    ]
    if missing:
        message = f"says nothing of {', '.join(missing)}: rules that turn on it are not evaluated"
        yield LintMessage("warning", "season-incomplete", "season", message)


def _on_blank(folder: Path, content: dict[str, Any], placed: list[Placed]) -> list[LintMessage]:
    name = content.get("blank", "blank.pdf")
    if not isinstance(name, str) or Path(name).name != name:
        return []
    try:
        data = (folder / name).read_bytes()
        messages: list[LintMessage] = []
        with pymupdf.open(stream=data, filetype="pdf") as document:
            described = {page.get("page") for _, page in _pages(content)}
            for number in range(1, len(document) + 1):
                own = [item for item in placed if item.page == number]
                messages += print_messages(document[number - 1], own)
                if number not in described:
                    message = f"page {number} of the blank is not described"
                    messages.append(LintMessage("note", "page-undescribed", "pages", message))
    except (OSError, RuntimeError, ValueError):
        return []  # load_template has said so.
    return messages
