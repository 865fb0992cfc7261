"""Pages travel compressed, but only those that their own site asked for.

A page holds what is nobody else's business beside texts that an address can bring along (a search, a name),
and the length of a compressed answer tells whether the two are alike (the BREACH attack). Whoever wants to
try texts out has to make the victim's browser ask, from a page elsewhere; browsers say so
(`Sec-Fetch-Site`), and such an answer goes out as it is. So does one to a browser too old to say.
"""

from __future__ import annotations

import gzip

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LEVEL = 5
LEAST_BYTES = 1024
"""A shorter answer fits a packet as it is."""
OWN = ("same-origin", "none")
KINDS = ("text/html",)


def takes_gzip(headers: Headers) -> bool:
    """Whether the caller names gzip among what it can take, and does not rule it out."""
    for part in headers.get("accept-encoding", "").split(","):
        name, _, weight = part.partition(";")
        if name.strip().lower() == "gzip":
            return weight.replace(" ", "").lower() not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


class Compression:
    """Compresses whole pages; streams, pictures and the API's answers pass as they are."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope) if scope["type"] == "http" else None
        if headers is None or headers.get("sec-fetch-site") not in OWN or not takes_gzip(headers):
            await self.app(scope, receive, send)
            return
        held: Message | None = None

        async def sending(message: Message) -> None:
            nonlocal held
            if message["type"] == "http.response.start" and _may_shrink(Headers(raw=message["headers"])):
                held = message
                return
            if held is not None:
                start, held = held, None
                if not message.get("more_body"):
                    message = {**message, "body": gzip.compress(message["body"], LEVEL, mtime=0)}
                    changed = MutableHeaders(raw=start["headers"])
                    changed["Content-Encoding"] = "gzip"
                    changed["Content-Length"] = str(len(message["body"]))
                    changed.add_vary_header("Accept-Encoding")
                    changed.add_vary_header("Sec-Fetch-Site")
                await send(start)
            await send(message)

        await self.app(scope, receive, sending)


def _may_shrink(headers: Headers) -> bool:
    whole = int(headers.get("content-length", "0")) >= LEAST_BYTES
    plain = "content-encoding" not in headers
    return whole and plain and headers.get("content-type", "").startswith(KINDS)
