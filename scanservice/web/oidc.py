"""Single sign-on by OpenID Connect: authorization code with PKCE, state and nonce in one sealed cookie."""

from __future__ import annotations

import contextlib
import json
import secrets
import time
from typing import Any

import httpx2
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse

from scanservice.service import accounts
from scanservice.service.accounts import Role
from scanservice.service.services import Services
from scanservice.web.auth import ServicesOf, client_address, start_session
from scanservice.web.problems import ProblemError
from scanservice.web.rates import limit

router = APIRouter()

COOKIE = "scanservice_oidc"
LIFE_SECONDS = 600
NETWORK_SECONDS = 10
ALGORITHMS = ["RS256", "ES256", "PS256"]
AFTER_LOGIN = "/review"


@router.get("/auth/oidc/start")
def start(request: Request, services: ServicesOf) -> RedirectResponse:
    """Sends the browser to the issuer. 404 where no single sign-on is set up."""
    limit(request, "login", services.settings.login_rate, client_address(request))
    known = _provider(services)
    verifier, nonce = secrets.token_urlsafe(48), secrets.token_urlsafe(24)
    with contextlib.closing(_client(request, services)) as client:
        url, state = client.create_authorization_url(
            known["authorization_endpoint"], code_verifier=verifier, nonce=nonce
        )
    kept = {"state": state, "nonce": nonce, "verifier": verifier, "until": time.time() + LIFE_SECONDS}
    response = RedirectResponse(url, 303)
    response.set_cookie(
        COOKIE, services.vault.seal(json.dumps(kept)).decode(), max_age=LIFE_SECONDS, httponly=True,
        samesite="lax", secure=request.url.scheme == "https", path="/auth/oidc",
    )  # fmt: skip
    return response


@router.get("/auth/oidc/callback")
def callback(request: Request, services: ServicesOf) -> RedirectResponse:
    """Where the issuer sends the browser back to; opens the session."""
    limit(request, "login", services.settings.login_rate, client_address(request))
    kept = _kept(request, services)
    if not secrets.compare_digest(request.query_params.get("state", ""), kept["state"]):
        raise ProblemError("not-authenticated", "The log-in was not begun here.")
    known = _provider(services)
    claims = _claims(request, services, known, kept)
    role = _role(claims.get(services.settings.oidc_role_claim))
    if role is None:
        raise ProblemError("not-allowed", "The single sign-on gives this person no role here.")
    login = str(claims.get("preferred_username") or claims["sub"])[:100]
    subject = f"{claims['iss']}#{claims['sub']}"[:300]
    with services.db.write() as tx:
        token = accounts.log_in_from_outside(tx, services.settings, services.vault, subject, login, role)
    if token is None:
        raise ProblemError("not-allowed", "The account is disabled.")
    response = RedirectResponse(AFTER_LOGIN, 303)
    start_session(request, services, response, token)
    response.delete_cookie(COOKIE, path="/auth/oidc")
    return response


def _kept(request: Request, services: Services) -> dict[str, Any]:
    try:
        kept = json.loads(services.vault.open(request.cookies.get(COOKIE, "").encode()))
    except ValueError:
        raise ProblemError("not-authenticated", "The log-in was not begun here.") from None
    if kept["until"] < time.time():
        raise ProblemError("not-authenticated", "The log-in took too long; begin again.")
    return kept


def _client(request: Request, services: Services) -> Any:  # its base class is chosen when it is imported
    from authlib.integrations.httpx_client import OAuth2Client  # takes a while: only where somebody logs in

    settings = services.settings
    secret = settings.oidc_client_secret
    base = settings.public_url.rstrip("/") or str(request.base_url).rstrip("/")
    return OAuth2Client(
        settings.oidc_client_id,
        secret.get_secret_value() if secret else None,
        scope="openid profile",
        redirect_uri=f"{base}/auth/oidc/callback",
        code_challenge_method="S256",
        timeout=NETWORK_SECONDS,
    )


def _provider(services: Services) -> dict[str, Any]:
    issuer = services.settings.oidc_issuer.rstrip("/")
    if not issuer:
        raise ProblemError("not-found")
    known = _fetch(f"{issuer}/.well-known/openid-configuration")
    if str(known.get("issuer", "")).rstrip("/") != issuer:
        raise ProblemError("not-authenticated", "The issuer calls itself by another name.")
    return known


def _fetch(url: str) -> dict[str, Any]:
    try:
        answer = httpx2.get(url, timeout=NETWORK_SECONDS)
        answer.raise_for_status()
        return answer.json()
    except (httpx2.HTTPError, ValueError):
        raise ProblemError("storage-unavailable", "The single sign-on does not answer.") from None


def _claims(
    request: Request, services: Services, known: dict[str, Any], kept: dict[str, Any]
) -> dict[str, Any]:
    """What the issuer says of the person, after its signature and every claim about the token held."""
    from authlib.common.errors import AuthlibBaseError
    from joserfc import jwt
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet

    try:
        with contextlib.closing(_client(request, services)) as client:
            token = client.fetch_token(
                known["token_endpoint"],
                code=request.query_params.get("code", ""),
                code_verifier=kept["verifier"],
                grant_type="authorization_code",
            )
        keys = KeySet.import_key_set(_fetch(known["jwks_uri"]))  # type: ignore[arg-type]
        decoded = jwt.decode(token["id_token"], keys, algorithms=ALGORITHMS)
        jwt.JWTClaimsRegistry(
            leeway=60,
            iss={"essential": True, "value": known["issuer"]},
            aud={"essential": True, "value": services.settings.oidc_client_id},
            nonce={"essential": True, "value": kept["nonce"]},
            sub={"essential": True},
            exp={"essential": True},
        ).validate(decoded.claims)
        return dict(decoded.claims)
    except (AuthlibBaseError, JoseError, httpx2.HTTPError, KeyError, ValueError):
        raise ProblemError("not-authenticated", "The single sign-on's answer does not hold.") from None


def _role(claim: Any) -> Role | None:
    roles = claim if isinstance(claim, list) else str(claim or "").split()
    return "admin" if "admin" in roles else "reviewer" if "reviewer" in roles else None
