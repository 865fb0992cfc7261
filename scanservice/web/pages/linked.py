"""Who comes by a student's link."""

from __future__ import annotations

from fastapi import Request

from scanservice.service import links
from scanservice.service.links import Link
from scanservice.service.refusals import RefusedError
from scanservice.service.services import Services
from scanservice.web.auth import client_address
from scanservice.web.rates import limit


def link_of(request: Request, services: Services, token: str) -> Link:
    """Where the holder of a token stands. Raises RefusedError: `link-spent`."""
    with services.db.read() as tx:
        link = links.open_link(tx, services.vault, token) if token.isascii() else None
        if link is None:
            limit(request, "link", services.settings.link_rate, client_address(request))
            raise RefusedError("link-spent", "The link is unknown or has expired.")
        return links.newest_of(tx, link)
