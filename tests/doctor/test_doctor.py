"""The doctor finds what is missing and says the line that gets it, whatever else is broken."""

from __future__ import annotations

from pathlib import Path

import pytest

from scanservice import doctor
from scanservice.doctor import Diagnosis, examine


def _by_subject() -> dict[str, Diagnosis]:
    return {diagnosis.subject: diagnosis for diagnosis in examine()}


def test_a_machine_that_runs_the_tests_is_whole() -> None:
    found = _by_subject()
    ill = [f"{d.subject}: {d.detail} -> {d.remedy}" for d in found.values() if d.state == "missing"]
    assert not ill, "\n".join(ill)
    assert {"python", "pymupdf", "recognition model", "tesseract", "tesseract chi_sim", "templates"} <= set(
        found
    )
    assert {"database", "blobs", "isolation", "memory", "cores", "settings"} <= set(found)


def test_whatever_is_not_well_says_how_to_mend_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("SCANSERVICE_TEMPLATES", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", "postgresql://a:hidden@127.0.0.1:9/none")
    monkeypatch.setenv("BLOBS", "/proc/none")
    found = _by_subject()
    for subject in ("tesseract", "templates", "database"):
        assert found[subject].state == "missing"
        assert found[subject].remedy
    assert found["tesseract"].remedy == "apt-get install tesseract-ocr tesseract-ocr-chi-sim"
    assert "hidden" not in repr(found)


def test_a_missing_language_is_told_from_a_missing_program(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "tesseract"
    program.write_text('#!/bin/sh\n[ "$1" = --version ] && echo "tesseract 5.3.0" || echo eng\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    found = _by_subject()
    assert found["tesseract"].state == "ok"
    assert found["tesseract eng"].state == "ok"
    assert found["tesseract chi_sim"] == Diagnosis(
        "tesseract chi_sim", "missing", "its data is not installed", "apt-get install tesseract-ocr-chi-sim"
    )


def test_weights_for_another_model_are_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    other = tmp_path / "other.onnx"
    other.write_bytes(b"another model")
    monkeypatch.setattr("scanservice.verify.recogniser.model_path", lambda: other)
    found = _by_subject()["tuned weights"]
    assert (found.state, found.remedy) == ("missing", "pip install --require-hashes -r requirements.lock")
    assert "other.onnx is not the model" in found.detail


def test_a_library_of_another_version_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.metadata, "requires", lambda name: ["numpy>=99,<100", "no-such-thing>=1"])
    found = _by_subject()
    assert found["numpy"].remedy == "pip install 'numpy<100,>=99'"
    assert found["no-such-thing"].state == "missing"


def test_wrong_settings_are_a_finding_without_their_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCANSERVICE_PORT", "31337313373133731337")
    found = _by_subject()
    assert found["settings"].state == "missing"
    assert "port" in found["settings"].detail
    assert "31337" not in repr(found["settings"])


def test_an_examination_that_breaks_does_not_hide_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> list[Diagnosis]:
        raise OSError("private detail")

    monkeypatch.setattr(doctor, "EXAMINATIONS", (broken, *doctor.EXAMINATIONS))
    found = _by_subject()
    assert found["broken"].state == "missing"
    assert "private detail" not in repr(found["broken"])
    assert "python" in found


def test_a_folder_that_cannot_be_written_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("BLOBS", str(tmp_path / "file" / "blobs"))
    blobs = _by_subject()["blobs"]
    assert blobs.state == "missing"
    assert "mkdir -p" in blobs.remedy
