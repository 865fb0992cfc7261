"""The command line. Input that cannot be used ends in one line on standard error, and exit code 2."""

from __future__ import annotations

import sys

import typer

from scanservice import __version__
from scanservice.cli import checking, forms, operating
from scanservice.errors import InputError

UNREADABLE = 2

app = typer.Typer(
    help="Checks scans of employment agreements against the school's form and the student's entry.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command()(checking.check)
app.command()(checking.batch)
app.add_typer(forms.app, name="template")
operating.add_to(app)


@app.command()
def version() -> None:
    """Print the version."""
    print(__version__)


def main() -> None:
    """The program's entry."""
    try:
        app()
    except InputError as error:
        print(f"scanservice: {error.line()}", file=sys.stderr)
        sys.exit(UNREADABLE)
    except Exception as error:
        if not operating.is_refusal(error):
            raise
        print(f"scanservice: {error}", file=sys.stderr)
        sys.exit(UNREADABLE)
