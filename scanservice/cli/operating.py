"""`serve`, `worker` and what an operator does beside: doctor, keys, accounts, backup, demo.

Every command loads what it needs itself: `check`, which lies beside them, must start fast.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, get_args

import typer
from pydantic import ValidationError

from scanservice.case import pydantic_problems
from scanservice.errors import InputError
from scanservice.service.refusals import RefusedError
from scanservice.service.roles import SCOPES, Role, Scope

if TYPE_CHECKING:
    from scanservice.settings import Settings

keys_app = typer.Typer(help="API keys of the main system.", no_args_is_help=True)
accounts_app = typer.Typer(help="Local accounts of reviewers.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    for command in (serve, worker, doctor, demo, migrate, backup, restore):
        app.command()(command)
    app.add_typer(keys_app, name="keys")
    app.add_typer(accounts_app, name="accounts")


def is_refusal(error: Exception) -> bool:
    """Whether an error's text is one line for the operator."""
    from scanservice.service.backup import BackupError
    from scanservice.service.database import UnavailableError

    return isinstance(error, BackupError | UnavailableError)


def settings_from(**options: object) -> Settings:
    """The settings of the environment, with a command's options over them.

    Options go through the environment, so that the processes which `serve` starts have them too.
    """
    from scanservice.settings import PREFIX, Settings

    for name, value in options.items():
        if value is not None:
            os.environ[PREFIX + name.upper()] = str(value)
    try:
        return Settings()  # type: ignore[call-arg]
    except ValidationError as error:
        raise InputError("settings-invalid", "settings", pydantic_problems(error)) from None


@contextmanager
def _refusals_as_lines() -> Iterator[None]:
    try:
        yield
    except RefusedError as refused:
        typer.echo(f"scanservice: {refused.kind}: {refused.detail}", err=True)
        raise typer.Exit(2) from None


Port = Annotated[int | None, typer.Option(help="Port to listen on; by default 8000.")]
Host = Annotated[str | None, typer.Option(help="Address to listen on; by default 127.0.0.1.")]
Data = Annotated[Path | None, typer.Option(help="Folder of database and pictures; by default var.")]
Workers = Annotated[int | None, typer.Option(min=0, help="Processes that check; by default one a core.")]
Folder = Annotated[Path | None, typer.Option(help="Folder of template packages.")]


def serve(
    host: Host = None, port: Port = None, workers: Workers = None, data: Data = None, templates: Folder = None
) -> None:
    """Serve API and pages, with workers beside, until Ctrl-C."""
    from scanservice.web.serve import serve as run

    run(settings_from(host=host, port=port, workers=workers, data=data, templates=templates))


def worker(workers: Workers = None, data: Data = None, templates: Folder = None) -> None:
    """Work on the queue of a service that other processes serve."""
    from scanservice.service import commands

    commands.worker(settings_from(workers=workers, data=data, templates=templates))


def doctor() -> None:
    """Say what is installed, what is missing, and how to get it. Leaves with 1 where something is missing."""
    from scanservice.doctor import examine

    marks = {"ok": "✓", "missing": "✗", "optional": "–"}
    found = examine()
    for diagnosis in found:
        typer.echo(f"{marks[diagnosis.state]} {diagnosis.subject}: {diagnosis.detail}")
        if diagnosis.remedy:
            typer.echo(f"    → {diagnosis.remedy}")
    raise typer.Exit(1 if any(diagnosis.state == "missing" for diagnosis in found) else 0)


def demo(
    samples: Annotated[Path, typer.Option(help="Folder of sample scans.")] = Path("fixtures"),
    out: Annotated[Path, typer.Option(help="Where the pictures with findings go.")] = Path("out/demo"),
    port: Port = None,
    data: Data = None,
    leave: Annotated[
        bool, typer.Option("--leave", help="Stop the service when the samples are done.")
    ] = False,
) -> None:
    """Serve, and play the main system: upload sample scans, print their verdicts, keep the pictures."""
    from scanservice.demo import play

    play(settings_from(port=port, data=data), samples, out, leave=leave)


def migrate() -> None:
    """Bring the database's tables up to date."""
    from scanservice.service import commands

    typer.echo(f"tables at {commands.migrate(settings_from())}")


def backup(target: Annotated[Path, typer.Argument(metavar="FILE")]) -> None:
    """Save everything but the secret into one file, while the service runs."""
    from scanservice.service import commands

    typer.echo(commands.save_backup(settings_from(), target))


def restore(source: Annotated[Path, typer.Argument(metavar="FILE")]) -> None:
    """Load a backup into an empty installation."""
    from scanservice.service import commands

    typer.echo(commands.restore_backup(settings_from(), source))


@keys_app.command("create")
def keys_create(
    name: Annotated[str, typer.Argument(help="Whose key it is, for the list.")],
    scope: Annotated[list[str] | None, typer.Option(help=f"Of {', '.join(SCOPES)}; by default all.")] = None,
) -> None:
    """Make a key and print it, this once."""
    from scanservice.service import commands

    scopes: list[Scope] = [known for known in SCOPES if scope is None or known in scope]
    if unknown := set(scope or ()) - set(SCOPES):
        raise typer.BadParameter(f"no such scope: {', '.join(sorted(unknown))}")
    typer.echo(commands.create_key(settings_from(), name, scopes))


@keys_app.command("list")
def keys_list() -> None:
    """List the keys, without their secrets."""
    from scanservice.service import commands

    for key in commands.list_keys(settings_from()):
        typer.echo(key)


@keys_app.command("revoke")
def keys_revoke(key: Annotated[str, typer.Argument(metavar="ID")]) -> None:
    """End a key."""
    from scanservice.service import commands

    with _refusals_as_lines():
        commands.revoke_key(settings_from(), key)


@accounts_app.command("create")
def accounts_create(
    login: Annotated[str, typer.Argument()],
    role: Annotated[Role, typer.Option(help=f"One of {', '.join(get_args(Role))}.")] = "reviewer",
    password: Annotated[str, typer.Option(prompt=True, confirmation_prompt=True, hide_input=True)] = "",
) -> None:
    """Make a reviewer's account; asks for the password unless it is given."""
    from scanservice.service import commands

    with _refusals_as_lines():
        commands.create_account(settings_from(), login, password, role)


@accounts_app.command("list")
def accounts_list() -> None:
    """List the accounts."""
    from scanservice.service import commands

    for account in commands.list_accounts(settings_from()):
        typer.echo(account)


@accounts_app.command("change")
def accounts_change(
    login: Annotated[str, typer.Argument()],
    password: Annotated[str | None, typer.Option(help="A new password.")] = None,
    role: Annotated[Role | None, typer.Option(help="A new role.")] = None,
    disabled: Annotated[bool | None, typer.Option("--disable/--enable")] = None,
) -> None:
    """Change an account's password or role, or switch it off or on."""
    from scanservice.service import commands

    with _refusals_as_lines():
        commands.change_account(settings_from(), login, password=password, role=role, disabled=disabled)
