"""The API's document against the API: no 5xx, no answer outside it, an example for every call and error."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from fastapi.routing import APIRoute
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from scanservice.web import api
from scanservice.web.access import ACCESS
from scanservice.web.problems import BY_STATUS, MEDIA_TYPE, PROBLEMS
from tests.service.world import World

CHECKS = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
EXAMPLES_A_CALL = 8


@pytest.fixture
def storage() -> dict[str, str]:
    return {}


@pytest.fixture
def document(world: World) -> dict[str, Any]:
    return world.client.get("/openapi.json").json()


@pytest.fixture
def api_schema(world: World):
    world.put_case()
    world.checked()
    return schemathesis.openapi.from_asgi("/openapi.json", world.client.app)


def test_whatever_is_sent_the_answer_is_in_the_document(world: World, api_schema: Any) -> None:
    """/metrics is left out: it is answered to the operator's networks alone, and tried in test_security."""
    key = {"Authorization": f"Bearer {world.key}"}
    tried = 0
    for found in api_schema.get_all_operations():
        operation = found.ok()
        if operation.path == "/metrics":
            continue

        @given(case=operation.as_strategy())
        @settings(
            max_examples=EXAMPLES_A_CALL,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        def try_it(case: schemathesis.Case) -> None:
            if "wait" in (case.query or {}):
                case.query["wait"] = 0
            case.call_and_validate(headers=key, checks=CHECKS)

        try_it()
        tried += 1
    assert tried == len(ACCESS) - 1


def calls(document: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{method.upper()} {path}", operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
    ]


def test_every_call_is_in_the_document(document: dict[str, Any]) -> None:
    known = {
        f"{method} {route.path}"
        for part in api.PARTS
        for route in part.router.routes
        if isinstance(route, APIRoute)
        for method in route.methods
    }
    assert known == {name for name, _ in calls(document)}


def test_every_answer_has_an_example(document: dict[str, Any]) -> None:
    bare = []
    for name, operation in calls(document):
        for status, answer in operation["responses"].items():
            for kind, content in answer.get("content", {}).items():
                needed = kind in ("application/json", MEDIA_TYPE)
                if needed and not (content.get("example") or content.get("examples")):
                    bare.append(f"{name} {status}")
    assert bare == []


def test_every_body_has_an_example_or_is_a_form(document: dict[str, Any]) -> None:
    for name, operation in calls(document):
        for kind, content in operation.get("requestBody", {}).get("content", {}).items():
            if kind == "application/json" and "PaperBody" not in str(content):
                schema_ = str(content["schema"]) + str(document["components"]["schemas"])
                assert "examples" in schema_ or "example" in content, name


def test_problem_types_are_explained(world: World) -> None:
    for name, known in PROBLEMS.items():
        answer = world.client.get(f"/problems/{name}")
        assert answer.json()["status"] == known.status
    assert set(BY_STATUS.values()) <= set(PROBLEMS)


@pytest.mark.parametrize(
    ("method", "path", "status", "type_"),
    [
        ("GET", "/nowhere", 404, "not-found"),
        ("PATCH", "/v1/queue", 405, "method-not-allowed"),
        ("GET", "/v1/scans/none", 404, "scan-unknown"),
        ("GET", "/v1/scans/scan_1/pages/x", 422, "request-invalid"),
        ("GET", "/v1/queue?limit=0", 422, "request-invalid"),
        ("GET", "/v1/queue?after=x", 422, "request-invalid"),
    ],
)
def test_errors_are_problems(world: World, method: str, path: str, status: int, type_: str) -> None:
    answer = world.call(method, path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, MEDIA_TYPE)
    assert answer.json()["type"] == f"/problems/{type_}"


def test_progress_as_events(world: World) -> None:
    world.put_case()
    scan = world.checked()
    answer = world.call("GET", f"/v1/scans/{scan['scan']}/events")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.text.startswith(f"event: done\nid: {scan['version']}\ndata: ")


def test_pages(world: World) -> None:
    world.put_case()
    scan = world.checked()
    for view in ("uploaded", "straight", "findings"):
        answer = world.call("GET", f"/v1/scans/{scan['scan']}/pages/0", params={"view": view})
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    missing = world.call("GET", f"/v1/scans/{scan['scan']}/pages/7")
    assert missing.json()["type"] == "/problems/page-unknown"
