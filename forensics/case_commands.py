"""The commands about a case folder that is there: ``verify`` and ``show``. Arguments in, exit code out."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from forensics import arguments
from forensics.report.verbatim import escape

if TYPE_CHECKING:
    from collections.abc import Callable

DIFFERS: Final = 1


class ShowFormat(StrEnum):
    """How ``show`` prints a record."""

    TEXT = "text"
    JSON = "json"


_Evidence = Annotated[
    list[str] | None,
    typer.Option(metavar="[NAME=]PATH", help="Evidence of the case. May be given several times."),
]
_Password = Annotated[str | None, typer.Option(help="What opens encrypted archives.", show_default=False)]
_Keys = Annotated[
    list[str] | None,
    typer.Option(help="A BitLocker recovery key or password. May be given several times."),
]


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    for command, example in _COMMANDS:
        app.command(epilog=f"Example:  rustdesk-forensics {example}")(command)


def verify(
    case: Annotated[Path, typer.Argument(metavar="DIR", help="The case folder.")],
    evidence: _Evidence = None,
    rederive: Annotated[
        bool, typer.Option("--rederive", help="Analyze the evidence again and compare every file.")
    ] = False,
    work: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Where to keep files meanwhile; the system's folder unless given."),
    ] = None,
    manifest_sha256: Annotated[
        str | None, typer.Option(metavar="HEX", help="The digest of SHA256SUMS in your notes.")
    ] = None,
    public_key: Annotated[
        Path | None, typer.Option(metavar="KEY.pem", help="Whose signature it must be.")
    ] = None,
    workers: Annotated[
        int, typer.Option(min=1, help="How many processes read event logs.", show_default="one a processor")
    ] = os.cpu_count() or 1,
    password: _Password = None,
    bitlocker_key: _Keys = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the checks as JSON.")] = False,
) -> None:
    """Check that a case folder is as it was made, and with --evidence that the evidence is too.

    Exit code 0 where everything holds, 1 where anything differs, 2 for wrong usage.
    """
    from forensics import verification

    request = verification.VerifyRequest(
        case=case,
        evidence=arguments.to_named_evidence(evidence or []),
        rederive=rederive,
        work=work,
        expected=manifest_sha256,
        public_key=public_key,
        password=password,
        keys=arguments.to_volume_keys(bitlocker_key or []),
        workers=workers,
    )
    found = verification.verify(request)
    typer.echo(f"{found.to_json()}\n" if as_json else found.to_text(), nl=False)
    raise typer.Exit(0 if found.ok else DIFFERS)


def show(
    case: Annotated[Path, typer.Argument(metavar="DIR", help="The case folder.")],
    row: Annotated[int, typer.Argument(metavar="ROW", min=1, help="The row's number in the timeline.")],
    evidence: _Evidence = None,
    form: Annotated[ShowFormat, typer.Option("--format", help="How to print it.")] = ShowFormat.TEXT,
    password: _Password = None,
    bitlocker_key: _Keys = None,
) -> None:
    """Show the record behind a row: both readers' views, its bytes, and how to find it with other tools.

    The evidence is looked for where run.json says that it was, unless it is given. Exit code 0, or 1 where it
    is not what was analyzed.
    """
    from forensics import show as showing

    request = showing.ShowRequest(
        case=case,
        row=row,
        evidence=arguments.to_named_evidence(evidence or []),
        password=password,
        keys=arguments.to_volume_keys(bitlocker_key or []),
    )
    shown = showing.show(request)
    typer.echo(f"{shown.to_json()}\n" if form is ShowFormat.JSON else shown.to_text(), nl=False)
    for warning in shown.warnings:
        typer.echo(f"rustdesk-forensics: {escape(warning)}", err=True)
    raise typer.Exit(DIFFERS if shown.warnings else 0)


_COMMANDS: tuple[tuple[Callable[..., None], str], ...] = (
    (verify, "verify case --evidence DC01=./DC01 --rederive"),
    (show, "show case 17 --evidence DC01=./DC01"),
)
