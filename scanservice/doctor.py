"""What is installed, what is missing, and how to get it.

Each examination looks at one thing and never raises: what cannot be looked at is itself a finding.
Nothing here needs the settings to be right, for wrong settings are one of the things to find.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata, resources
from pathlib import Path
from typing import Literal

from packaging.requirements import Requirement

from scanservice.errors import InputError

State = Literal["ok", "missing", "optional"]

PYTHON = (3, 11)
LEAST_MEMORY_MB = 2_000
"""One worker with its models, a decoding process and the API; docs/benchmarks has the measurements."""
LEAST_DISK_MB = 1_000
LEAST_POSTGRES = 15
LEAST_TESSERACT = 4
LANGUAGES = ("chi_sim", "eng")
_PROGRAM_SECONDS = 20
_DISTRIBUTION = "scanservice"
_UPGRADE = "pip install --require-hashes -r requirements.lock"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One thing looked at.

    Attributes:
        subject: what, such as `tesseract`.
        state: `ok`; `missing`: the program does not work, or not fully, without it; `optional`: it is not
            there, and is needed for the named purpose only.
        detail: what was found, such as a version.
        remedy: the line that gets it; empty where all is well.
    """

    subject: str
    state: State
    detail: str
    remedy: str = ""


def examine() -> list[Diagnosis]:
    """Looks at everything, in the order in which to mend it."""
    found: list[Diagnosis] = []
    for examination in EXAMINATIONS:
        try:
            found.extend(examination())
        except Exception as error:  # whatever is broken must not hide the rest
            subject = examination.__name__.strip("_")
            found.append(
                Diagnosis(subject, "missing", f"cannot be examined: {type(error).__name__}", _UPGRADE)
            )
    return found


def _python() -> Iterator[Diagnosis]:
    version = platform.python_version()
    fits = sys.version_info[:2] >= PYTHON
    wanted = ".".join(map(str, PYTHON))
    remedy = "" if fits else f"install Python {wanted} or newer, such as apt-get install python{wanted}"
    yield Diagnosis("python", "ok" if fits else "missing", version, remedy)


def _libraries() -> Iterator[Diagnosis]:
    for line in metadata.requires(_DISTRIBUTION) or ():
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            yield _library(requirement)


def _library(requirement: Requirement) -> Diagnosis:
    wanted = f"{requirement.name}{requirement.specifier}"
    try:
        version = metadata.version(requirement.name)
    except metadata.PackageNotFoundError:
        return Diagnosis(requirement.name, "missing", f"{wanted} is not installed", f"pip install '{wanted}'")
    if requirement.specifier.contains(version, prereleases=True):
        return Diagnosis(requirement.name, "ok", version)
    return Diagnosis(requirement.name, "missing", f"{version} is not {wanted}", f"pip install '{wanted}'")


def _models() -> Iterator[Diagnosis]:
    try:
        folder = Path(str(resources.files("rapidocr"))) / "models"
        models = sorted(path.name for path in folder.glob("*_rec_*.onnx"))
    except ModuleNotFoundError:
        models = []
    remedy = "" if models else "pip install --force-reinstall 'rapidocr>=3.10,<3.11'"
    detail = ", ".join(models) or "rapidocr is here without its recogniser"
    yield Diagnosis("recognition model", "ok" if models else "missing", detail, remedy)
    if models:
        yield _tuning()


def _tuning() -> Diagnosis:
    """Whether the weights that are added to the model belong to the one that is installed."""
    from scanservice.verify.recogniser import model_path
    from scanservice.verify.tuned import OtherModelError, tuned_model, tuned_name

    try:
        tuned_model(model_path())
    except OtherModelError as error:
        return Diagnosis("tuned weights", "missing", str(error), _UPGRADE)
    return Diagnosis("tuned weights", "ok", tuned_name(), "")


def _tesseract() -> Iterator[Diagnosis]:
    output = _output("tesseract", "--version")
    version = re.search(r"tesseract v?(\d+)[\d.]*", output or "")
    if version is None or int(version[1]) < LEAST_TESSERACT:
        detail = version[0] if version else "the program is not on the path"
        yield Diagnosis("tesseract", "missing", detail, "apt-get install tesseract-ocr tesseract-ocr-chi-sim")
        return
    yield Diagnosis("tesseract", "ok", version[0].removeprefix("tesseract "))
    known = (_output("tesseract", "--list-langs") or "").split()
    for language in LANGUAGES:
        subject, package = f"tesseract {language}", f"tesseract-ocr-{language.replace('_', '-')}"
        if language in known:
            yield Diagnosis(subject, "ok", "its data is installed")
        else:
            yield Diagnosis(subject, "missing", "its data is not installed", f"apt-get install {package}")


def _templates() -> Iterator[Diagnosis]:
    from scanservice.locations import default_templates
    from scanservice.template import load_templates

    folder = default_templates()
    try:
        templates = load_templates(folder)
    except InputError as error:
        remedy = "set SCANSERVICE_TEMPLATES to the folder of the packages, or scanservice template lint DIR"
        yield Diagnosis("templates", "missing", error.line(), remedy)
        return
    accepted = [template.id for template in templates if template.accepts]
    detail = f"{len(templates)} packages, of which accepted: {', '.join(accepted) or 'none'}"
    remedy = "" if accepted else "scanservice template new BLANK.pdf"
    yield Diagnosis("templates", "ok" if accepted else "missing", detail, remedy)


