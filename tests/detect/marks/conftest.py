from __future__ import annotations

import pytest

from scanservice.template import Template
from tests.detect.marks import paper as papers


@pytest.fixture(scope="session")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Template:
    return papers.form(tmp_path_factory.mktemp("form"))


@pytest.fixture
def paper(blank: Template) -> papers.Paper:
    return papers.Paper(blank)
