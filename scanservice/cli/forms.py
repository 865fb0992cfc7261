"""`template`: describe a form."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Describe a form: draft, check and look at a template package.", no_args_is_help=True)


@app.command("new")
def template_new(
    blank: Annotated[
        Path, typer.Argument(metavar="BLANK.pdf", help="The form as printed, nothing filled in.")
    ],
    out: Annotated[
        Path | None, typer.Option(help="Folder of the new package; by default beside the blank.")
    ] = None,
    id: Annotated[str | None, typer.Option(help="Id of the form.")] = None,
) -> None:
    """Draft a template package from a blank form; every guess is marked to be checked."""
    from scanservice.drafting import draft

    folder = out or blank.with_suffix("")
    print(draft(blank, folder, form_id=id))


@app.command("lint")
def template_lint(folder: Annotated[Path, typer.Argument(metavar="DIR")]) -> None:
    """Say everything that is wrong or doubtful in a template package."""
    from scanservice.drafting import lint

    messages = lint(folder)
    for message in messages:
        print(message)
    raise typer.Exit(1 if any(message.severity == "error" for message in messages) else 0)


@app.command("show")
def template_show(
    folder: Annotated[Path, typer.Argument(metavar="DIR")],
    out: Annotated[
        Path | None, typer.Option(help="Where the pictures go; by default the current folder.")
    ] = None,
) -> None:
    """Draw every region over the blank, a picture a page."""
    from scanservice.drafting import show

    for path in show(folder, out or Path()):
        print(path)
