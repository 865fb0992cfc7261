"""Pictures of pages; an address that names the verdict's version may be kept by the browser."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import Response

from scanservice.service import drawing
from scanservice.service.checking import View
from scanservice.service.services import Services
from scanservice.web.api.shared import ScanId
from scanservice.web.auth import ServicesOf
from scanservice.web.pages.visitors import Reviewer, page_router

router = page_router()

KEPT_SECONDS = 24 * 3600


def picture(services: Services, request: Request, scan: str, number: int, view: View) -> Response:
    """Raises what `drawing.page_picture` raises."""
    found = drawing.page_picture(services, scan, number, view)
    kept = f"private, max-age={KEPT_SECONDS}, immutable" if "v" in request.query_params else "no-store"
    return Response(found.data, media_type=found.media_type, headers={"Cache-Control": kept})


@router.get("/review/scans/{scan}/pages/{number}/{view}")
def show_picture(
    scan: ScanId, number: int, view: View, request: Request, services: ServicesOf, visitor: Reviewer
) -> Response:
    return picture(services, request, scan, number, view)
