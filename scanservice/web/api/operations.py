"""For operators: alive, able to work, figures; and what a problem's type means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector, CollectorRegistry

from scanservice import __version__
from scanservice.service import figures, gauges, migrating, presence
from scanservice.service.database import UnavailableError
from scanservice.service.services import Services
from scanservice.web.api.shared import errors
from scanservice.web.auth import CallerOf, ServicesOf
from scanservice.web.problems import PROBLEMS, ProblemError

router = APIRouter(tags=["operations"])


@router.get(
    "/healthz",
    summary="Whether the process answers",
    responses={200: {"content": {"application/json": {"example": {"status": "ok", "version": "0.1.0"}}}}},
)
def healthz(caller: CallerOf) -> dict[str, str]:
    return {"status": "ok", "version": __version__}


READY = {"ready": True, "database": "ok", "tables": "ok", "blobs": "ok", "workers": 2}


@router.get(
    "/readyz",
    summary="Whether it can take work",
    response_model=None,
    responses={
        200: {"content": {"application/json": {"example": READY}}},
        503: {
            "description": "It cannot; the answer says why",
            "content": {"application/json": {"example": READY | {"ready": False, "blobs": "unavailable"}}},
        },
    },
)
def readyz(services: ServicesOf, caller: CallerOf) -> JSONResponse:
    """Database, tables' version and blobs; the number of living workers is told, not demanded: uploads are
    safe without them."""
    found: dict[str, Any] = {"database": "ok", "tables": "ok", "blobs": "ok", "workers": 0}
    try:
        if not migrating.up_to_date(services.db):
            found["tables"] = "run `scanservice migrate`"
        else:
            with services.db.read() as tx:
                found["workers"] = sum(row.role == "worker" for row in presence.alive(tx))
    except UnavailableError:
        found["database"] = found["tables"] = "unavailable"
    try:
        services.blobs.ready()
    except UnavailableError:
        found["blobs"] = "unavailable"
    ready = all(found[part] == "ok" for part in ("database", "tables", "blobs"))
    return JSONResponse({"ready": ready, **found}, 200 if ready else 503)


class _Figures(Collector):
    def __init__(self, services: Services) -> None:
        self.services = services

    def collect(self) -> Iterable[Metric]:
        with self.services.db.read() as tx:
            read = gauges.read(tx)
            counted = figures.read(tx)
        yield from _counters(counted)
        yield from _times(counted)
        labelled = (
            ("scanservice_jobs", "Jobs waiting or at work", "kind", read.jobs),
            ("scanservice_scans", "Scans kept, by verdict", "verdict", read.scans),
            ("scanservice_deliveries", "Webhook deliveries", "state", read.deliveries),
            ("scanservice_processes", "Living processes", "role", read.processes),
        )
        for name, text, label, values in labelled:
            family = GaugeMetricFamily(name, text, labels=[label])
            for value, number in sorted(values.items()):
                family.add_metric([value], number)
            yield family
        yield GaugeMetricFamily("scanservice_oldest_check_seconds", "Age of the oldest", read.oldest_seconds)
        yield GaugeMetricFamily("scanservice_open_scans", "Scans that wait for a person", read.open_scans)


Counted = Mapping[str, Mapping[tuple[str, ...], float]]


def _counters(counted: Counted) -> Iterable[Metric]:
    for name, about in figures.COUNTERS.items():
        family = CounterMetricFamily(f"scanservice_{name}", about.text, labels=about.labels)
        for labels, value in sorted(counted.get(name, {}).items()):
            family.add_metric(labels, value)
        yield family


def _times(counted: Counted) -> Iterable[Metric]:
    for name, about in figures.TIMES.items():
        family = HistogramMetricFamily(f"scanservice_{name}", about.text, labels=about.labels)
        classes = counted.get(f"{name}_class", {})
        for labels, total in sorted(counted.get(f"{name}_sum", {}).items()):
            below = 0.0
            buckets = []
            for bound in (*(str(bound) for bound in figures.BOUNDS), "+Inf"):
                below += classes.get((*labels, bound), 0.0)
                buckets.append((bound, below))
            family.add_metric(labels, buckets, total)
        yield family


@router.get(
    "/metrics",
    summary="Figures for Prometheus",
    response_class=Response,
    responses={
        200: {"content": {"text/plain": {"schema": {"type": "string"}}}},
        **{status: entry for status, entry in errors().items() if status in (403, 500, 503)},
    },
)
def metrics(services: ServicesOf, caller: CallerOf) -> Response:
    """Answered to loopback and private addresses alone."""
    registry = CollectorRegistry()
    registry.register(_Figures(services))
    return Response(generate_latest(REGISTRY) + generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


@router.get(
    "/problems/{type}",
    summary="What a problem's type means",
    responses={
        200: {
            "content": {"application/json": {"example": {"type": "/problems/stale-version", "status": 409}}}
        },
        **{status: entry for status, entry in errors("not-found").items() if status in (404, 422)},
    },
)
def problem(type: str, caller: CallerOf) -> dict[str, Any]:
    if type not in PROBLEMS:
        raise ProblemError("not-found")
    return {"type": f"/problems/{type}", "title": PROBLEMS[type].title, "status": PROBLEMS[type].status}
