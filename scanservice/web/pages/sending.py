"""A student's files, sent piece by piece: the shape of the IETF's resumable uploads, at the link's address.

| call | does |
|---|---|
| `POST …/parts`, `Upload-Length` | room for a file: 201 and its `Location` |
| `HEAD …/parts/{id}` | 204, `Upload-Offset`: how much has arrived |
| `PATCH …/parts/{id}`, `Upload-Offset` | takes a piece that begins there: 204; 409 where it does not |
| `POST …/scans` with `{"parts": [id, …]}` | makes the scan of them, as a form with files does |

Reference: draft-ietf-httpbis-resumable-upload. A page without scripts sends an ordinary form.
"""

from __future__ import annotations

from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import Header, Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.responses import Response

from scanservice.service import housekeeping
from scanservice.service.links import Link
from scanservice.service.refusals import RefusedError
from scanservice.service.services import Services
from scanservice.web.api.scans import room_for
from scanservice.web.arriving import Arrivals, OffsetError
from scanservice.web.auth import ServicesOf
from scanservice.web.pages.keeping import second_name
from scanservice.web.pages.linked import link_of
from scanservice.web.pages.visitors import page_router
from scanservice.web.problems import ProblemError
from scanservice.web.rates import limit
from scanservice.web.uploads import SpooledFile, Upload

router = page_router()

PIECE_TYPE = "application/partial-upload"
RATE = "600/minute"
"""Pieces from one link: 10 MiB a second, more than a telephone sends."""
Size = Annotated[int, Header(ge=0, le=10**12)]
Id = Annotated[str, Field(pattern=r"^[0-9a-f]{24}$")]


class Parts(BaseModel):
    """Files that have arrived, in the order of the pages; `again` as in the form."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    parts: list[Id] = Field(min_length=1, max_length=100)
    again: str = Field("", max_length=10)


def arrivals_of(request: Request, services: Services) -> Arrivals:
    """The one registry of this application."""
    state = request.app.state
    if not hasattr(state, "arrivals"):
        state.arrivals = Arrivals(housekeeping.spool(services), services.settings)
    return state.arrivals


def _open(request: Request, services: Services, token: str) -> Link:
    """Raises RefusedError: `link-spent` where the link has made its scan."""
    link = link_of(request, services, token)
    limit(request, "part", RATE, link.token_hash)
    if link.scan_id is not None:
        raise RefusedError("link-spent", "This link has been used.")
    return link


@router.post("/u/{token}/parts")
def begin(token: str, request: Request, services: ServicesOf, upload_length: Size) -> Response:
    link = _open(request, services, token)
    room_for(services, link.case_id)
    made = arrivals_of(request, services).create(link.token_hash, upload_length)
    headers = {
        "Location": f"/u/{token}/parts/{made.id}",
        "Upload-Offset": "0",
        "Upload-Limit": f"max-append-size={services.settings.max_json_bytes}",
    }
    return Response(status_code=201, headers=headers)


@router.head("/u/{token}/parts/{part}")
def ask_offset(token: str, part: str, request: Request, services: ServicesOf) -> Response:
    link = _open(request, services, token)
    arrivals = arrivals_of(request, services)
    found = arrivals.find(link.token_hash, part)
    arrivals.stop(found)
    return _standing(204, found.offset, found.length)


@router.patch("/u/{token}/parts/{part}")
async def append(
    token: str, part: str, request: Request, services: ServicesOf, upload_offset: Size
) -> Response:
    if request.headers.get("content-type") != PIECE_TYPE:
        raise ProblemError("media-type-unsupported")
    link = await run_sync(_open, request, services, token)
    arrivals = arrivals_of(request, services)
    found = await run_sync(arrivals.find, link.token_hash, part)
    try:
        offset = await arrivals.append(found, upload_offset, request.stream())
    except OffsetError as error:
        return _standing(409, error.offset, found.length)
    return _standing(204, offset, found.length)


def _standing(status: int, offset: int, length: int) -> Response:
    complete = "?1" if offset == length else "?0"
    headers = {"Upload-Offset": str(offset), "Upload-Length": str(length), "Upload-Complete": complete}
    return Response(status_code=status, headers=headers)


async def parts_of(request: Request) -> Parts:
    """Raises ProblemError: `request-invalid`."""
    try:
        return Parts.model_validate_json(await request.body())
    except ValidationError:
        raise ProblemError("request-invalid") from None


def arrived(services: Services, arrivals: Arrivals, link: Link, said: Parts) -> Upload:
    """The upload that a link's files make. They stay until `Arrivals.discard`, whatever becomes of it.

    Raises ProblemError: `not-found`, `request-invalid`, `too-many-files`.
    """
    if len(said.parts) > services.settings.max_files:
        raise ProblemError("too-many-files")
    spool = housekeeping.spool(services)
    files = []
    for id_ in said.parts:
        file = arrivals.find(link.token_hash, id_).spooled()
        files.append(SpooledFile(second_name(file.path, spool), file.sha256, file.size))
    return Upload(tuple(files), {"again": said.again.encode()})
