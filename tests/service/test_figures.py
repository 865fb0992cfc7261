"""What operators see: every figure that the dashboard and the alerts ask for, from all processes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from tests.service.world import GOOD, World

ROOT = Path(__file__).parents[2]
MONITORING = ROOT / "examples" / "monitoring"
NAME = re.compile(r"\bscanservice_[a-z_]+")


def shown(world: World) -> dict[str, float]:
    """Every sample by its name and labels."""
    with world.services.db.write() as tx:
        world.services.figures.write_down(tx, "test-process")
    text = TestClient(world.client.app, client=("127.0.0.1", 4000)).get("/metrics").text
    return {
        sample.name + json.dumps(sample.labels, sort_keys=True): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(found: dict[str, float], name: str, **labels: str) -> float:
    return found[name + json.dumps(labels, sort_keys=True)]


@pytest.fixture
def lively(world: World) -> World:
    world.put_case()
    world.checked("c-1", GOOD)
    world.upload("c-1", GOOD)
    world.put_case(entry__employer_name="另一家公司")
    world.put_case("c-2")
    world.checked("c-2", GOOD + "number 2\n")
    world.put_case("c-3")
    world.checked("c-3", "crash")
    return world


def test_uploads_verdicts_and_findings_are_counted(lively: World) -> None:
    found = shown(lively)
    assert value(found, "scanservice_uploads_total", source="main") == 3
    assert value(found, "scanservice_uploads_total", source="again") == 1
    assert value(found, "scanservice_verdicts_total", verdict="pass", cause="check") == 2
    assert value(found, "scanservice_verdicts_total", verdict="return", cause="facts") == 1
    assert value(found, "scanservice_findings_total", code="field-differs") == 1
    assert value(found, "scanservice_checks_failed_total", reason="crash-RuntimeError") >= 1
    assert value(found, "scanservice_stage_seconds_count", stage="read") == 2
    assert value(found, "scanservice_stage_seconds_bucket", stage="read", le="0.05") == 2
    assert value(found, "scanservice_wait_seconds_count") == 2


def test_processes_add_their_counts_and_a_restart_takes_nothing_away(lively: World) -> None:
    before = shown(lively)
    with lively.services.db.write() as tx:
        lively.services.figures.count("uploads", "main")
        lively.services.figures.write_down(tx, "another-process")
    after = shown(lively)
    name = "scanservice_uploads_total"
    assert value(after, name, source="main") == value(before, name, source="main") + 1


def test_starts_of_processes_are_counted(world: World) -> None:
    from scanservice.service import presence

    for _ in range(3):
        with world.services.db.write() as tx:
            presence.appear(tx, "host-1", "worker")
    found = shown(world)
    assert value(found, "scanservice_process_starts_total", role="worker") == 3
    assert value(found, "scanservice_processes", role="worker") == 1


def asked_for() -> dict[str, set[str]]:
    board = json.loads((MONITORING / "grafana-dashboard.json").read_text(encoding="utf-8"))
    asked = {p["title"]: " ".join(t["expr"] for t in p["targets"]) for p in board["panels"]}
    rules = yaml.safe_load((MONITORING / "alerts.yml").read_text(encoding="utf-8"))["groups"][0]["rules"]
    asked |= {rule["alert"]: rule["expr"] for rule in rules}
    return {title: set(NAME.findall(expression)) for title, expression in asked.items()}


def test_the_dashboard_and_the_alerts_ask_for_what_is_there(lively: World) -> None:
    lively.call("PUT", "/v1/hooks/main", json={"url": "https://127.0.0.1:1/hook"})
    lively.put_case()
    lively.work()
    from scanservice.service.courier import deliver_one

    lively.clock.wait(seconds=5)
    while deliver_one(lively.services):
        continue
    test_starts_of_processes_are_counted(lively)
    there = {name.partition("{")[0] for name in shown(lively)}
    asked = asked_for()
    assert len(asked) > 20
    assert {title: names - there for title, names in asked.items() if names - there} == {}


def test_every_alert_says_what_to_do() -> None:
    page = (ROOT / "docs" / "operate.md").read_text(encoding="utf-8")
    rules: list[dict[str, Any]] = yaml.safe_load((MONITORING / "alerts.yml").read_text())["groups"][0][
        "rules"
    ]
    assert [rule["alert"] for rule in rules if f"| `{rule['alert']}` |" not in page] == []
