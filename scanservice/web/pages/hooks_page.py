"""Webhooks: who is told, each delivery with its attempts, and sending again."""

from __future__ import annotations

import json
import re

from fastapi import Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from scanservice.service import hooks
from scanservice.service.events import EVENT_TYPES
from scanservice.service.services import Services
from scanservice.web.api.shared import ID, HookName
from scanservice.web.auth import ServicesOf
from scanservice.web.pages.forms import Form, some_of, text, texts
from scanservice.web.pages.visitors import SEE_OTHER, Admin, Visitor, page_router
from scanservice.web.problems import ProblemError

router = page_router()

HERE = "/office/hooks"
STATES = ("waiting", "delivered", "exhausted")
PAGE_ROWS = 50


@router.get(HERE)
def show_hooks(request: Request, services: ServicesOf, visitor: Admin) -> Response:
    return _page(request, services, visitor)


def _page(request: Request, services: Services, visitor: Visitor, secret: str | None = None) -> Response:
    with services.db.read() as tx:
        found = [hooks.hook_dict(row) for row in hooks.list_hooks(tx)]
    return visitor.page(request, "hooks", hooks=found, types=EVENT_TYPES, secret=secret)


@router.post(HERE)
def put_hook(request: Request, services: ServicesOf, visitor: Admin, form: Form) -> Response:
    """Sets a webhook; a secret that was made is on the page that answers, this once."""
    name = text(form, "name", 100)
    types = some_of(texts(form, "type"), EVENT_TYPES)
    if re.match(ID, name) is None or not types:
        raise ProblemError("request-invalid")
    with services.db.write() as tx:
        put = hooks.put_hook(
            tx, services.vault, services.settings.hooks_allow, name, text(form, "url"), types,
            rotate=text(form, "rotate") == "yes", enabled=text(form, "enabled") == "yes",
        )  # fmt: skip
    return _page(request, services, visitor, put.secret)


@router.get(HERE + "/{name}")
def show_hook(name: HookName, request: Request, services: ServicesOf, visitor: Admin) -> Response:
    asked = request.query_params
    state = asked.get("state") if asked.get("state") in STATES else None
    before = asked.get("before", "")
    with services.db.read() as tx:
        hook = hooks.get_hook(tx, name)
        rows = hooks.list_deliveries(
            tx, name, state=state, before=int(before) if before.isdigit() and len(before) < 16 else None,
            limit=PAGE_ROWS,
        )  # fmt: skip
        attempts = {row.id: hooks.attempts_of(tx, row.id) for row in rows}
    return visitor.page(
        request, "hook", hook=hook, types=EVENT_TYPES, chosen_types=json.loads(hook.types), rows=rows,
        attempts=attempts, states=STATES, chosen=state or "",
        before=rows[-1].id if len(rows) == PAGE_ROWS else None,
    )  # fmt: skip


@router.post(HERE + "/{name}/replay")
def replay(name: HookName, services: ServicesOf, visitor: Admin, form: Form) -> Response:
    """One delivery again, or all that were given up."""
    one = text(form, "delivery", 16)
    if one and not one.isdigit():
        raise ProblemError("request-invalid")
    with services.db.write() as tx:
        hooks.replay(tx, name, int(one) if one else None)
    return RedirectResponse(f"{HERE}/{name}", SEE_OTHER)


@router.post(HERE + "/{name}/delete")
def delete(name: HookName, services: ServicesOf, visitor: Admin, form: Form) -> Response:
    with services.db.write() as tx:
        hooks.delete_hook(tx, name)
    return RedirectResponse(HERE, SEE_OTHER)
