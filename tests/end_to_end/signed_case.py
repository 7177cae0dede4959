"""A signed case of the domain controller, made with all that decides over its files, and ways to harm it."""

from __future__ import annotations

import json
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from typer.testing import CliRunner

from forensics.cli import app
from forensics.report.manifest import write_manifest
from tests.builders.signing_key import private_pem, public_pem
from tests.end_to_end.command_line import DC01, Run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.end_to_end.shared_folder import SharedFolder

RULE: Final = """\
DeviceProcessEvents // what café's technicians <U+0041> run\u202e
| where FileName =~ "netsh.exe"
| project Timestamp, DeviceId, ReportId, FileName
"""
ASSETS: Final = "host,role\nDC01,file_server\n"


def signed_case(shared: SharedFolder) -> Run:
    """Return the run that made it; key, rule and assets lie in the folder ``signing``."""
    folder = shared.once("signing", _make_inputs)
    return shared.analyzed(
        "signed",
        DC01,
        options=(
            *("--sign", folder / "key.pem", "--timestamp-query", "--rule", folder / "netsh.kql"),
            *("--since", "2025-09-16", "--until", "2025-09-17T12:00:00.1234567Z", "--window", "90m"),
            *("--assets", folder / "assets.csv", "--excel", "--expand-rule-bag", "--reader", "rust"),
        ),
    )


def copy_of(case: Path, folder: Path) -> Path:
    """Return a copy of a case folder that a test may harm."""
    return shutil.copytree(case, folder / "copy")


def verify(case: Path, *options: str | Path) -> Run:
    """Run ``verify`` inside this process, which is many times faster than a process of its own."""
    done = CliRunner().invoke(app, ["verify", str(case), *map(str, options)])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Run(done.exit_code, done.stdout, done.stderr, case)


def failed(run: Run) -> list[str]:
    """Return the lines of the checks that failed."""
    return [line for line in run.stdout.splitlines() if line.startswith("FAILED")]


@contextmanager
def harmed(path: Path, content: bytes) -> Iterator[None]:
    """Give ``path`` other bytes inside the context."""
    before = path.read_bytes()
    path.write_bytes(content)
    try:
        yield
    finally:
        path.write_bytes(before)


def listed_anew(case: Path) -> None:
    """Write SHA256SUMS as whoever changed a file would."""
    write_manifest(case)


def edit_run(case: Path, change: Any) -> None:  # noqa: ANN401 - a function of any document
    """Change run.json, and list it anew."""
    run = json.loads((case / "run.json").read_text("utf-8"))
    change(run)
    (case / "run.json").write_text(json.dumps(run), "utf-8")
    listed_anew(case)


def _make_inputs(folder: Path) -> None:
    key = private_pem()
    (folder / "key.pem").write_bytes(key)
    (folder / "public.pem").write_bytes(public_pem(key))
    (folder / "other.pem").write_bytes(public_pem(private_pem()))
    (folder / "netsh.kql").write_text(RULE, "utf-8")
    (folder / "netsh.toml").write_text('title = "Own"\nseverity = "low"\n', "utf-8")
    (folder / "assets.csv").write_text(ASSETS, "utf-8")
