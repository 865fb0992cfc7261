"""Webhooks: who is told of verdicts and decisions, and what became of it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Response
from fastapi import Body as JsonBody
from pydantic import Field

from scanservice.service import hooks
from scanservice.service.events import EVENT_TYPES, EventType
from scanservice.web.api.shared import Body, HookName, Text, errors
from scanservice.web.auth import CallerOf, ServicesOf

router = APIRouter(prefix="/v1", tags=["hooks"])

EXAMPLE = {
    "name": "main",
    "url": "https://main.example.edu.cn/hooks/scans",
    "types": ["scan.checked", "scan.decided"],
    "enabled": True,
    "disabled_because": None,
    "updated_at": "2018-10-01T00:00:00.000Z",
}
DELIVERY = {
    "id": 17,
    "event": "evt_8c1e0d3f5a7b9c2e4d6f8a01",
    "seq": 17,
    "type": "scan.checked",
    "case": "2019-21160231045",
    "scan": "scan_5f0c2d7e9a41b3c86d20e1f4",
    "state": "exhausted",
    "attempts": 21,
    "last_status": 503,
    "last_error": "status-503",
    "created_at": "2018-12-25T02:11:12.020Z",
    "next_at": None,
    "done_at": "2018-12-28T02:14:00.000Z",
}


class HookBody(Body):
    url: Text = Field(max_length=2000)
    types: tuple[EventType, ...] = Field(EVENT_TYPES, min_length=1, max_length=10)
    secret: str | None = Field(
        None,
        pattern=r"^whsec_[A-Za-z0-9+/]{32,88}={0,2}$",
        description="`whsec_` and Base64 of 24 to 64 bytes; one is made where none is given.",
    )
    rotate: bool = Field(False, description="Make a new secret; both sign for a day.")
    enabled: bool = True


@router.get(
    "/hooks",
    summary="All hooks",
    responses={200: {"content": {"application/json": {"example": {"hooks": [EXAMPLE]}}}}, **errors()},
)
def list_hooks(services: ServicesOf, caller: CallerOf) -> dict[str, Any]:
    with services.db.read() as tx:
        return {"hooks": [hooks.hook_dict(row) for row in hooks.list_hooks(tx)]}


@router.put(
    "/hooks/{name}",
    summary="Set a hook",
    responses={
        200: {"content": {"application/json": {"example": EXAMPLE}}},
        201: {
            "description": "The hook is new",
            "content": {"application/json": {"example": EXAMPLE | {"secret": "whsec_bm90IGEgc2VjcmV0…"}}},
        },
        **errors("hook-address-refused", "request-malformed", "request-too-large"),
    },
)
def put_hook(
    name: HookName,
    body: Annotated[HookBody, JsonBody(examples=[{"url": EXAMPLE["url"]}])],
    services: ServicesOf,
    caller: CallerOf,
    response: Response,
) -> dict[str, Any]:
    """Signed as Standard Webhooks asks. A secret that is made here is shown this once."""
    with services.db.write() as tx:
        put = hooks.put_hook(
            tx,
            services.vault,
            services.settings.hooks_allow,
            name,
            body.url,
            body.types,
            secret=body.secret,
            rotate=body.rotate,
            enabled=body.enabled,
        )
        shown = hooks.hook_dict(hooks.get_hook(tx, name))
    response.status_code = 201 if put.created else 200
    return shown if put.secret is None else {**shown, "secret": put.secret}


@router.get(
    "/hooks/{name}",
    summary="A hook",
    responses={200: {"content": {"application/json": {"example": EXAMPLE}}}, **errors("hook-unknown")},
)
def get_hook(name: HookName, services: ServicesOf, caller: CallerOf) -> dict[str, Any]:
    with services.db.read() as tx:
        return hooks.hook_dict(hooks.get_hook(tx, name))


@router.delete(
    "/hooks/{name}",
    status_code=204,
    summary="Remove a hook and its deliveries",
    responses={204: {"description": "Removed"}, **errors("hook-unknown")},
)
def delete_hook(name: HookName, services: ServicesOf, caller: CallerOf) -> None:
    with services.db.write() as tx:
        hooks.delete_hook(tx, name)


@router.get(
    "/hooks/{name}/deliveries",
    summary="What was, is being and could not be delivered",
    responses={
        200: {"content": {"application/json": {"example": {"deliveries": [DELIVERY], "next": None}}}},
        **errors("hook-unknown"),
    },
)
def list_deliveries(
    name: HookName,
    services: ServicesOf,
    caller: CallerOf,
    state: Literal["waiting", "delivered", "exhausted"] | None = None,
    before: Annotated[int | None, Query(ge=0, le=2**62, description="`next` of the answer before.")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> dict[str, Any]:
    with services.db.read() as tx:
        rows = hooks.list_deliveries(tx, name, state=state, before=before, limit=limit)
    following = rows[-1].id if len(rows) == limit else None
    return {"deliveries": [hooks.delivery_dict(row) for row in rows], "next": following}


@router.post(
    "/hooks/{name}/replay",
    summary="Send all exhausted deliveries again",
    responses={
        200: {"content": {"application/json": {"example": {"replayed": 3}}}},
        **errors("hook-unknown"),
    },
)
def replay_all(name: HookName, services: ServicesOf, caller: CallerOf) -> dict[str, int]:
    with services.db.write() as tx:
        return {"replayed": hooks.replay(tx, name)}


@router.post(
    "/hooks/{name}/deliveries/{delivery}/replay",
    summary="Send one delivery again",
    responses={
        200: {"content": {"application/json": {"example": {"replayed": 1}}}},
        **errors("hook-unknown", "delivery-unknown"),
    },
)
def replay_one(
    name: HookName,
    delivery: Annotated[int, Path(ge=0, le=2**62)],
    services: ServicesOf,
    caller: CallerOf,
) -> dict[str, int]:
    with services.db.write() as tx:
        return {"replayed": hooks.replay(tx, name, delivery)}
