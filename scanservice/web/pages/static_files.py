"""The pages' own scripts and style: read once, kept in memory, plain and compressed.

Their address holds a digest of them all, so a browser may keep them for good, and a script that imports
another one by its plain name gets the one of the same release.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.responses import Response

from scanservice.web.compression import takes_gzip
from scanservice.web.problems import ProblemError

router = APIRouter(include_in_schema=False)

STATIC = Path(__file__).parent.parent / "static"
FOREVER = f"public, max-age={365 * 24 * 3600}, immutable"
mimetypes.add_type("text/javascript", ".js")


@dataclass(frozen=True, slots=True)
class StaticFile:
    data: bytes
    squeezed: bytes
    media_type: str


@cache
def _files() -> dict[str, StaticFile]:
    found = {}
    for path in sorted(STATIC.iterdir()):
        data = path.read_bytes()
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        found[path.name] = StaticFile(data, gzip.compress(data, 9, mtime=0), kind)
    return found


@cache
def _release() -> str:
    digest = hashlib.sha256()
    for name, file in _files().items():
        digest.update(f"{name} {len(file.data)}\n".encode() + file.data)
    return digest.hexdigest()[:12]


def asset(name: str) -> str:
    """The address of a static file. Raises KeyError."""
    _ = _files()[name]
    return f"/static/{_release()}/{name}"


@router.get("/static/{release}/{name}")
async def static_file(release: str, name: str, request: Request) -> Response:
    """A page of an earlier release gets what there is now, and is told not to keep it."""
    file = _files().get(name)
    if file is None:
        raise ProblemError("not-found")
    headers = {
        "Cache-Control": FOREVER if release == _release() else "no-cache",
        "Vary": "Accept-Encoding",
    }
    if not takes_gzip(request.headers):
        return Response(file.data, media_type=file.media_type, headers=headers)
    headers["Content-Encoding"] = "gzip"
    return Response(file.squeezed, media_type=file.media_type, headers=headers)
