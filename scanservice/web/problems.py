"""Errors as problem details (RFC 9457): one table of types, one shape, no personal data.

A `type` is a path of this service that explains it. Types never change their meaning; new ones may
be added.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from scanservice.case import dotted_path
from scanservice.errors import REMEDIES, InputError
from scanservice.service.blobs import BlobGoneError
from scanservice.service.database import UnavailableError
from scanservice.service.logs import log
from scanservice.service.refusals import RefusedError
from scanservice.service.sandbox import CheckError

MEDIA_TYPE = "application/problem+json"
STORAGE_RETRY_SECONDS = 5


@dataclass(frozen=True, slots=True)
class ProblemType:
    status: int
    title: str


PROBLEMS: Mapping[str, ProblemType] = {
    # What is asked for
    "not-found": ProblemType(404, "There is nothing at this address"),
    "method-not-allowed": ProblemType(405, "This address does not know the method"),
    "request-invalid": ProblemType(422, "The request does not have the form that the document asks for"),
    "request-malformed": ProblemType(400, "The request's body cannot be read"),
    "request-too-large": ProblemType(413, "The request is larger than it may be"),
    "media-type-unsupported": ProblemType(415, "The request's body is of another kind than asked for"),
    # Who asks
    "not-authenticated": ProblemType(401, "Say who you are: send a key, a link's token, or log in"),
    "not-allowed": ProblemType(403, "The caller may not do this"),
    "cross-site": ProblemType(403, "The request comes from another site's page"),
    "too-many-requests": ProblemType(429, "Too many requests from this caller"),
    # The state of things
    "case-unknown": ProblemType(404, "No such case"),
    "scan-unknown": ProblemType(404, "No such scan"),
    "page-unknown": ProblemType(404, "No such page"),
    "paper-unknown": ProblemType(404, "No such paper"),
    "hook-unknown": ProblemType(404, "No such hook"),
    "delivery-unknown": ProblemType(404, "No such delivery"),
    "rerun-unknown": ProblemType(404, "No such re-run"),
    "key-unknown": ProblemType(404, "No such key"),
    "account-unknown": ProblemType(404, "No such account"),
    "account-exists": ProblemType(409, "The login is taken"),
    "weak-password": ProblemType(422, "The password is too short"),
    "pictures-gone": ProblemType(410, "The pictures are no longer kept"),
    "link-spent": ProblemType(410, "The link has been used or has expired"),
    "case-id-differs": ProblemType(422, "The address names another case than the body"),
    "no-files": ProblemType(422, "The upload holds no file"),
    "papers-invalid": ProblemType(422, "The list of papers cannot be imported"),
    "paper-stale": ProblemType(409, "The paper has changed meanwhile"),
    "stale-version": ProblemType(409, "The scan has changed since the version that was seen"),
    "being-judged": ProblemType(409, "New facts are being weighed"),
    "closed": ProblemType(409, "The scan is not open for this"),
    "too-late": ProblemType(409, "It can no longer be taken back"),
    "rerun-state": ProblemType(409, "The re-run's state does not allow this"),
    "decision-incomplete": ProblemType(422, "The decision lacks what it needs"),
    "hook-address-refused": ProblemType(422, "The hook's address is refused"),
    "idempotency-key-reused": ProblemType(422, "The Idempotency-Key came with another request before"),
    # Load and trouble
    "backlog-full": ProblemType(429, "Too many scans are waiting"),
    "case-busy": ProblemType(429, "Earlier scans of the case are still waiting"),
    "check-busy": ProblemType(429, "All checking processes are busy"),
    "storage-unavailable": ProblemType(503, "The database or the store of pictures cannot be reached"),
    "picture-failed": ProblemType(503, "The picture could not be drawn"),
    "internal": ProblemType(500, "An error of the service"),
    # Files that cannot be opened (also what `scanservice check` names)
    **{code: ProblemType(422, remedy[0].upper() + remedy[1:]) for code, remedy in REMEDIES.items()},
    "file-too-large": ProblemType(413, "A file is larger than it may be"),
    "too-many-files": ProblemType(422, "The upload holds too many files"),
}

BY_STATUS = {
    400: "request-malformed",
    401: "not-authenticated",
    403: "not-allowed",
    404: "not-found",
    405: "method-not-allowed",
    413: "request-too-large",
    415: "media-type-unsupported",
    422: "request-invalid",
    429: "too-many-requests",
}


class ProblemError(Exception):
    """An answer that is a problem; raised by endpoints and what they call."""

    def __init__(
        self,
        type_: str,
        detail: str = "",
        *,
        extra: Mapping[str, Any] | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(type_)
        self.type = type_
        self.detail = detail
        self.extra = dict(extra or {})
        self.retry_after = retry_after


def document(type_: str, detail: str = "", extra: Mapping[str, Any] | None = None) -> dict[str, Any]:
    known = PROBLEMS[type_]
    body: dict[str, Any] = {"type": f"/problems/{type_}", "title": known.title, "status": known.status}
    if detail:
        body["detail"] = detail
    return body | dict(extra or {})


def answer(
    type_: str,
    detail: str = "",
    *,
    extra: Mapping[str, Any] | None = None,
    retry_after: int | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    sent = dict(headers or {})
    if retry_after is not None:
        sent["Retry-After"] = str(retry_after)
    if PROBLEMS[type_].status == 401:
        sent["WWW-Authenticate"] = "Bearer"
    body = document(type_, detail, extra)
    return JSONResponse(body, body["status"], sent, media_type=MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Every exception that may leave an endpoint becomes one of the table's problems."""
    for kind, handler in HANDLERS.items():
        app.add_exception_handler(kind, handler)


def _problem(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ProblemError)
    return answer(error.type, error.detail, extra=error.extra, retry_after=error.retry_after)


def _refused(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RefusedError)
    return answer(error.kind, error.detail, extra=error.extra, retry_after=error.retry_after)


def _unavailable(_: Request, error: Exception) -> JSONResponse:
    log.warning("storage unavailable", reason=str(error))
    return answer("storage-unavailable", "Try again soon.", retry_after=STORAGE_RETRY_SECONDS)


def _gone(_: Request, error: Exception) -> JSONResponse:
    return answer("pictures-gone")


def _input(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, InputError)
    errors = [{"path": problem.path, "message": problem.message} for problem in error.problems]
    return answer(error.code, error.remedy, extra={"source": error.source, "errors": errors})


def _check(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, CheckError)
    log.warning("check failed", reason=error.reason)
    return answer("picture-failed", extra={"reason": error.reason}, retry_after=STORAGE_RETRY_SECONDS)


def _invalid(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    # Input values are left out: they may be personal data.
    errors = [{"path": dotted_path(item["loc"]), "message": item["msg"]} for item in error.errors()]
    malformed = any(item["type"] == "json_invalid" for item in error.errors())
    return answer("request-malformed" if malformed else "request-invalid", extra={"errors": errors})


def _http(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    return answer(BY_STATUS.get(error.status_code, "internal"), headers=error.headers)


HANDLERS = {
    ProblemError: _problem,
    RefusedError: _refused,
    UnavailableError: _unavailable,
    BlobGoneError: _gone,
    InputError: _input,
    CheckError: _check,
    RequestValidationError: _invalid,
    HTTPException: _http,
}
