"""Requests to addresses that a caller chose: resolved once, judged, and only then connected to.

The address that is judged is the one that is connected to, so that a name cannot point elsewhere in
between; no proxy, no redirect, and at most a few bytes of the answer are read.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
READ_BYTES = 64 * 1024
Trouble = Literal["address-refused", "name-unknown", "timeout", "connection", "tls", "answer-invalid"]


class NotSentError(Exception):
    """The request got no answer; `reason` is one of `Trouble`."""

    def __init__(self, reason: Trouble) -> None:
        super().__init__(reason)
        self.reason: Trouble = reason


@dataclass(frozen=True, slots=True)
class Answer:
    """retry_after: in seconds, where the receiver named one."""

    status: int
    retry_after: int | None


def judge_url(url: str, allowed: Sequence[Network]) -> str | None:
    """Why a URL is refused whatever it resolves to; None where it may be tried."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "is not a URL"
    if parts.scheme not in ("https", "http") or not parts.hostname:
        return "must begin with https://"
    if parts.username is not None or parts.password is not None:
        return "must not hold a user name or password"
    if parts.fragment or port == 0 or any(character <= " " or character > "~" for character in url):
        return "holds characters that do not belong there"
    try:
        address = ipaddress.ip_address(parts.hostname)
    except ValueError:
        if parts.scheme == "http" and not allowed:
            return "must begin with https://"
        return None
    if not permitted(address, allowed):
        return "leads into a private network, which SCANSERVICE_HOOKS_ALLOW does not list"
    if parts.scheme == "http" and not _listed(address, allowed):
        return "must begin with https://"
    return None


def permitted(address: Address, allowed: Sequence[Network]) -> bool:
    """Whether an address is public, or in a network that the operator lists."""
    mapped = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    plain = mapped or address
    if _listed(plain, allowed) or _listed(address, allowed):
        return True
    return plain.is_global and not plain.is_multicast and address.is_global


def _listed(address: Address, allowed: Sequence[Network]) -> bool:
    return any(address.version == network.version and address in network for network in allowed)


def _resolve(host: str, port: int, allowed: Sequence[Network], *, plain: bool) -> Address:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NotSentError("name-unknown") from None
    addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    good = [
        address
        for address in addresses
        if permitted(address, allowed) and (not plain or _listed(address, allowed))
    ]
    # One refused address among good ones is a trick, not a spare.
    if not good or len(good) != len(addresses):
        raise NotSentError("address-refused")
    return good[0]


def post(
    url: str, body: bytes, headers: Mapping[str, str], seconds: float, allowed: Sequence[Network]
) -> Answer:
    """Sends one request. Raises NotSentError."""
    if judge_url(url, allowed) is not None:
        raise NotSentError("address-refused")
    parts = urlsplit(url)
    host, secure = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    address = _resolve(host, port, allowed, plain=not secure)
    deadline = time.monotonic() + seconds
    connection = http.client.HTTPConnection(host, port, timeout=seconds)
    try:
        connection.sock = _connect(address, port, host if secure else None, seconds)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", target, body, dict(headers))
        connection.sock.settimeout(max(0.1, deadline - time.monotonic()))
        answer = connection.getresponse()
        answer.read(READ_BYTES)
        return Answer(answer.status, _seconds(answer.getheader("Retry-After")))
    except TimeoutError:
        raise NotSentError("timeout") from None
    except ssl.SSLError:
        raise NotSentError("tls") from None
    except OSError:
        raise NotSentError("connection") from None
    except http.client.HTTPException:
        raise NotSentError("answer-invalid") from None
    finally:
        connection.close()


def _connect(address: Address, port: int, tls_name: str | None, seconds: float) -> socket.socket:
    raw = socket.create_connection((str(address), port), timeout=seconds)
    if tls_name is None:
        return raw
    try:
        return ssl.create_default_context().wrap_socket(raw, server_hostname=tls_name)
    except BaseException:
        raw.close()
        raise


def _seconds(value: str | None) -> int | None:
    """Seconds of a Retry-After header; its date form is rare and the plain delay does as well."""
    return int(value) if value is not None and value.isascii() and value.isdigit() else None
