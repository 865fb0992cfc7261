"""Who is calling: an API key, a person with a session, a student with a link, or nobody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Annotated, Literal
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.responses import Response

from scanservice.service import accounts, keys, links
from scanservice.service.accounts import Account, Role
from scanservice.service.links import Link
from scanservice.service.refusals import RefusedError
from scanservice.service.services import Services
from scanservice.web.access import ACCESS, Access
from scanservice.web.problems import ProblemError
from scanservice.web.rates import limit

COOKIE = "scanservice_session"
OPERATORS = [
    ip_network(text)
    for text in ("127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
]
"""Where a metrics collector may sit; a proxy to the outside must not forward /metrics."""
LOCAL_NAMES = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True, slots=True)
class Caller:
    """Attributes:
    kind: `open` is a caller on this machine before the first key was made.
    name: for histories, such as `key:1f2e`, `account:li`, `link`.
    link: with which a student calls.
    """

    kind: Literal["nobody", "open", "key", "account", "link"]
    name: str
    scopes: frozenset[str] = frozenset()
    role: Role | None = None
    link: Link | None = None


NOBODY = Caller("nobody", "nobody")


def services_of(request: Request) -> Services:
    return request.app.state.services


ServicesOf = Annotated[Services, Depends(services_of)]


def authorise(request: Request, services: ServicesOf) -> Caller:
    """The caller, where the table lets it call this route. Raises ProblemError."""
    access = ACCESS[f"{request.method} {request.scope['route'].path}"]
    if access.public:
        return NOBODY
    if access.operator:
        if not _from(request, OPERATORS):
            raise ProblemError("not-allowed", "Only the operator's networks may ask this.")
        return NOBODY
    caller = identify(request, services)
    if caller.kind == "nobody":
        raise ProblemError("not-authenticated")
    if not _permits(access, caller):
        raise ProblemError("not-allowed")
    return caller


CallerOf = Annotated[Caller, Depends(authorise)]


def _permits(access: Access, caller: Caller) -> bool:
    match caller.kind:
        case "open":
            return access.scope is not None
        case "key":
            return access.scope is not None and access.scope in caller.scopes
        case "account":
            return caller.role in access.roles
        case "link":
            return access.link != "no"
    return False


def identify(request: Request, services: Services) -> Caller:
    """Whoever the request says it comes from. Raises ProblemError: `not-authenticated` where it says
    something that is not true (any more), `too-many-requests`."""
    header = request.headers.get("authorization")
    if header is not None:
        return _bearer(request, services, header)
    token = request.cookies.get(COOKIE)
    if token:
        account = account_of(request, services)
        if account is not None:
            return Caller("account", f"account:{account.login}", role=account.role)
    if services.settings.open_on_loopback and services.settings.loopback and _from_here(request):
        with services.db.read() as tx:
            if not keys.any_key(tx):
                return Caller("open", "open", frozenset(keys.SCOPES))
    return NOBODY


def _bearer(request: Request, services: Services, header: str) -> Caller:
    scheme, _, token = header.partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token.isascii():
        raise ProblemError("not-authenticated")
    if token.startswith(f"{links.PREFIX}_"):
        limit(request, "link", services.settings.link_rate, client_address(request))
        with services.db.read() as tx:
            link = links.open_link(tx, services.vault, token)
        if link is None:
            raise ProblemError("not-authenticated", "The link is unknown or has expired.")
        return Caller("link", "link", link=link)
    with services.db.read() as tx:
        key = keys.find_key(tx, services.vault, token)
    if key is None:
        raise ProblemError("not-authenticated", "The key is unknown or revoked.")
    if keys.stale_use(key, services.db.clock()):
        with services.db.write("soon") as tx:
            keys.note_use(tx, key.key_id)
    return Caller("key", f"key:{key.key_id}", key.scopes)


def account_of(request: Request, services: Services) -> Account | None:
    """Who is logged in with the request's cookie; pages ask this too."""
    token = request.cookies.get(COOKIE, "")
    with services.db.read() as tx:
        account = accounts.find_session(tx, services.settings, services.vault, token)
        stale = account is not None and accounts.session_stale(tx, services.vault, token)
    if stale:
        with services.db.write("soon") as tx:
            accounts.touch_session(tx, services.vault, token)
    return account


def start_session(request: Request, services: Services, response: Response, token: str) -> None:
    """Puts a new session's token into the answer's cookie."""
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(services.settings.session_hours * 3600),
        httponly=True,
        samesite="lax",
        secure=_secure(request, services),
        path="/",
    )


def end_session(request: Request, services: Services, response: Response) -> None:
    """Ends the caller's session, here and on the server."""
    token = request.cookies.get(COOKIE)
    if token:
        with services.db.write() as tx:
            accounts.log_out(tx, services.vault, token)
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax", secure=_secure(request, services))


def _secure(request: Request, services: Services) -> bool:
    return request.url.scheme == "https" or services.settings.public_url.startswith("https://")


def client_address(request: Request) -> str:
    """The caller's address, as the trusted proxy tells it where there is one."""
    return request.client.host if request.client else "unknown"


def _from(request: Request, networks: list) -> bool:
    try:
        address = ip_address(client_address(request))
    except ValueError:
        return False
    return any(address.version == network.version and address in network for network in networks)


def _from_here(request: Request) -> bool:
    """Whether a program on this machine calls: by a local name (a page elsewhere whose name was made to
    point here does not know it), not through a proxy, and not on another site's behalf."""
    headers: Mapping[str, str] = request.headers
    forwarded = any(name in headers for name in ("forwarded", "x-forwarded-for", "x-real-ip", "via"))
    host = urlsplit(f"//{headers.get('host', '')}").hostname
    origin = headers.get("origin")
    foreign = origin is not None and urlsplit(origin).hostname not in LOCAL_NAMES
    here = _from(request, OPERATORS[:2])
    return here and not forwarded and host in LOCAL_NAMES and not foreign


def own_case(caller: Caller, case_id: str) -> None:
    """A link leads to its own case alone; of others it learns nothing. Raises RefusedError."""
    if caller.link is not None and caller.link.case_id != case_id:
        raise RefusedError("case-unknown", "No case has this id; PUT it first.")


def own_scan(caller: Caller, scan_id: str) -> None:
    """A link shows the scan that it uploaded, and no other. Raises RefusedError."""
    if caller.link is not None and caller.link.scan_id != scan_id:
        raise RefusedError("scan-unknown", "No scan has this id.")
