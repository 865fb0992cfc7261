"""What holds for every request, API and pages alike: size, origin, headers, one line in the log."""

from __future__ import annotations

import time
import traceback
import uuid
from pathlib import Path
from urllib.parse import urlsplit

import structlog
from prometheus_client import Counter, Histogram
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from scanservice.service.logs import log
from scanservice.web.problems import answer

SAFE = ("GET", "HEAD", "OPTIONS")
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data: blob:; style-src 'self'; "
    "script-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=()",
}
REQUESTS = Counter("scanservice_requests_total", "Requests answered", ["method", "route", "status"])
SECONDS = Histogram("scanservice_request_seconds", "Time to an answer", ["method", "route"])


class TooLargeError(HTTPException):
    """The body outgrew its limit while it arrived. Of this kind, since FastAPI takes any other error
    while it reads a body for a malformed one."""

    def __init__(self) -> None:
        super().__init__(413)


class TornError(Exception):
    """An answer broke off in its middle; why is in the log."""


class Guard:
    """Args:
    most_bytes: of a body that is not an upload; uploads have limits of their own.
    secure: whether browsers come by https, and are told to stay with it.
    """

    def __init__(self, app: ASGIApp, most_bytes: int, secure: bool) -> None:
        self.app = app
        self.most_bytes = most_bytes
        self.headers = dict(HEADERS)
        if secure:
            self.headers["Strict-Transport-Security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        started = time.perf_counter()
        status = 500
        begun = False

        async def sending(message: Message) -> None:
            nonlocal status, begun
            if message["type"] == "http.response.start":
                status, begun = message["status"], True
                self._add_headers(message)
            await send(message)

        with structlog.contextvars.bound_contextvars(request=uuid.uuid4().hex[:12]):
            try:
                if _cross_site(scope, headers):
                    await answer("cross-site")(scope, receive, sending)
                    return
                await self.app(scope, self._limited(headers, receive), sending)
            except Exception as error:
                # Its text may quote what came in; type and place are enough to find the mistake.
                log.error("request broke", error=type(error).__name__, at=_place(error))
                if begun:
                    raise TornError from None
                await answer("internal")(scope, receive, sending)
            finally:
                _note(scope, status, time.perf_counter() - started)

    def _limited(self, headers: Headers, receive: Receive) -> Receive:
        if headers.get("content-type", "").startswith("multipart/form-data"):
            return receive
        seen = 0

        async def limited() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self.most_bytes:
                raise TooLargeError
            return message

        return limited

    def _add_headers(self, message: Message) -> None:
        headers = MutableHeaders(scope=message)
        for name, value in self.headers.items():
            headers.setdefault(name, value)
        headers.setdefault("Cache-Control", "no-store")
        if message["status"] == 413:
            headers["Connection"] = "close"  # the rest of the body is not waited for


def _cross_site(scope: Scope, headers: Headers) -> bool:
    """Whether a browser sends this for another site's page. A caller that shows a key is no browser
    that was tricked: the key is not sent by itself."""
    if scope["method"] in SAFE or "authorization" in headers:
        return False
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != headers.get("host")


def _note(scope: Scope, status: int, seconds: float) -> None:
    # The route's pattern, never the path: a case id may hold a student number, a link its token.
    route = getattr(scope.get("route"), "path", "-")
    method = scope["method"] if scope["method"] in (*SAFE, "POST", "PUT", "DELETE", "PATCH") else "-"
    REQUESTS.labels(method, route, status).inc()
    SECONDS.labels(method, route).observe(seconds)
    log.info("request", method=method, route=route, status=status, ms=round(seconds * 1000, 1))


def _place(error: Exception) -> str:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{Path(frame.filename).name}:{frame.lineno}"
