"""Single sign-on against an issuer that keeps to OpenID Connect, and against ones that do not."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.testclient import TestClient

from tests.service.world import World

KEY = RSAKey.generate_key(2048, parameters={"kid": "k1"})


@dataclass
class Issuer:
    """Attributes:
    spoil: changes the claims of the next tokens. key: signs them.
    """

    url: str = ""
    claims: dict[str, Any] = field(default_factory=lambda: {"sub": "42", "preferred_username": "li"})
    spoil: dict[str, Any] = field(default_factory=dict)
    key: RSAKey = field(default_factory=lambda: KEY)
    asked: dict[str, str] = field(default_factory=dict)
    begun: dict[str, str] = field(default_factory=dict)

    def token(self) -> dict[str, Any]:
        verifier = self.asked.get("code_verifier", "")
        digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
        assert digest == self.begun["code_challenge"]
        now = int(time.time())
        claims = {
            "iss": self.url, "aud": "scans", "iat": now, "exp": now + 60, "nonce": self.begun["nonce"],
            **self.claims, **self.spoil,
        }  # fmt: skip
        text = jwt.encode({"alg": "RS256", "kid": "k1"}, claims, self.key)
        return {"access_token": "a", "token_type": "Bearer", "id_token": text}


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    found = Issuer()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self, body: dict[str, Any]) -> None:
            data = json.dumps(body).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def do_GET(self) -> None:
            if self.path == "/keys":
                self._answer({"keys": [KEY.as_dict(private=False)]})
            else:
                ends = {"authorization_endpoint": "/go", "token_endpoint": "/token", "jwks_uri": "/keys"}
                self._answer({"issuer": found.url, **{name: found.url + path for name, path in ends.items()}})

        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers["content-length"])).decode()
            found.asked = {name: values[0] for name, values in parse_qs(text).items()}
            self._answer(found.token())

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield found
    server.shutdown()
    server.server_close()


@pytest.fixture
def storage(issuer: Issuer) -> dict[str, str]:
    return {"oidc_issuer": issuer.url, "oidc_client_id": "scans", "oidc_client_secret": "s" * 32}


@pytest.fixture
def browser(world: World) -> TestClient:
    return TestClient(world.client.app, follow_redirects=False)


def begin(browser: TestClient, issuer: Issuer) -> str:
    sent = browser.get("/auth/oidc/start")
    assert sent.status_code == 303
    issuer.begun = {
        name: values[0] for name, values in parse_qs(urlsplit(sent.headers["location"]).query).items()
    }
    assert issuer.begun["code_challenge_method"] == "S256"
    return issuer.begun["state"]


def come_back(browser: TestClient, state: str) -> int:
    return browser.get("/auth/oidc/callback", params={"code": "c", "state": state}).status_code


def test_a_reviewer_logs_in(browser: TestClient, issuer: Issuer) -> None:
    issuer.claims["roles"] = ["reviewer"]
    assert come_back(browser, begin(browser, issuer)) == 303
    assert browser.get("/v1/queue").status_code == 200
    assert browser.get("/v1/hooks").status_code == 403
    issuer.claims["roles"] = ["admin"]
    assert come_back(browser, begin(browser, issuer)) == 303
    assert browser.get("/v1/hooks").status_code == 200, "the role is what the issuer says today"


def test_who_has_no_role_here_stays_outside(browser: TestClient, issuer: Issuer) -> None:
    issuer.claims["roles"] = ["student"]
    assert come_back(browser, begin(browser, issuer)) == 403
    assert browser.get("/v1/queue").status_code == 401


@pytest.mark.parametrize(
    "spoil",
    [
        {"iss": "http://evil.example"},
        {"aud": "other"},
        {"nonce": "other"},
        {"exp": 1000},
        {"sub": None},
    ],
)
def test_a_token_that_does_not_hold(browser: TestClient, issuer: Issuer, spoil: dict[str, Any]) -> None:
    issuer.claims["roles"] = ["admin"]
    issuer.spoil = spoil
    assert come_back(browser, begin(browser, issuer)) == 401
    assert browser.get("/v1/queue").status_code == 401


def test_a_token_of_another_key(browser: TestClient, issuer: Issuer) -> None:
    issuer.claims["roles"] = ["admin"]
    issuer.key = RSAKey.generate_key(2048, parameters={"kid": "k1"})
    assert come_back(browser, begin(browser, issuer)) == 401


def test_a_log_in_that_was_not_begun_here(browser: TestClient, issuer: Issuer, world: World) -> None:
    issuer.claims["roles"] = ["admin"]
    state = begin(browser, issuer)
    assert come_back(browser, "another") == 401
    stranger = TestClient(world.client.app, follow_redirects=False)
    assert come_back(stranger, state) == 401
