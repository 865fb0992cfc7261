"""Who sees a page: reviewers and administrators with a session; and what everybody sees of an error."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar
from urllib.parse import quote, urlsplit

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, RedirectResponse
from fastapi.routing import APIRoute
from starlette.responses import Response

from scanservice.findings import Language
from scanservice.service.accounts import Account
from scanservice.web import problems
from scanservice.web.auth import ServicesOf, account_of
from scanservice.web.pages.rendering import page
from scanservice.web.pages.wording import language_of, page_words
from scanservice.web.problems import ProblemError

SEE_OTHER = 303


class LoginNeededError(Exception):
    """Nobody is logged in."""


@dataclass(frozen=True, slots=True)
class Visitor:
    account: Account
    language: Language

    @property
    def actor(self) -> str:
        """As histories name them."""
        return f"account:{self.account.login}"

    @property
    def admin(self) -> bool:
        return self.account.role == "admin"

    def page(self, request: Request, name: str, *, status: int = 200, **view: Any) -> Response:
        return page(request, name, self.language, account=self.account, status=status, **view)


def _reviewer(request: Request, services: ServicesOf) -> Visitor:
    account = account_of(request, services)
    if account is None:
        raise LoginNeededError
    return Visitor(account, language_of(request, account.language))


def _admin(visitor: Annotated[Visitor, Depends(_reviewer)]) -> Visitor:
    if not visitor.admin:
        raise ProblemError("not-allowed")
    return visitor


Reviewer = Annotated[Visitor, Depends(_reviewer)]
Admin = Annotated[Visitor, Depends(_admin)]


class PageRoute(APIRoute):
    """Errors of a page are pages too; who is not logged in is asked to, and comes back."""

    errors: ClassVar[tuple[type[Exception], ...]] = tuple(problems.HANDLERS)

    def get_route_handler(self) -> Callable[[Request], Any]:
        handle = super().get_route_handler()

        async def handler(request: Request) -> Response:
            try:
                return await handle(request)
            except LoginNeededError:
                back = quote(request.url.path) if request.method == "GET" else "/review"
                return RedirectResponse(f"/login?next={back}", SEE_OTHER)
            except self.errors as error:
                return await run_sync(error_page, request, error)

        return handler


def page_router() -> APIRouter:
    return APIRouter(route_class=PageRoute, include_in_schema=False)


def problem_of(request: Request, error: Exception) -> tuple[dict[str, Any], dict[str, str]]:
    """The problem document that the API would answer with, and its headers."""
    handler = next(handler for kind, handler in problems.HANDLERS.items() if isinstance(error, kind))
    answer = handler(request, error)
    kept = {name: value for name, value in answer.headers.items() if name == "retry-after"}
    return json.loads(bytes(answer.body)), kept


def error_page(request: Request, error: Exception) -> Response:
    problem, headers = problem_of(request, error)
    title = problem_words(problem, language_of(request))
    response: Response
    if "application/json" in request.headers.get("accept", ""):  # a script of ours asks
        response = JSONResponse({"message": title}, problem["status"])
    else:
        response = page(request, "error", language_of(request), status=problem["status"], title=title)
    response.headers.update(headers)
    return response


def problem_words(problem: dict[str, Any], language: Language) -> str:
    """What a problem is called on pages; those that only programs meet share one sentence."""
    t = page_words(language)
    key = f"problem.{problem['type'].rpartition('/')[2]}"
    return t(key if key in t else "problem.other")


def local_path(text: str | None, otherwise: str) -> str:
    """A path of this site, whatever a form says: nobody is sent elsewhere."""
    if not text or not text.startswith("/") or text.startswith("//") or "\\" in text:
        return otherwise
    parts = urlsplit(text)
    return otherwise if parts.scheme or parts.netloc else text
