"""`POST /v1/checks`: case and files in, the verdict out, nothing kept."""

from __future__ import annotations

from typing import Annotated, Any

from anyio import CapacityLimiter, WouldBlock
from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Request

from scanservice.case import Case, parse_case
from scanservice.errors import InputError
from scanservice.findings import Language
from scanservice.service import housekeeping, verdicts
from scanservice.service.checking import Context
from scanservice.service.failed_checks import failed_outcome
from scanservice.service.sandbox import CheckError
from scanservice.service.services import Services
from scanservice.service.times import day
from scanservice.verdict import Verdict
from scanservice.web.api import examples
from scanservice.web.api.shared import errors, language_of
from scanservice.web.auth import CallerOf, ServicesOf
from scanservice.web.problems import ProblemError
from scanservice.web.rates import limit
from scanservice.web.uploads import SpooledFile, receive_upload

router = APIRouter(prefix="/v1", tags=["checks"])

BUSY_SECONDS = 5
FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["case", "files"],
                    "properties": {
                        "case": {"type": "string", "description": "The case as JSON, a field or a file."},
                        "files": {
                            "type": "array",
                            "minItems": 1,
                            "maxItems": 20,
                            "items": {"type": "string", "format": "binary"},
                            "description": "PDF or pictures, in the order of the pages.",
                        },
                    },
                },
                "encoding": {"case": {"contentType": "application/json"}},
            }
        },
    }
}


@router.post(
    "/checks",
    summary="Check a scan, and keep nothing",
    response_model=None,
    openapi_extra=FORM,
    responses={
        200: {"model": Verdict, "content": {"application/json": {"example": examples.VERDICT}}},
        **errors(
            "request-malformed",
            "request-too-large",
            "file-too-large",
            "media-type-unsupported",
            "case-invalid",
            "no-files",
            "too-many-files",
            "file-empty",
            "file-unsupported",
            "file-damaged",
            "file-encrypted",
            "check-busy",
            "too-many-requests",
        ),
    },
)
async def check(
    request: Request,
    services: ServicesOf,
    caller: CallerOf,
    language: Annotated[Language, Depends(language_of)],
) -> dict[str, Any]:
    """The verdict of case and files sent together. For what must not be lost, use the scans of a case."""
    await run_sync(limit, request, "upload", services.settings.upload_rate, caller.name)
    async with receive_upload(request, services.settings, housekeeping.spool(services)) as upload:
        if "case" not in upload.fields:
            raise ProblemError("case-invalid", "Send the case as the form's field `case`.")
        case = parse_case(upload.fields["case"])
        if not upload.files:
            raise ProblemError("no-files", "Send at least one file.")
        waiters: CapacityLimiter = request.app.state.bench_waiters
        try:
            waiters.acquire_on_behalf_of_nowait(upload.files)
        except WouldBlock:
            raise ProblemError("check-busy", retry_after=BUSY_SECONDS) from None
        try:
            return await run_sync(_verdict, services, case, upload.files, language)
        finally:
            waiters.release_on_behalf_of(upload.files)


def _verdict(
    services: Services, case: Case, files: tuple[SpooledFile, ...], language: Language
) -> dict[str, Any]:
    today = case.today or day(services.db.clock(), services.settings.time_zone)
    try:
        outcome = services.bench.check([file.path for file in files], case, Context(today))
    except InputError as error:
        raise InputError(error.code, _public_name(error.source, files), error.problems) from None
    except CheckError as failure:
        outcome = failed_outcome(case, [file.sha256 for file in files], failure.reason)
    return verdicts.with_words(outcome.document, language)


def _public_name(source: str, files: tuple[SpooledFile, ...]) -> str:
    """Files by their place in the upload; never by where they lay."""
    for index, file in enumerate(files):
        if str(file.path) in source or file.path.name in source:
            return f"files[{index}]"
    return "upload" if not source.startswith("files[") else source
