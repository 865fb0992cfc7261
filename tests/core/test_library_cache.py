import pickle
from pathlib import Path

import pytest

from scanservice.detect import library_cache
from scanservice.detect.library_cache import cached_library
from scanservice.template import load_templates

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def templates():
    return [template for template in load_templates(ROOT / "templates") if template.id == "sd-electronic"]


def test_a_second_run_takes_what_the_first_has_made(templates, tmp_path, monkeypatch):
    folder = tmp_path / "cache"
    first = cached_library(templates, folder)
    monkeypatch.setattr(library_cache, "build_library", lambda _: pytest.fail("made again"))
    assert [page.name for page in cached_library(templates, folder).pages] == [
        page.name for page in first.pages
    ]


@pytest.mark.parametrize("damage", [b"", b"no pickle", pickle.dumps({"other": 1})])
def test_a_damaged_file_is_made_again(templates, tmp_path, damage):
    folder = tmp_path / "cache"
    cached_library(templates, folder)
    (file,) = folder.iterdir()
    file.write_bytes(damage)
    assert cached_library(templates, folder).pages


def test_a_folder_that_others_can_write_is_not_trusted(templates, tmp_path, monkeypatch):
    folder = tmp_path / "cache"
    folder.mkdir(mode=0o777)
    folder.chmod(0o777)
    monkeypatch.setattr(pickle, "loads", lambda _: pytest.fail("unpickled"))
    assert cached_library(templates, folder).pages
    assert not list(folder.iterdir())


def test_a_folder_that_cannot_be_made_costs_time_alone(templates, tmp_path):
    (tmp_path / "file").write_text("")
    assert cached_library(templates, tmp_path / "file" / "cache").pages
