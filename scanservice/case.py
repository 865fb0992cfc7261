"""The case: what the main system knows of a student, the entry and the workflow (contract, 2)."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from scanservice.errors import InputError, Problem

Account = Literal["enabled", "disabled"]
Route = Literal["out_of_province", "in_province"]
State = Literal[
    "registered",
    "paper_issued",
    "entry_draft",
    "entry_confirmed",
    "scan_uploaded",
    "returned",
    "filed",
    "terminating",
]
PaperStatus = Literal["held", "returned", "void", "lost", "filed"]


class Facts(BaseModel):
    """A part of the case: frozen, without unknown keys; blank text counts as not known."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=False)

    @field_validator("*", mode="before")
    @classmethod
    def _blank_is_unknown(cls, value: Any) -> Any:
        return None if isinstance(value, str) and not value.strip() else value


class Student(Facts):
    number: str | None = None
    name: str
    id_number: str | None = None
    gender: str | None = None
    birth: str | None = None
    ethnicity: str | None = None
    political_status: str | None = None
    college: str | None = None
    major: str | None = None
    degree: str | None = None
    education_years: str | None = None
    education_mode: str | None = None
    phone: str | None = None
    home_address: str | None = None


class Entry(Facts):
    serial: str | None = None
    employer_name: str | None = None
    employer_code: str | None = None
    employer_region: str | None = None
    employer_nature: str | None = None
    employer_affiliation: str | None = None
    authority_name: str | None = None
    employer_contact: str | None = None
    employer_phone: str | None = None
    employer_postcode: str | None = None
    employer_address: str | None = None
    archive_receiver: str | None = None
    archive_address: str | None = None
    archive_postcode: str | None = None
    archive_contact: str | None = None
    archive_phone: str | None = None
    household_address: str | None = None
    student_signed_on: dt.date | None = None
    employer_signed_on: dt.date | None = None
    confirmed_on: dt.date | None = None


class Paper(Facts):
    serial: str
    issued_on: dt.date | None = None
    status: PaperStatus | None = None
    sealed_in_advance: bool | None = None


class OfferNotice(Facts):
    employer_name: str | None = None
    sealed: bool | None = None
    received_on: dt.date | None = None


class OnlineAgreement(Facts):
    employer_name: str | None = None
    state: Literal["invited", "accepted", "printed", "filed"] | None = None


class Termination(Facts):
    serial: str | None = None
    employer_name: str | None = None
    route: Route | None = None
    state: Literal["requested", "approved"] | None = None
    applied_on: dt.date | None = None
    papers_returned: bool | None = None


class Workflow(Facts):
    registered: bool | None = None
    account: Account | None = None
    route: Route | None = None
    state: State
    papers: tuple[Paper, ...] | None = None
    offer_notice: OfferNotice | None = None
    online_agreement: OnlineAgreement | None = None
    terminations: tuple[Termination, ...] | None = None


class Case(Facts):
    """One student's case. A null is a fact that is not known: it is not evaluated, and never passes."""

    case: str
    today: dt.date | None = None
    student: Student
    entry: Entry | None = None
    workflow: Workflow

    def value(self, path: str) -> str | None:
        """The text at a template's `value` path, such as "entry.employer_name"; dates as ISO 8601."""
        part, _, key = path.partition(".")
        holder = getattr(self, part)
        found = None if holder is None else getattr(holder, key)
        return None if found is None else str(found)


VALUE_PATHS = frozenset(
    [f"student.{key}" for key in Student.model_fields] + [f"entry.{key}" for key in Entry.model_fields]
)
"""Where a template's `value` may point."""


def parse_case(data: bytes | str | dict[str, Any], *, source: str = "case") -> Case:
    """A case from JSON text or an object.

    Args:
        source: how errors name the input: a file as the caller knows it.

    Raises:
        InputError: `case-invalid`, with every problem and its path.
    """
    if not isinstance(data, dict):
        try:
            data = json.loads(data)
        except (ValueError, UnicodeDecodeError, RecursionError) as error:
            where = (
                f"line {error.lineno}, column {error.colno}"
                if isinstance(error, json.JSONDecodeError)
                else ""
            )
            problem = Problem(where, "is not JSON in UTF-8")
            raise InputError("case-invalid", source, [problem]) from None
    try:
        return Case.model_validate(data)
    except ValidationError as error:
        raise InputError("case-invalid", source, pydantic_problems(error)) from None


def pydantic_problems(error: ValidationError) -> list[Problem]:
    """Every error of a validation with its path; input values are left out: they are personal data."""
    return [
        Problem(dotted_path(item["loc"]), item["msg"])
        for item in error.errors(include_input=False, include_url=False, include_context=False)
    ]


def dotted_path(location: tuple[int | str, ...]) -> str:
    """`("papers", 0, "serial")` as `papers[0].serial`."""
    path = ""
    for part in location:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else part
    return path
