"""The command line: arguments in, exit code out; no decisions.

Results go to stdout, progress and errors to stderr. Exit codes: 0 done and all evidence was read, 1 failed,
2 wrong usage, 3 done but some evidence was damaged or unreadable, 10 findings (only with --fail-on-findings).
"""

from __future__ import annotations

import os
import signal
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final, NoReturn

import typer

from forensics import arguments, case_commands, terminal
from forensics.device_role import RoleError
from forensics.errors import ForensicsError, RuleError
from forensics.expected_digest import ExpectedDigestError
from forensics.report.signature import SigningError
from parsers.errors import EvidenceError, ParserError
from parsers.evtx.sweep import Reader

FAILED: Final = 1
USAGE: Final = 2
DAMAGED: Final = 3
FINDINGS: Final = 10

app = typer.Typer(
    name=terminal.PROGRAM,
    help="A timeline of RustDesk installs and persistence from Windows event logs and SYSTEM hives.",
    epilog="Example:  rustdesk-forensics analyze ./DC01 --output case",
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


class _Stopped(BaseException):
    """A signal asks the program to end; on its way out this has whatever was begun removed."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.code = 128 + number

    def __str__(self) -> str:
        return f"stopped by {signal.Signals(self.code - 128).name}; nothing unfinished is left"


class Format(StrEnum):
    """How ``query`` prints its rows."""

    TABLE = "table"
    CSV = "csv"
    JSONL = "jsonl"


def main() -> NoReturn:
    """Run the command line and leave with the contract's exit code, or 128 + the signal that ended it."""
    terminal.prepare()
    try:
        _obey_signals()
        code = app(sys.argv[1:] or ["--help"], prog_name=terminal.PROGRAM, standalone_mode=False)
    except typer.TyperException as error:
        terminal.say_wrong_usage(error)
        sys.exit(error.exit_code)
    except (
        *(RuleError, RoleError, SigningError, ExpectedDigestError),
        *(EvidenceError, arguments.UsageError),
    ) as error:
        _leave(error, USAGE)
    except (ForensicsError, ParserError) as error:
        _leave(error, FAILED)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        _leave(f"{where}{error.strerror or error}. Check that it is there and may be read", FAILED)
    except _Stopped as error:
        _leave(error, error.code)
    except Exception as error:  # noqa: BLE001 - whatever it is, it may hold what evidence says
        terminal.say_defect(error)
        sys.exit(FAILED)
    sys.exit((code or 0) if sys.argv[1:] else USAGE)


@app.command(
    epilog="Examples:  rustdesk-forensics analyze ./DC01 --output case   |   "
    "rustdesk-forensics analyze DC01=./dc01 FS02=./fs02 --output case --since 2026-03-01"
)
def analyze(
    evidence: Annotated[
        list[str],
        typer.Argument(
            help="Disk images, archives, folders, event logs or SYSTEM hives, each as PATH or NAME=PATH."
        ),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The case folder to write. It must not exist.")
    ],
    rule: Annotated[
        list[Path] | None, typer.Option(help="A KQL file of your own to run too. May be given several times.")
    ] = None,
    since: Annotated[str | None, typer.Option(help="Leave out of the timeline what was before, UTC.")] = None,
    until: Annotated[str | None, typer.Option(help="Leave out of the timeline what was after, UTC.")] = None,
    reader: Annotated[
        Reader, typer.Option(help="Which library decodes events; python is slow, for validation.")
    ] = Reader.RUST,
    workers: Annotated[
        int, typer.Option(min=1, help="How many processes read event logs.", show_default="one a processor")
    ] = os.cpu_count() or 1,
    no_recovered: Annotated[
        bool,
        typer.Option("--no-recovered", help="Leave out records from slack and from chunks without header."),
    ] = False,
    password: Annotated[
        str | None, typer.Option(help="What opens encrypted archives.", show_default=False)
    ] = None,
    bitlocker_key: Annotated[
        list[str] | None,
        typer.Option(help="A BitLocker recovery key or password. May be given several times."),
    ] = None,
    archive_limit: Annotated[
        int | None,
        typer.Option(min=1, metavar="GIB", help="Let one archive unpack to so many GiB; 512 unless given."),
    ] = None,
    window: Annotated[
        str, typer.Option(help="How far from a RustDesk finding context is told: 24h, 90m, 7d.")
    ] = "24h",
    role: Annotated[
        list[str] | None,
        typer.Option(
            metavar="HOST=ROLE",
            help="What a machine is: domain_controller, file_server, admin_workstation, server, workstation. "
            "May be given several times.",
        ),
    ] = None,
    assets: Annotated[
        Path | None, typer.Option(metavar="FILE.csv", help="The same as a CSV file: host,role.")
    ] = None,
    excel: Annotated[
        bool, typer.Option("--excel", help="Write timeline.excel.csv too, for spreadsheets; NOT VERBATIM.")
    ] = False,
    expand_rule_bag: Annotated[
        bool,
        typer.Option("--expand-rule-bag", help="Write each row of the shipped rule as often as it gives it."),
    ] = False,
    examiner: Annotated[str, typer.Option(help="Your name, for run.json.")] = "",
    exhibit: Annotated[str, typer.Option(help="The exhibit's reference, for run.json.")] = "",
    sign: Annotated[
        Path | None,
        typer.Option(metavar="KEY.pem", help="Sign SHA256SUMS with this Ed25519 key (PEM, PKCS #8)."),
    ] = None,
    sign_passphrase_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Its first line opens the key of --sign.")
    ] = None,
    timestamp_query: Annotated[
        bool,
        typer.Option("--timestamp-query", help="Write SHA256SUMS.tsq, an RFC 3161 request, for later."),
    ] = False,
    case_number: Annotated[str, typer.Option(help="The case's number, for run.json.")] = "",
    expect_sha256: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[NAME=]HEX",
            help="A digest that the evidence must have, or the file called NAME. May be given several times.",
        ),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an earlier case folder.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print no progress and no table.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
    fail_on_findings: Annotated[
        bool, typer.Option("--fail-on-findings", help="Exit with 10 where anything was found.")
    ] = False,
) -> None:
    """Read evidence and write a case folder: timeline, findings, context, limitations, digests.

    Evidence is opened for reading only and hashed before and after. Nothing is written outside --output.
    """
    from forensics import summary
    from forensics.colour import wants_colour
    from forensics.pipeline import analyze as run_analysis
    from forensics.progress import ProgressLine

    request = arguments.to_request(
        evidence=evidence,
        output=output,
        rules=rule or [],
        since=since,
        until=until,
        reader=reader,
        workers=workers,
        recover=not no_recovered,
        password=password,
        volume_keys=bitlocker_key or [],
        archive_limit=archive_limit,
        excel=excel,
        expand_rule_bag=expand_rule_bag,
        overwrite=overwrite,
        examiner=examiner,
        exhibit=exhibit,
        case_number=case_number,
        expected=expect_sha256 or [],
        window=window,
        roles=role or [],
        assets=assets,
        argv=sys.argv,
        sign=sign,
        sign_passphrase_file=sign_passphrase_file,
        timestamp_query=timestamp_query,
    )
    with ProgressLine(sys.stderr, show=not quiet) as line:
        case = run_analysis(request, line.of_bytes, line.of_rules, line.of_records)
    if as_json:
        typer.echo(summary.as_json(case))
    elif not quiet:
        colour = wants_colour(sys.stdout)
        typer.echo(summary.as_text(case, colour=colour), nl=False, color=colour)
    summary.warn(case.analysis)
    found = fail_on_findings and bool(case.analysis.rows)
    raise typer.Exit(
        _code(complete=case.analysis.read.complete, changed=bool(case.analysis.changed), found=found)
    )


