"""Where webhooks may lead: outside, or where the operator says."""

from __future__ import annotations

import ipaddress
import socket

import pytest

from scanservice.service.outbound import NotSentError, judge_url, permitted, post

LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/x",
        "ftp://example.com/x",
        "https://127.0.0.1/x",
        "https://10.1.2.3/",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://[2002:7f00:1::]/",
        "https://[fe80::1%25eth0]/",
        "https://0.0.0.0/",
        "https://user:secret@example.com/",
        "https://example.com/a b",
        "https://example.com:0/",
        "https://example.com:99999/",
        "https:///x",
        "https://[::1",
        "",
    ],
)
def test_refused(url: str) -> None:
    assert judge_url(url, ()) is not None


@pytest.mark.parametrize("url", ["https://example.com/x", "https://8.8.8.8:8443/x?y=1"])
def test_allowed(url: str) -> None:
    assert judge_url(url, ()) is None


def test_a_listed_network_is_allowed_by_plain_http_too() -> None:
    assert judge_url("http://127.0.0.1:8080/x", LOOPBACK) is None
    assert judge_url("http://10.0.0.1/x", LOOPBACK) is not None
    assert judge_url("http://8.8.8.8/x", LOOPBACK) is not None


@pytest.mark.parametrize(
    "address", ["192.168.1.1", "100.64.0.1", "224.0.0.1", "255.255.255.255", "ff02::1", "::"]
)
def test_not_outside(address: str) -> None:
    assert not permitted(ipaddress.ip_address(address), ())


def names(*addresses: str):
    def resolve(host: str, port: int, **_: object):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    return resolve


@pytest.mark.parametrize("addresses", [("127.0.0.1",), ("8.8.8.8", "10.0.0.1")])
def test_a_name_that_points_inside_is_refused(
    monkeypatch: pytest.MonkeyPatch, addresses: tuple[str, ...]
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", names(*addresses))
    with pytest.raises(NotSentError, match="address-refused"):
        post("https://innocent.example/x", b"{}", {}, 1, ())


def test_the_address_that_was_judged_is_the_one_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that points elsewhere the second time is asked once."""
    asked: list[str] = []
    connected: list[str] = []

    def resolve(host: str, port: int, **more: object):
        asked.append(host)
        return names("93.184.216.34" if len(asked) == 1 else "127.0.0.1")(host, port)

    def connect(address: tuple[str, int], timeout: float) -> socket.socket:
        connected.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(NotSentError, match="connection"):
        post("https://rebinding.example/x", b"{}", {}, 1, ())
    assert (asked, connected) == (["rebinding.example"], ["93.184.216.34"])
