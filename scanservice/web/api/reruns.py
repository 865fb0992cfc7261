"""Judging the open scans again under new templates or rules: a preview, then its application."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi import Body as JsonBody
from pydantic import Field

from scanservice.service import reruns
from scanservice.web.api.shared import ID, Body, errors
from scanservice.web.auth import CallerOf, ServicesOf

router = APIRouter(prefix="/v1", tags=["reruns"])

RerunId = Annotated[str, Path(pattern=ID)]
EXAMPLE = {
    "rerun": "rerun_4f1a90c2b7de",
    "state": "ready",
    "created_at": "2018-12-26T00:00:00.000Z",
    "applied_at": None,
    "scans": {"ready": 412},
    "moves": [{"from": "review", "to": "pass", "scans": 9}],
    "changes": [
        {
            "scan": "scan_5f0c2d7e9a41b3c86d20e1f4",
            "from": "review",
            "to": "pass",
            "changed": {"verdict": {"from": "review", "to": "pass"}},
        }
    ],
}


class RerunBody(Body):
    pictures: bool = Field(False, description="Read the pictures again even where the form is unchanged.")


@router.post(
    "/reruns",
    status_code=202,
    summary="Preview judging every open scan again",
    responses={
        202: {"content": {"application/json": {"example": EXAMPLE | {"state": "previewing"}}}},
        **errors("request-malformed", "request-too-large"),
    },
)
def create_rerun(
    services: ServicesOf,
    caller: CallerOf,
    body: Annotated[RerunBody | None, JsonBody(examples=[{"pictures": False}])] = None,
) -> dict[str, Any]:
    """Changes nothing. A scan whose form has a new version is read from its picture, others from what was
    seen; fresh uploads go first."""
    with services.db.write() as tx:
        rerun = reruns.create_rerun(tx, caller.name, pictures=body.pictures if body else False)
        return reruns.get_rerun(tx, rerun)


@router.get(
    "/reruns/{rerun}",
    summary="A re-run, and what it would change",
    responses={200: {"content": {"application/json": {"example": EXAMPLE}}}, **errors("rerun-unknown")},
)
def get_rerun(rerun: RerunId, services: ServicesOf, caller: CallerOf) -> dict[str, Any]:
    with services.db.read() as tx:
        return reruns.get_rerun(tx, rerun)


@router.post(
    "/reruns/{rerun}/apply",
    summary="Apply a previewed re-run",
    responses={
        200: {"content": {"application/json": {"example": {"rerun": "rerun_4f1a90c2b7de", "scans": 9}}}},
        **errors("rerun-unknown", "rerun-state"),
    },
)
def apply_rerun(rerun: RerunId, services: ServicesOf, caller: CallerOf) -> dict[str, Any]:
    with services.db.write() as tx:
        return {"rerun": rerun, "scans": reruns.apply_rerun(tx, rerun)}


@router.delete(
    "/reruns/{rerun}",
    status_code=204,
    summary="Discard a preview",
    responses={204: {"description": "Discarded"}, **errors("rerun-unknown", "rerun-state")},
)
def discard_rerun(rerun: RerunId, services: ServicesOf, caller: CallerOf) -> None:
    with services.db.write() as tx:
        reruns.discard_rerun(tx, rerun)
