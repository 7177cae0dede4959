"""What goes to the terminal beside results: streams made ready, errors in one line with the remedy."""

from __future__ import annotations

import logging
import sys
import traceback
import warnings
from io import TextIOWrapper
from typing import TYPE_CHECKING, Final

from forensics.report.verbatim import escape

if TYPE_CHECKING:
    import typer

PROGRAM: Final = "rustdesk-forensics"
_OF_A_LIBRARY: Final = "Value error, "
"""What the library that checks options writes before its reasons."""


def prepare() -> None:
    """Make the streams ready, and keep libraries from writing to them.

    Files and pipes get UTF-8 and plain line ends, whatever the locale; terminals keep what they have. What a
    library has to say of evidence is said by the program, escaped.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper) and stream.isatty():
            stream.reconfigure(errors="backslashreplace")
        elif isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")
    logging.getLogger().addHandler(logging.NullHandler())
    if not sys.warnoptions:
        warnings.simplefilter("ignore")


def say_error(error: object) -> None:
    """Say on stderr what went wrong, in a line, and in one more for each note that ``error`` carries."""
    for text in (str(error), *getattr(error, "__notes__", ())):
        sys.stderr.write(f"{PROGRAM}: {escape(text)}\n")


def say_wrong_usage(error: typer.TyperException) -> None:
    """Say on stderr what is wrong with the command line, and where it is told how it is written."""
    context = getattr(error, "ctx", None)
    command = PROGRAM if context is None else context.command_path
    reason = " ".join(error.format_message().split()).replace(_OF_A_LIBRARY, "").rstrip(".")
    end = "" if reason.endswith("?") else "."
    say_error(f"{reason[:1].lower()}{reason[1:]}{end} See {command} --help")


def say_defect(error: Exception) -> None:
    """Say on stderr that the program itself failed, and where: that should never be seen."""
    for text in traceback.format_exception(error):
        for line in text.splitlines():
            sys.stderr.write(f"{escape(line)}\n")
    told = f"{type(error).__name__}: {error}"
    say_error(f"this is a defect of the program: {told}. Nothing was written; report it with the lines above")
