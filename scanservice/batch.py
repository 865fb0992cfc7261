"""Many checks from a manifest: one line in, one line out, in order, whatever fails in between."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scanservice.case import Case, parse_case
from scanservice.check import Checker
from scanservice.errors import InputError, Problem
from scanservice.findings import Language
from scanservice.intake import ScanFile
from scanservice.template import load_templates
from scanservice.workers import Pool, WorkerDied

JobResult = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Job:
    """A manifest line that can be worked on."""

    id: str
    files: tuple[ScanFile, ...]
    case: Path | dict[str, Any]


@dataclass(frozen=True, slots=True)
class BadLine:
    """A manifest line that cannot."""

    id: str | None
    error: InputError


Line = Job | BadLine


def read_manifest(path: Path) -> list[Line]:
    """The lines of a manifest; blank ones are passed over. Paths are relative to the manifest's folder,
    or, where nothing lies there, to the current one.

    Raises:
        InputError: the manifest itself cannot be read.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise InputError("file-missing", str(path)) from None
    except OSError as error:
        raise InputError("file-unreadable", str(path), [Problem("", error.strerror or "")]) from None
    except UnicodeDecodeError:
        raise InputError("manifest-invalid", str(path), [Problem("", "is not UTF-8 text")]) from None
    return [
        _line(number, line, path) for number, line in enumerate(text.split("\n"), start=1) if line.strip()
    ]


def _line(number: int, text: str, manifest: Path) -> Line:
    source = f"{manifest.name} line {number}"
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return BadLine(None, InputError("manifest-invalid", source, [Problem("", "is not JSON")]))
    if not isinstance(content, dict):
        return BadLine(None, InputError("manifest-invalid", source, [Problem("", "must be an object")]))
    name = content.get("id")
    name = str(name) if isinstance(name, (str, int)) and not isinstance(name, bool) else None
    problems = list(_line_problems(content, name))
    if problems or name is None:
        return BadLine(name, InputError("manifest-invalid", source, problems))
    scans = [_resolve(scan, manifest.parent) for scan in content["scans"]]
    case = content["case"]
    return Job(
        id=name,
        files=tuple(ScanFile(path, label) for path, label in zip(scans, content["scans"], strict=True)),
        case=_resolve(case, manifest.parent) if isinstance(case, str) else case,
    )


def _line_problems(content: Mapping[str, Any], name: str | None) -> Iterator[Problem]:
    if name is None:
        yield Problem("id", "must be a text")
    scans = content.get("scans")
    if not (isinstance(scans, list) and scans and all(isinstance(scan, str) and scan for scan in scans)):
        yield Problem("scans", "must be a list of at least one path")
    if not isinstance(content.get("case"), (str, dict)):
        yield Problem("case", "must be a path or an object")
    for key in content.keys() - {"id", "scans", "case"}:
        yield Problem(key, "is not known here")


def _resolve(text: str, folder: Path) -> Path:
    beside = folder / text
    return beside if beside.exists() or not Path(text).exists() else Path(text)


def load_case(case: Path | dict[str, Any]) -> Case:
    """The case of a job.

    Raises:
        InputError: it cannot be read, or is not a case.
    """
    if isinstance(case, dict):
        return parse_case(case)
    try:
        return parse_case(case.read_bytes(), source=str(case))
    except FileNotFoundError:
        raise InputError("file-missing", str(case)) from None
    except OSError as error:
        raise InputError("file-unreadable", str(case), [Problem("", error.strerror or "")]) from None


def error_result(name: str | None, code: str, message: str) -> JobResult:
    return {"id": name, "error": {"code": code, "message": message}}


def run_batch(
    lines: list[Line],
    out: Path,
    start_worker: Callable[[], Callable[[Job], JobResult]],
    *,
    jobs: int = 1,
    resume: bool = False,
    progress: Callable[[int, int], None] = lambda done, failed: None,
) -> tuple[int, int]:
    """Works on every line in `jobs` processes and writes one result a line, in the manifest's order.

    Args:
        start_worker: called once in each worker process; a picklable function that gives the
            function for one job.
        resume: keep what `out` already holds of this manifest, and go on after it.
        progress: called after each line with the numbers of lines done and failed in this file.

    Returns:
        The numbers of lines in `out`, and of those with an error.

    Raises:
        InputError: `manifest-invalid` where `out` holds results of another manifest.
        OSError: `out` cannot be written.
    """
    done, failed = _kept(lines, out) if resume else (0, 0)
    if not resume:
        out.write_bytes(b"")
    rest = lines[done:]
    with out.open("ab") as file, Pool(start_worker, min(jobs, max(len(rest), 1))) as pool:
        for result in _results(pool, rest):
            file.write(json.dumps(result, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
            done += 1
            failed += "error" in result
            progress(done, failed)
    return done, failed


def _results(pool: Pool[Job, JobResult], lines: list[Line]) -> Iterator[JobResult]:
    """Results in the order of the lines, while the pool works ahead."""
    answers = pool.map(line for line in lines if isinstance(line, Job))
    for line in lines:
        if isinstance(line, BadLine):
            yield error_result(line.id, line.error.code, line.error.line())
            continue
        answer = next(answers)
        if isinstance(answer, WorkerDied):
            message = f"{line.id}: the process that checked it ended ({answer.reason}); check it by itself"
            yield error_result(line.id, "worker-died", message)
        else:
            yield answer


def _kept(lines: list[Line], out: Path) -> tuple[int, int]:
    """How many results of this manifest `out` holds, and how many are errors; a torn last line is cut off."""
    if not out.exists():
        return 0, 0
    data = out.read_bytes()
    whole = data[: data.rfind(b"\n") + 1]
    if len(whole) < len(data):
        with out.open("r+b") as file:
            file.truncate(len(whole))
    failed = 0
    results = whole.splitlines()
    for number, (text, line) in enumerate(zip(results, lines, strict=False), start=1):
        try:
            result = json.loads(text)
        except ValueError:
            result = {}
        if not isinstance(result, dict) or result.get("id") != line.id:
            problem = Problem("", f"line {number} is not the result of the manifest's line {number}")
            raise InputError("manifest-invalid", str(out), [problem])
        failed += "error" in result
    if len(results) > len(lines):
        raise InputError("manifest-invalid", str(out), [Problem("", "holds more lines than the manifest")])
    return len(results), failed


def start_checker(templates: Path, language: Language) -> Callable[[Job], JobResult]:
    """What a worker process does with a job: loads everything once, then checks."""
    checker = Checker(load_templates(templates))

    def work(job: Job) -> JobResult:
        try:
            outcome = checker.check(job.files, load_case(job.case))
        except InputError as error:
            return error_result(job.id, error.code, error.line())
        except Exception as error:  # one broken line must not stop the others
            message = f"{job.id}: the check failed with {type(error).__name__}; check it by itself"
            return error_result(job.id, "check-failed", message)
        return {"id": job.id, "verdict": outcome.verdict(language).model_dump(mode="json")}

    return work
