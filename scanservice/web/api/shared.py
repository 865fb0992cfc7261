"""What the calls share: languages, bodies, documented errors."""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import Header, Path, Query
from pydantic import AfterValidator, BaseModel, ConfigDict

from scanservice.findings import Language
from scanservice.web.problems import MEDIA_TYPE, PROBLEMS, ProblemError, document

ID = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$"
NAME = r"^[^\x00-\x1f\x7f/]{1,200}$"

COMMON = ("not-authenticated", "not-allowed", "request-invalid", "storage-unavailable", "internal")
"""What any call may answer; 404 and 405 for what is no call at all are not listed at each."""


def _clean(text: str) -> str:
    if "\x00" in text or any("\ud800" <= sign <= "\udfff" for sign in text):
        raise ValueError("holds what is no character")
    return text


Text = Annotated[str, AfterValidator(_clean)]
CaseId = Annotated[str, Path(pattern=NAME, description="The main system's own id of the case.")]
ScanId = Annotated[str, Path(pattern=ID, description="From the answer to the upload.")]
HookName = Annotated[str, Path(pattern=ID)]
Serial = Annotated[str, Path(pattern=r"^[^\x00-\x1f\x7f/]{1,100}$")]


class Body(BaseModel):
    """A request's body: an unknown key is an error, since it is a mistake in the caller's program."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def language_of(
    lang: Annotated[Language | None, Query(description="Language of messages and advice.")] = None,
    accept_language: Annotated[str | None, Header(include_in_schema=False)] = None,
) -> Language:
    """As the query says, else as the browser prefers, else Chinese."""
    if lang is not None:
        return lang
    for part in (accept_language or "").split(","):
        tag = part.split(";")[0].strip().lower()
        if re.match(r"en\b", tag):
            return "en"
        if re.match(r"zh\b", tag):
            return "zh-CN"
    return "zh-CN"


def if_match(value: str | None) -> int | None:
    """The version that an If-Match header names. Raises ProblemError."""
    if value is None or value.strip() == "*":
        return None
    found = re.fullmatch(r'(?:W/)?"?v?(\d{1,9})"?', value.strip())
    if found is None:
        raise ProblemError("request-invalid", 'If-Match names a version, such as "3".')
    return int(found[1])


def errors(*types: str) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a call: each problem type that it may answer, with an example."""
    by_status: dict[int | str, dict[str, Any]] = {}
    for name in dict.fromkeys((*types, *COMMON)):
        known = PROBLEMS[name]
        entry = by_status.setdefault(
            known.status,
            {
                "description": "",
                "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": {}}},
            },
        )
        entry["description"] = "; ".join(filter(None, [entry["description"], known.title]))
        entry["content"][MEDIA_TYPE]["examples"][name] = {"value": document(name)}
        if known.status in (429, 503):
            entry["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds."}}
    return by_status


PROBLEM_SCHEMA = {
    "type": "object",
    "title": "Problem",
    "description": "Problem details (RFC 9457). `type` is stable; further members depend on it.",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string", "examples": ["/problems/stale-version"]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["path", "message"],
                "properties": {"path": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}
