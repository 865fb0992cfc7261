"""The student's pages, all at the address of the link: what is asked, how far it is, what came of it.

A link is for one upload. Where another is asked for, it is renewed behind the same address, so that the
address which the student was sent always leads to where they stand.
"""

from __future__ import annotations

import hashlib
from typing import Annotated, Any

from anyio.to_thread import run_sync
from fastapi import Header, Request
from fastapi.responses import JSONResponse, RedirectResponse, StreamingResponse
from starlette.responses import Response

from scanservice.service import housekeeping, links, scans
from scanservice.service.idempotency import Claim
from scanservice.service.links import Link
from scanservice.service.refusals import RefusedError
from scanservice.service.services import Services
from scanservice.web.api.scans import progress_of, state_of, store_upload
from scanservice.web.arriving import Arrivals
from scanservice.web.auth import Caller, ServicesOf
from scanservice.web.pages.linked import link_of
from scanservice.web.pages.pictures import picture
from scanservice.web.pages.rendering import page
from scanservice.web.pages.retaking import with_kept_files
from scanservice.web.pages.sending import Parts, arrivals_of, arrived, parts_of
from scanservice.web.pages.student_view import STAGES, asked, result
from scanservice.web.pages.visitors import SEE_OTHER, page_router
from scanservice.web.pages.wording import language_of
from scanservice.web.problems import ProblemError
from scanservice.web.rates import limit
from scanservice.web.uploads import Upload, receive_upload

router = page_router()


def _scan_of(request: Request, services: Services, token: str) -> str:
    link = link_of(request, services, token)
    if link.scan_id is None:
        raise RefusedError("scan-unknown", "Nothing was uploaded yet.")
    return link.scan_id


@router.get("/u/{token}")
def show(token: str, request: Request, services: ServicesOf) -> Response:
    link = link_of(request, services, token)
    language = language_of(request)
    home = f"/u/{token}"
    with services.db.read() as tx:
        if link.scan_id is None:
            view = asked(tx, services, link, language)
            most = services.settings.max_file_bytes
            return page(request, "student_upload", language, home=home, asked=view, most_bytes=most)
        found = result(tx, services, link.scan_id, language)
        row = scans.get_scan(tx, link.scan_id)
    if found is None:
        stage = STAGES.index(row.stage) if row.stage in STAGES else 0
        return page(request, "student_progress", language, home=home, stage=stage, stages=STAGES)
    return page(request, "student_result", language, home=home, result=found)


@router.post("/u/{token}/scans")
async def upload(
    token: str,
    request: Request,
    services: ServicesOf,
    idempotency_key: Annotated[str | None, Header(max_length=255, pattern=r"^[ -~]+$")] = None,
) -> Response:
    """Takes the files in, or those that have arrived in pieces; whoever has uploaded already is shown what
    became of it."""
    link = await run_sync(link_of, request, services, token)
    if link.scan_id is None:
        await run_sync(limit, request, "upload", services.settings.upload_rate, link.token_hash)
        if request.headers.get("content-type") == "application/json":
            said = await parts_of(request)
            await run_sync(
                _accept_arrived, services, arrivals_of(request, services), link, said, idempotency_key
            )
        else:
            async with receive_upload(request, services.settings, housekeeping.spool(services)) as received:
                await run_sync(_accept, services, link, received, idempotency_key)
    if "application/json" in request.headers.get("accept", ""):
        return JSONResponse({"next": f"/u/{token}"}, 202)
    return RedirectResponse(f"/u/{token}", SEE_OTHER)


def _accept_arrived(services: Services, arrivals: Arrivals, link: Link, said: Parts, key: str | None) -> None:
    received = arrived(services, arrivals, link, said)
    try:
        _accept(services, link, received, key)
    finally:
        for file in received.files:
            file.path.unlink(missing_ok=True)
    arrivals.discard(link.token_hash)


def _accept(services: Services, link: Link, received: Upload, key: str | None) -> None:
    if not received.files:
        raise ProblemError("no-files")
    with with_kept_files(services, link, received) as whole:
        claim = None
        if key is not None:
            text = "\n".join(["upload", link.case_id, *(file.sha256 for file in whole.files)])
            claim = Claim(link.token_hash, key, hashlib.sha256(text.encode()).hexdigest())
        store_upload(services, Caller("link", "link", link=link), link.case_id, whole, claim)


@router.post("/u/{token}/again")
def again(token: str, request: Request, services: ServicesOf) -> Response:
    """Opens the way for another upload, where the result asks for one; once more changes nothing."""
    link = link_of(request, services, token)
    if link.scan_id is not None:
        with services.db.write() as tx:
            links.renew(tx, services.vault, link)
    return RedirectResponse(f"/u/{token}", SEE_OTHER)


@router.get("/u/{token}/state")
def state(token: str, request: Request, services: ServicesOf) -> JSONResponse:
    """For a page that cannot follow the stream, or that wonders whether its upload arrived."""
    link = link_of(request, services, token)
    if link.scan_id is None:
        return JSONResponse({"stage": None, "done": False})
    return JSONResponse(_told(state_of(services, link.scan_id)))


def _told(state: dict[str, Any]) -> dict[str, Any]:
    return {"stage": state["stage"], "done": state["verdict_version"] > 0}


@router.get("/u/{token}/events")
async def events(token: str, request: Request, services: ServicesOf) -> StreamingResponse:
    scan = await run_sync(_scan_of, request, services, token)
    first = await run_sync(state_of, services, scan)
    return StreamingResponse(progress_of(services, scan, first), media_type="text/event-stream")


@router.get("/u/{token}/pages/{number}")
def show_picture(token: str, number: int, request: Request, services: ServicesOf) -> Response:
    """A page as the student sent it."""
    return picture(services, request, _scan_of(request, services, token), number, "uploaded")
