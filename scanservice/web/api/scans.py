"""A case's scans: uploaded, followed, shown."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Annotated, Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from sqlalchemy.exc import IntegrityError

from scanservice.findings import Language
from scanservice.service import (
    cases,
    decisions,
    drawing,
    housekeeping,
    idempotency,
    scans,
    trash,
    uploads,
    verdicts,
)
from scanservice.service.checking import View
from scanservice.service.database import OutcomeUnknownError, UnavailableError
from scanservice.service.idempotency import Answer, Claim
from scanservice.service.services import Services
from scanservice.service.times import iso
from scanservice.service.uploads import StoredFile
from scanservice.web.api import examples
from scanservice.web.api.shared import CaseId, ScanId, errors, language_of
from scanservice.web.auth import Caller, CallerOf, ServicesOf, own_case, own_scan
from scanservice.web.problems import ProblemError
from scanservice.web.rates import limit
from scanservice.web.uploads import Upload, receive_upload

router = APIRouter(prefix="/v1", tags=["scans"])

LOOK_SECONDS = 0.5
OFFICE_ONLY = ("note", "decided_by")
QUIET_SECONDS = 15
"""A comment is sent through a quiet stream so often, lest a proxy cut it."""
LONGEST_STREAM_SECONDS = 600
FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["files"],
                    "properties": {
                        "files": {
                            "type": "array",
                            "minItems": 1,
                            "maxItems": 20,
                            "items": {"type": "string", "format": "binary"},
                            "description": "PDF or pictures, in the order of the pages.",
                        }
                    },
                }
            }
        },
    }
}


@router.post(
    "/cases/{case}/scans",
    status_code=202,
    summary="Upload a scan of a case",
    openapi_extra=FORM,
    response_model=None,
    responses={
        202: {
            "description": "Accepted: it will get its verdict",
            "headers": {"Location": {"schema": {"type": "string"}, "description": "The scan's address."}},
            "content": {"application/json": {"example": examples.SCAN | {"known": False}}},
        },
        **errors(
            "case-unknown",
            "request-malformed",
            "request-too-large",
            "file-too-large",
            "no-files",
            "too-many-files",
            "file-empty",
            "media-type-unsupported",
            "idempotency-key-reused",
            "link-spent",
            "backlog-full",
            "case-busy",
            "too-many-requests",
        ),
    },
)
async def upload_scan(
    case: CaseId,
    request: Request,
    services: ServicesOf,
    caller: CallerOf,
    idempotency_key: Annotated[str | None, Header(max_length=255, pattern=r"^[ -~]+$")] = None,
) -> JSONResponse:
    """1 to 20 files. The same Idempotency-Key, or the same bytes for the same case, is the same scan.

    The answer comes after files and promise are on disk; from then on the scan gets its verdict.
    """
    own_case(caller, case)
    await run_sync(limit, request, "upload", services.settings.upload_rate, _uploader(caller))
    await run_sync(room_for, services, case)
    async with receive_upload(request, services.settings, housekeeping.spool(services)) as upload:
        if not upload.files:
            raise ProblemError("no-files", "Send at least one file.")
        claim = _claim(caller, case, idempotency_key, upload)
        answer = await run_sync(store_upload, services, caller, case, upload, claim)
    return JSONResponse(answer.body, answer.status, {"Location": answer.body["href"]})


def _uploader(caller: Caller) -> str:
    return caller.link.token_hash if caller.link else caller.name


def room_for(services: Services, case: str) -> None:
    """What would be refused anyway is refused before its bytes travel."""
    with services.db.read() as tx:
        cases.get_case(tx, case)
        uploads.check_backlog(tx, services.settings)


def _claim(caller: Caller, case: str, key: str | None, upload: Upload) -> Claim | None:
    if key is None:
        return None
    request = "\n".join(["upload", case, *(file.sha256 for file in upload.files)])
    return Claim(_uploader(caller), key, hashlib.sha256(request.encode()).hexdigest())


def store_upload(
    services: Services, caller: Caller, case: str, upload: Upload, claim: Claim | None
) -> Answer:
    """Files first, then the rows, in one transaction. Raises RefusedError, UnavailableError."""
    if claim is not None:
        with services.db.read() as tx:
            known = idempotency.recall(tx, claim)
        if known is not None:
            return known
    scan_id = uploads.new_scan_id()
    stored = []
    try:
        for position, file in enumerate(upload.files):
            key = uploads.file_key(scan_id, position)
            services.blobs.put_file(key, file.path)
            stored.append(StoredFile(file.sha256, file.size, key))
        try:
            return _promise(services, caller, case, scan_id, stored, claim)
        except IntegrityError:
            # Another request with the same bytes, or the same key, was committed meanwhile: now it is seen.
            return _promise(services, caller, case, scan_id, stored, claim)
    except OutcomeUnknownError:
        # The promise may stand: the files stay, and housekeeping removes them later if no row names them.
        raise
    except BaseException:
        _drop(services, stored)
        raise


def _promise(
    services: Services, caller: Caller, case: str, scan_id: str, stored: list[StoredFile], claim: Claim | None
) -> Answer:
    with services.db.write("together") as tx:
        known = idempotency.recall(tx, claim) if claim is not None else None
        if known is not None:
            trash.throw(tx, [file.blob_key for file in stored])
            return known
        accepted = uploads.accept(
            tx,
            services.settings,
            case_id=case,
            scan_id=scan_id,
            files=stored,
            source="link" if caller.link else "main",
            link_hash=caller.link.token_hash if caller.link else None,
        )
        body = scans.summary(scans.get_scan(tx, accepted.scan_id)) | {"known": accepted.known}
        answer = Answer(202, body)
        if claim is not None:
            idempotency.remember(tx, claim, answer, case)
    services.figures.count("uploads", "again" if accepted.known else "link" if caller.link else "main")
    return answer


def _drop(services: Services, stored: list[StoredFile]) -> None:
    """Nothing was promised; what cannot be removed now is an orphan that housekeeping removes."""
    for file in stored:
        with suppress(UnavailableError):
            services.blobs.delete(file.blob_key)


@router.get(
    "/cases/{case}/scans",
    summary="A case's scans, newest first",
    responses={
        200: {"content": {"application/json": {"example": {"scans": [examples.SCAN]}}}},
        **errors("case-unknown"),
    },
)
def list_scans(case: CaseId, services: ServicesOf, caller: CallerOf) -> dict[str, Any]:
    with services.db.read() as tx:
        cases.get_case(tx, case)
        return {"scans": [scans.summary(row) for row in scans.scans_of(tx, case)]}


@router.get(
    "/scans/{scan}",
    summary="A scan's state and verdict",
    responses={
        200: {
            "headers": {"ETag": {"schema": {"type": "string"}, "description": "The scan's version."}},
            "content": {"application/json": {"example": examples.CHECKED}},
        },
        **errors("scan-unknown"),
    },
)
def get_scan(
    scan: ScanId,
    services: ServicesOf,
    caller: CallerOf,
    response: Response,
    language: Annotated[Language, Depends(language_of)],
) -> dict[str, Any]:
    """`state` is `received`, `checking`, `checked` or `decided`; `verdict` is null until it is checked."""
    own_scan(caller, scan)
    with services.db.read() as tx:
        detail = scans.detail(tx, scan, language)
    response.headers["ETag"] = f'"{detail["version"]}"'
    if caller.link is not None and detail["decision"] is not None:
        # Who decided, and what they noted for colleagues, is the office's own.
        detail["decision"] = {k: v for k, v in detail["decision"].items() if k not in OFFICE_ONLY}
    return detail


@router.get(
    "/scans/{scan}/history",
    summary="A scan's verdicts and decisions, oldest first",
    responses={
        200: {"content": {"application/json": {"example": {"verdicts": [], "decisions": []}}}},
        **errors("scan-unknown"),
    },
)
def get_history(scan: ScanId, services: ServicesOf, caller: CallerOf) -> dict[str, Any]:
    with services.db.read() as tx:
        row = scans.get_scan(tx, scan)
        made = [
            {
                "verdict_version": version.version,
                "version": version.revision,
                "verdict": version.kind,
                "cause": version.cause,
                "facts_version": version.facts_version,
                "template_version": version.template_version,
                "rules_version": version.rules_version,
                "at": iso(version.created_at),
            }
            for version in verdicts.all_of(tx, row.scan_id)
        ]
        return {"verdicts": made, "decisions": [decisions.as_dict(d) for d in decisions.history(tx, scan)]}


@router.get(
    "/scans/{scan}/pages/{number}",
    summary="A page's picture",
    response_class=Response,
    responses={
        200: {
            "description": "The picture",
            "content": {
                "image/jpeg": {"schema": {"type": "string", "format": "binary"}},
                "image/png": {"schema": {"type": "string", "format": "binary"}},
            },
        },
        **errors("scan-unknown", "page-unknown", "pictures-gone", "file-damaged", "picture-failed"),
    },
)
def get_page(
    scan: ScanId,
    number: int,
    services: ServicesOf,
    caller: CallerOf,
    view: Annotated[
        View, Query(description="As uploaded, straightened, with the findings drawn on it, or small.")
    ] = "uploaded",
) -> Response:
    """`number` counts the verdict's `pages`, from 0."""
    own_scan(caller, scan)
    picture = drawing.page_picture(services, scan, number, view)
    return Response(
        picture.data, media_type=picture.media_type, headers={"Cache-Control": "private, max-age=60"}
    )