@app.command(epilog="Example:  rustdesk-forensics rules")
def rules() -> None:
    """List the shipped rules: what each asks, how it is rated, and what it cannot see."""
    from forensics import summary

    typer.echo(summary.rules_text(), nl=False)


@app.command(
    epilog="Example:  rustdesk-forensics query ./DC01 "
    "'DeviceEvents | where ActionType == \"ServiceInstalled\"'"
)
def query(
    source: Annotated[Path, typer.Argument(help="A case folder, or evidence as for analyze.")],
    kql: Annotated[str, typer.Argument(help="The query, in KQL.")],
    form: Annotated[Format, typer.Option("--format", help="How to print the rows.")] = Format.TABLE,
    password: Annotated[
        str | None, typer.Option(help="What opens encrypted archives.", show_default=False)
    ] = None,
    bitlocker_key: Annotated[
        list[str] | None,
        typer.Option(help="A BitLocker recovery key or password. May be given several times."),
    ] = None,
) -> None:
    """Ask the event tables in KQL.

    They are DeviceProcessEvents, DeviceImageLoadEvents, DeviceRegistryEvents, DeviceFileEvents,
    DeviceNetworkEvents, DeviceLogonEvents, DeviceEvents and DeviceInfo.
    """
    from forensics import query as asking

    keys = arguments.to_volume_keys(bitlocker_key or [])
    complete = asking.print_rows(source, kql, form.value, sys.stdout, password=password, keys=keys)
    raise typer.Exit(_code(complete=complete, changed=False, found=False))


case_commands.register(app)


def _obey_signals() -> None:
    """End in order where a signal asks for it, unless who started the program wants it ignored."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):  # the last is unknown to Windows
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _stop)


def _stop(number: int, _frame: object) -> NoReturn:
    signal.signal(number, signal.SIG_IGN)  # a second one would interrupt the removal
    raise _Stopped(number)


def _code(*, complete: bool, changed: bool, found: bool) -> int:
    if changed:
        return FAILED
    if not complete:
        return DAMAGED
    return FINDINGS if found else 0


def _leave(error: object, code: int) -> NoReturn:
    terminal.say_error(error)
    sys.exit(code)