def _service() -> Iterator[Diagnosis]:
    """The settings, and the database and the blobs that they name."""
    from pydantic import ValidationError

    from scanservice.settings import Settings

    try:
        settings = Settings()  # type: ignore[call-arg]
    except ValidationError as error:
        names = ", ".join(".".join(map(str, problem["loc"])) for problem in error.errors())
        yield Diagnosis("settings", "missing", f"not valid: {names}", "docs/configure.md has their values")
        return
    yield Diagnosis("settings", "ok", "valid")
    yield _database(settings.database)
    yield _blobs(settings.blob_place)


def _database(url: str) -> Diagnosis:
    from sqlalchemy import create_engine, make_url
    from sqlalchemy.exc import SQLAlchemyError

    location = make_url(url)
    if location.get_backend_name() == "sqlite":
        folder = Path(location.database or ".").parent
        if _writable(folder):
            return Diagnosis("database", "ok", "SQLite in the data folder")
        return Diagnosis("database", "missing", "the data folder cannot be written", _own(folder))
    engine = create_engine(url, hide_parameters=True, connect_args={"connect_timeout": 5})
    try:
        with engine.connect() as connection:
            version = connection.dialect.server_version_info or (0,)
    except SQLAlchemyError as error:
        remedy = "start it, or correct DATABASE_URL: postgresql://USER:PASSWORD@HOST/NAME"
        return Diagnosis("database", "missing", f"cannot be reached ({type(error).__name__})", remedy)
    finally:
        engine.dispose()
    if int(version[0]) < LEAST_POSTGRES:
        detail = f"{location.get_backend_name()} {version[0]}"
        return Diagnosis("database", "missing", detail, f"use PostgreSQL {LEAST_POSTGRES} or newer")
    return Diagnosis("database", "ok", f"PostgreSQL {'.'.join(map(str, version))}")


def _blobs(place: str) -> Diagnosis:
    from scanservice.service.blobs import open_blobs

    if "://" not in place:
        folder = Path(place)
        if not _writable(folder):
            return Diagnosis("blobs", "missing", "the folder cannot be written", _own(folder))
        free = shutil.disk_usage(_nearest(folder)).free // 1_000_000
        enough = free >= LEAST_DISK_MB
        remedy = "" if enough else "free some space, or let BLOBS name another folder"
        return Diagnosis("blobs", "ok" if enough else "missing", f"a folder with {free} MB free", remedy)
    try:
        open_blobs(place).ready()
    except Exception as error:
        remedy = "correct BLOBS and the AWS_* variables, and see that the bucket exists"
        return Diagnosis("blobs", "missing", f"the bucket does not answer ({type(error).__name__})", remedy)
    return Diagnosis("blobs", "ok", "the bucket answers")


def _machine() -> Iterator[Diagnosis]:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 1_000_000
    remedy = "" if memory >= LEAST_MEMORY_MB else f"give the machine {LEAST_MEMORY_MB} MB of memory"
    yield Diagnosis("memory", "missing" if remedy else "ok", f"{memory} MB", remedy)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    yield Diagnosis("cores", "ok", f"{cores}, so that {cores} workers fit")


def _isolation() -> Iterator[Diagnosis]:
    """How far the process that decodes uploads can be confined here."""
    from scanservice.intake.trial import try_confinement

    achieved = try_confinement()
    if achieved is None:
        yield Diagnosis("isolation", "missing", "the decoding process does not start", _UPGRADE)
    elif achieved.filtered:
        user = "another user, " if achieved.unprivileged and os.geteuid() == 0 else ""
        yield Diagnosis("isolation", "ok", f"uploads are decoded with limits, {user}no files, no network")
    else:
        remedy = "allow seccomp (in a container: the default profile does), on Linux x86-64 or aarch64"
        yield Diagnosis("isolation", "optional", "uploads are decoded with limits only", remedy)


def _for_tests() -> Iterator[Diagnosis]:
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    yield _optional("chromium", browser, "for the tests of the pages", "apt-get install chromium")
    initdb = shutil.which("initdb") or next(
        iter(sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))), None
    )
    yield _optional("postgresql", initdb, "for the tests", "apt-get install postgresql")
    for font, package in (("LXGW WenKai", "fonts-lxgw-wenkai"), ("Noto Serif CJK SC", "fonts-noto-cjk")):
        listed = _output("fc-list", font) or None
        yield _optional(font, listed, "a font for making fixtures", f"apt-get install fontconfig {package}")


def _optional(subject: str, found: object, purpose: str, remedy: str) -> Diagnosis:
    if found:
        return Diagnosis(subject, "ok", "installed")
    return Diagnosis(subject, "optional", f"not installed; {purpose} only", remedy)


def _output(program: str, *arguments: str) -> str | None:
    """What a program prints; None where it is not installed or fails."""
    path = shutil.which(program)
    if path is None:
        return None
    try:
        done = subprocess.run(
            [path, *arguments], capture_output=True, text=True, timeout=_PROGRAM_SECONDS, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout or done.stderr


def _nearest(folder: Path) -> Path:
    """The folder, or the nearest one above it that exists."""
    return next((path for path in (folder, *folder.absolute().parents) if path.exists()), Path("/"))


def _writable(folder: Path) -> bool:
    nearest = _nearest(folder)
    return nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)


def _own(folder: Path) -> str:
    return f"mkdir -p {folder} && chown {os.geteuid()} {folder}"


EXAMINATIONS: tuple[Callable[[], Iterator[Diagnosis]], ...] = (
    _python,
    _libraries,
    _models,
    _tesseract,
    _templates,
    _service,
    _isolation,
    _machine,
    _for_tests,
)