@router.get(
    "/scans/{scan}/events",
    summary="A scan's progress, as server-sent events",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "`event: progress` with the scan's state; the last one is `event: done`",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        },
        **errors("scan-unknown"),
    },
)
async def follow(scan: ScanId, services: ServicesOf, caller: CallerOf) -> StreamingResponse:
    own_scan(caller, scan)
    first = await run_sync(state_of, services, scan)
    return StreamingResponse(progress_of(services, scan, first), media_type="text/event-stream")


def state_of(services: Services, scan: str) -> dict[str, Any]:
    with services.db.read() as tx:
        return scans.summary(scans.get_scan(tx, scan))


async def progress_of(services: Services, scan: str, state: dict[str, Any]) -> AsyncIterator[str]:
    shown = None
    quiet = elapsed = 0.0
    while elapsed < LONGEST_STREAM_SECONDS:
        if state != shown:
            done = state["verdict_version"] > 0
            text = json.dumps(state, ensure_ascii=False)
            yield f"event: {'done' if done else 'progress'}\nid: {state['version']}\ndata: {text}\n\n"
            if done:
                return
            shown, quiet = state, 0.0
        elif quiet >= QUIET_SECONDS:
            yield ": still here\n\n"
            quiet = 0.0
        await asyncio.sleep(LOOK_SECONDS)
        elapsed += LOOK_SECONDS
        quiet += LOOK_SECONDS
        state = await run_sync(state_of, services, scan)
