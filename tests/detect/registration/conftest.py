"""The project's own forms, and their library, built once."""

from __future__ import annotations

from pathlib import Path

import cv2
import pytest

from scanservice.detect import Library, build_library
from scanservice.template import Template, load_templates

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    cv2.setNumThreads(1)


@pytest.fixture(scope="session")
def templates() -> tuple[Template, ...]:
    return load_templates(ROOT / "templates")


@pytest.fixture(scope="session")
def form(templates: tuple[Template, ...]) -> Template:
    return next(template for template in templates if template.accepts)


@pytest.fixture(scope="session")
def library(templates: tuple[Template, ...]) -> Library:
    return build_library(templates)
