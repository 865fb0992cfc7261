"""Dockerfile and compose file name only what exists: settings, commands, files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from scanservice.settings import Settings

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
OURS = [service for service in COMPOSE["services"].values() if service["image"] == "scanservice"]
AWS = {"AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"}


def _is_setting(name: str) -> bool:
    known = {f"SCANSERVICE_{field.upper()}" for field in Settings.model_fields} | {"DATABASE_URL", "BLOBS"}
    return name in known


@pytest.mark.parametrize("service", OURS, ids=lambda service: service["command"][0])
def test_every_variable_of_a_service_is_a_setting(service: dict[str, Any]) -> None:
    names = set(service["environment"]) - AWS
    assert {"DATABASE_URL", "BLOBS", "SCANSERVICE_SECRET"} <= names
    assert [name for name in names if not _is_setting(name)] == []


def test_every_variable_of_the_image_is_a_setting() -> None:
    names = set(re.findall(r"\bSCANSERVICE_\w+", DOCKERFILE))
    assert names
    assert [name for name in names if not _is_setting(name)] == []


def test_the_services_are_those_of_the_many_machines_form() -> None:
    replicas = {service["command"][0]: service["deploy"]["replicas"] for service in OURS}
    assert replicas == {"serve": 2, "worker": 3}
    assert {"database", "blobs"} <= set(COMPOSE["services"])


@pytest.mark.parametrize("service", OURS, ids=lambda service: service["command"][0])
def test_the_services_run_with_as_little_as_they_need(service: dict[str, Any]) -> None:
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["mem_limit"]


def test_no_secret_is_written_down() -> None:
    for service in COMPOSE["services"].values():
        for name, value in service.get("environment", {}).items():
            if re.search("PASSWORD|SECRET|KEY", name):
                assert re.fullmatch(r"\$\{\w+:\?\}", value), name


def test_the_image_runs_as_a_user_and_is_built_from_the_lock() -> None:
    stages = DOCKERFILE.split("\nFROM ")
    assert re.search(r"^USER (?!root|0)\w+$", stages[-1], re.MULTILINE)
    assert "HEALTHCHECK" in stages[-1]
    assert "/healthz" in stages[-1]
    assert "--require-hashes --no-deps -r requirements.lock" in DOCKERFILE


def test_what_is_copied_is_there_and_is_not_ignored() -> None:
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line[:1] == "!"}
    for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE):
        for source in line.split()[:-1]:
            assert (ROOT / source).exists(), source
            assert source in allowed
