"""The way in and out, and the language."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from scanservice.findings import LANGUAGES
from scanservice.service import accounts
from scanservice.web.auth import ServicesOf, account_of, client_address, end_session, start_session
from scanservice.web.pages.forms import Form, one_of, text
from scanservice.web.pages.rendering import A_YEAR, page
from scanservice.web.pages.visitors import SEE_OTHER, local_path, page_router
from scanservice.web.pages.wording import COOKIE, language_of
from scanservice.web.problems import ProblemError
from scanservice.web.rates import limit

router = page_router()


@router.get("/")
def front() -> Response:
    return RedirectResponse("/review", SEE_OTHER)


@router.get("/login")
def show_login(request: Request, services: ServicesOf, next: str = "/review") -> Response:
    if account_of(request, services) is not None:
        return RedirectResponse(local_path(next, "/review"), SEE_OTHER)
    return _login_page(request, services, next)


@router.post("/login")
def log_in(request: Request, services: ServicesOf, form: Form) -> Response:
    limit(request, "login", services.settings.login_rate, client_address(request))
    login = text(form, "login", 100)
    password = form.get("password")
    token = accounts.log_in(
        services.db, services.settings, services.vault, login, password if isinstance(password, str) else ""
    )
    if token is None:
        return _login_page(request, services, text(form, "next"), login=login, wrong=True)
    response = RedirectResponse(local_path(text(form, "next"), "/review"), SEE_OTHER)
    start_session(request, services, response, token)
    return response


def _login_page(
    request: Request, services: ServicesOf, next: str, *, login: str = "", wrong: bool = False
) -> Response:
    return page(
        request,
        "login",
        language_of(request),
        status=422 if wrong else 200,
        next=local_path(next, "/review"),
        login=login,
        wrong=wrong,
        single_sign_on=bool(services.settings.oidc_issuer),
    )


@router.post("/logout")
def log_out(request: Request, services: ServicesOf) -> Response:
    response = RedirectResponse("/login", SEE_OTHER)
    end_session(request, services, response)
    return response


@router.post("/language")
def choose_language(request: Request, services: ServicesOf, form: Form) -> Response:
    """Kept in the browser, and with the account of whoever is logged in."""
    language = one_of(text(form, "to"), LANGUAGES)
    if language is None:
        raise ProblemError("request-invalid")
    account = account_of(request, services)
    if account is not None:
        with services.db.write() as tx:
            accounts.change_account(tx, account.login, language=language)
    response = RedirectResponse(local_path(text(form, "back"), "/"), SEE_OTHER)
    response.set_cookie(COOKIE, language, max_age=A_YEAR, samesite="lax", httponly=True, path="/")
    return response
