"""Who may work here: people's accounts, and the keys of programs."""

from __future__ import annotations

from typing import get_args

from fastapi import Request
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData
from starlette.responses import Response

from scanservice.service import accounts, keys
from scanservice.service.accounts import Role
from scanservice.service.keys import SCOPES
from scanservice.service.services import Services
from scanservice.web.auth import ServicesOf
from scanservice.web.pages.forms import Form, one_of, some_of, text, texts
from scanservice.web.pages.visitors import SEE_OTHER, Admin, Visitor, page_router
from scanservice.web.problems import ProblemError

router = page_router()

HERE = "/office/accounts"
ROLES: tuple[Role, ...] = get_args(Role)


@router.get(HERE)
def show_accounts(request: Request, services: ServicesOf, visitor: Admin) -> Response:
    return _page(request, services, visitor)


def _page(request: Request, services: Services, visitor: Visitor, new_key: str | None = None) -> Response:
    with services.db.read() as tx:
        people, programs = accounts.list_accounts(tx), keys.list_keys(tx)
    return visitor.page(
        request, "accounts", people=people, programs=programs, scopes=SCOPES, new_key=new_key,
        shortest=accounts.SHORTEST_PASSWORD,
    )  # fmt: skip


@router.post(HERE)
def create(services: ServicesOf, visitor: Admin, form: Form) -> Response:
    login = text(form, "login", 100)
    if not login:
        raise ProblemError("request-invalid")
    with services.db.write() as tx:
        accounts.create_account(tx, login, _password(form), _role(form))
    return RedirectResponse(HERE, SEE_OTHER)


@router.post(HERE + "/change")
def change(services: ServicesOf, visitor: Admin, form: Form) -> Response:
    """Role, password, or whether the account is disabled; nobody locks themselves out."""
    login, what = text(form, "login", 100), text(form, "what")
    if login == visitor.account.login and what in ("disable", "role"):
        raise ProblemError("not-allowed")
    with services.db.write() as tx:
        match what:
            case "disable" | "enable":
                accounts.change_account(tx, login, disabled=what == "disable")
            case "role":
                accounts.change_account(tx, login, role=_role(form))
            case "password":
                accounts.change_account(tx, login, password=_password(form))
            case _:
                raise ProblemError("request-invalid")
    return RedirectResponse(HERE, SEE_OTHER)


def _role(form: FormData) -> Role:
    role = one_of(text(form, "role"), ROLES)
    if role is None:
        raise ProblemError("request-invalid")
    return role


def _password(form: FormData) -> str:
    password = form.get("password")
    return password if isinstance(password, str) else ""


@router.post("/office/keys")
def create_key(request: Request, services: ServicesOf, visitor: Admin, form: Form) -> Response:
    """The key's text is on the page that answers, this once."""
    name = text(form, "name", 100)
    scopes = some_of(texts(form, "scope"), SCOPES)
    if not name or not scopes:
        raise ProblemError("request-invalid")
    with services.db.write() as tx:
        made = keys.create_key(tx, services.vault, name, scopes)
    return _page(request, services, visitor, made)


@router.post("/office/keys/revoke")
def revoke_key(services: ServicesOf, visitor: Admin, form: Form) -> Response:
    with services.db.write() as tx:
        keys.revoke_key(tx, text(form, "key", 20))
    return RedirectResponse(HERE, SEE_OTHER)
