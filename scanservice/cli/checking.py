"""`check` and `batch`."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from scanservice.errors import InputError, Problem
from scanservice.findings import Language
from scanservice.locations import default_templates

Templates = Annotated[
    Path | None,
    typer.Option(help="Folder of template packages; by default the ones that ship with the program."),
]
Lang = Annotated[Language, typer.Option(help="Language of messages and advice.")]

OK, NOT_PASSED = 0, 1


def check(
    scans: Annotated[list[Path], typer.Argument(metavar="SCAN...", help="PDF or picture files of one scan.")],
    case: Annotated[Path, typer.Option(help="The case as JSON.")],
    templates: Templates = None,
    json: Annotated[bool, typer.Option("--json", help="Print the verdict as JSON.")] = False,
    report: Annotated[
        Path | None, typer.Option(help="Write pictures and an HTML page into this folder.")
    ] = None,
    lang: Lang = "zh-CN",
) -> None:
    """Check one scan. Leaves with 0 for pass, 1 for any other verdict, 2 for unreadable input."""
    from scanservice.workers import one_thread

    one_thread()  # matrices are small: a second thread would mostly wait, and waits busily
    from scanservice.intake import ScanFile, prepare

    # The decoding process starts while the rest is loaded. The names are a guess, which opening verifies.
    prepare(pdf=any(path.suffix.lower() == ".pdf" for path in scans))
    from scanservice.batch import load_case
    from scanservice.check import Checker
    from scanservice.report import summary, write_report
    from scanservice.template import load_templates

    known_case = load_case(case)
    checker = Checker(load_templates(templates or default_templates()))
    outcome, scan = checker.check_and_keep([ScanFile(path, str(path)) for path in scans], known_case)
    verdict = outcome.verdict(lang)
    if report is not None:
        try:
            write_report(report, scan, outcome, lang)
        except OSError as error:
            raise InputError("folder-unwritable", str(report), [Problem("", error.strerror or "")]) from None
    print(verdict.model_dump_json() if json else summary(verdict, lang))
    raise typer.Exit(OK if verdict.verdict == "pass" else NOT_PASSED)


def batch(
    manifest: Annotated[
        Path, typer.Argument(metavar="MANIFEST.jsonl", help='Lines of {"id", "scans", "case"}.')
    ],
    out: Annotated[Path, typer.Option(help="Where the results go, a line each.")],
    jobs: Annotated[int, typer.Option(min=1, max=256, help="Processes that check at the same time.")] = 1,
    resume: Annotated[bool, typer.Option("--resume", help="Go on after the results that OUT holds.")] = False,
    templates: Templates = None,
    lang: Lang = "zh-CN",
) -> None:
    """Check many scans. Leaves with 0 when every line has its verdict, 1 when some have an error."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from scanservice.batch import read_manifest, run_batch, start_checker
    from scanservice.template import load_templates

    lines = read_manifest(manifest)
    folder = templates or default_templates()
    load_templates(folder)  # its errors are told here, once, and not by every worker
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("check", total=len(lines))

        def show(done: int, failed: int) -> None:
            bar.update(task, completed=done, description=f"check ({failed} failed)" if failed else "check")

        try:
            done, failed = run_batch(
                lines, out, partial(start_checker, folder, lang), jobs=jobs, resume=resume, progress=show
            )
        except OSError as error:
            raise InputError("file-unwritable", str(out), [Problem("", error.strerror or "")]) from None
    console.print(f"{done} lines, {failed} with an error: {out}", highlight=False)
    raise typer.Exit(NOT_PASSED if failed else OK)
