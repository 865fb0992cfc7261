"""The web application: API and pages over the same services."""

from __future__ import annotations

from typing import Any

from anyio import CapacityLimiter
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from scanservice import __version__
from scanservice.service.services import Services
from scanservice.web import api, oidc, problems
from scanservice.web.access import ACCESS
from scanservice.web.api.shared import PROBLEM_SCHEMA
from scanservice.web.compression import Compression
from scanservice.web.guard import Guard
from scanservice.web.pages import mount_pages
from scanservice.web.rates import new_limiter

BENCH_WAITERS = 8
"""`POST /v1/checks` that may be under way or wait for the checking process; further ones get 429."""
DESCRIPTION = """Checks scans of employment agreements against the school's form and the student's entry.

Errors are problem details (RFC 9457) whose `type` never changes its meaning. Times are UTC, ISO 8601.
"""


def create_app(services: Services) -> FastAPI:
    """API and pages. The caller opens and closes the services."""
    app = FastAPI(
        title="scanservice",
        version=__version__,
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.services = services
    app.state.limiter = new_limiter()
    app.state.bench_waiters = CapacityLimiter(BENCH_WAITERS)
    problems.install(app)
    api.include(app)
    app.include_router(oidc.router, include_in_schema=False)
    mount_pages(app, services)
    app.add_middleware(Compression)
    app.add_middleware(
        Guard,
        most_bytes=services.settings.max_json_bytes,
        secure=services.settings.public_url.startswith("https://"),
    )
    app.openapi = lambda: _document(app)  # type: ignore[method-assign]
    return app


def _document(app: FastAPI) -> dict[str, Any]:
    if app.openapi_schema is None:
        about: dict[str, Any] = {
            "title": app.title,
            "version": app.version,
            "description": app.description,
        }
        schema = get_openapi(**about, routes=app.routes)
        calls = {line.partition(" ")[2] for line in ACCESS}
        schema["paths"] = {path: item for path, item in schema["paths"].items() if path in calls}
        components = schema.setdefault("components", {})
        components.setdefault("schemas", {})["Problem"] = PROBLEM_SCHEMA
        components["securitySchemes"] = {
            "key": {
                "type": "http",
                "scheme": "bearer",
                "description": "An API key (`sk_…`), or a student's link (`link_…`).",
            }
        }
        schema["security"] = [{"key": []}, {}]
        app.openapi_schema = schema
    return app.openapi_schema
