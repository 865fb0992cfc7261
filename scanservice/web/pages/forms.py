"""What a form sends: read under limits, never as a file."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Annotated, TypeVar

from fastapi import Depends, Request
from starlette.datastructures import FormData

from scanservice.web.problems import ProblemError

T = TypeVar("T")
URLENCODED = "application/x-www-form-urlencoded"


async def _form(request: Request) -> FormData:
    """Raises ProblemError: `media-type-unsupported`; files have a reader of their own, with its limits."""
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != URLENCODED:
        raise ProblemError("media-type-unsupported")
    return await request.form()


Form = Annotated[FormData, Depends(_form)]


def text(form: FormData, name: str, most: int = 2000) -> str:
    """A field's text without blanks at its ends; "" where it is not there."""
    value = form.get(name)
    return clean(value)[:most] if isinstance(value, str) else ""


def texts(form: FormData, name: str) -> list[str]:
    return [clean(value) for value in form.getlist(name) if isinstance(value, str)]


def number(form: FormData, name: str) -> int:
    """Raises ProblemError: `request-invalid`."""
    return whole(text(form, name))


def whole(value: str) -> int:
    """Raises ProblemError: `request-invalid`."""
    if not (value.isascii() and value.isdigit() and len(value) < 10):
        raise ProblemError("request-invalid")
    return int(value)


def one_of(value: str | None, choices: Iterable[T]) -> T | None:
    """The choice that a text names; None where it names none."""
    return next((choice for choice in choices if str(choice) == value), None)


def some_of(values: Collection[str], choices: Iterable[T]) -> list[T]:
    """The choices that are named, in their own order."""
    return [choice for choice in choices if str(choice) in values]


def clean(value: str) -> str:
    """What the databases take in a text: no NUL, no half of a surrogate pair."""
    return value.replace("\x00", "").encode("utf-8", "ignore").decode().strip()
