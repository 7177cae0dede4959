"""The case folder: written beside its place under another name, and put there in one step when it is whole.

Nothing that a run leaves unfinished can be taken for a result, and nothing but an earlier case folder is
ever replaced.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self, TextIO

from forensics.errors import ForensicsError
from forensics.report.manifest import MANIFEST_NAME, find_unlisted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import TracebackType

RUN_NAME: Final = "run.json"

_ELSEWHERE: Final = "Name another --output"
_REMEDIES: Final = {
    errno.ENOSPC: "Free space there, or name an --output on a larger disk",
    errno.EDQUOT: "Free space within the quota, or name an --output outside it",
    errno.EFBIG: "Name an --output on a file system that takes larger files",
    errno.EROFS: "Name an --output on a disk that can be written",
    errno.EACCES: "Allow writing there, or name another --output",
    errno.EPERM: "Allow writing there, or name another --output",
    errno.ENAMETOOLONG: "Give --output a shorter name",
}
_ONLY_WRITING: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS})
"""What reading evidence cannot cause: an error with such a number is one of writing, whatever it names."""


class OutputError(ForensicsError):
    """The output at ``path`` cannot be written; ``reason`` says why, ``remedy`` what to do."""

    def __init__(self, path: str, reason: str, remedy: str) -> None:
        super().__init__(path, reason, remedy)
        self.path = path
        self.reason = reason
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}. {self.remedy}"


class CaseFolder:
    """A context in which a case folder is written: at ``path`` inside it, at ``output`` after it.

    Left without an exception, all is synced to the disk and renamed to ``output`` at once; an earlier case
    folder is moved aside first and removed last. Left with any exception, what was written is removed and
    ``output`` is as it was. Folders above ``output`` are made.

    Entering raises OutputError where ``output`` is a file, a mount point, or a folder with something in it,
    unless ``overwrite`` is given and it is a case folder with nothing in it but what its SHA256SUMS lists;
    and where it lies in one of the ``evidence`` paths or one of them in it. An OSError from writing comes
    out as OutputError; one from anything else, such as evidence, comes out as it is.
    """

    def __init__(self, output: Path, *, evidence: Sequence[Path] = (), overwrite: bool = False) -> None:
        self.output = Path(os.path.realpath(output))
        self.path = self._sibling("partial")
        self._evidence = tuple(evidence)
        self._overwrite = overwrite

    def __enter__(self) -> Self:
        try:
            self._refuse_evidence()
            self._refuse_existing()
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.mkdir()
        except OSError as error:
            raise self._output_error(error, self.output) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self._finish()
            return
        outcome = error
        if isinstance(error, OSError) and self._is_of_output(error):
            outcome = self._output_error(error, self.output)
        self._discard(outcome)
        if outcome is not error:
            raise outcome from error

    @contextmanager
    def writing(self, name: str) -> Iterator[Path]:
        """Give the path at which to write ``name``, with ``/`` between folders, which are made.

        An OSError inside the context becomes an OutputError, unless it names a file elsewhere.
        """
        try:
            path = self.path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            yield path
        except OSError as error:
            if error.filename is not None and not self._is_of_output(error):
                raise
            raise self._output_error(error, self.output / name) from error

    @contextmanager
    def open_text(self, name: str) -> Iterator[TextIO]:
        """Open the new file ``name`` for text: UTF-8, line ends as they are written."""
        with self.writing(name) as path, path.open("x", encoding="utf-8", newline="") as stream:
            yield stream

    def _sibling(self, purpose: str) -> Path:
        return self.output.parent / f".{self.output.name}.{purpose}-{secrets.token_hex(4)}"

    def _refuse_evidence(self) -> None:
        for evidence in self._evidence:
            resolved = Path(os.path.realpath(evidence))
            if _is_inside(self.output, resolved):
                raise self._refusal(f"it lies in the evidence {evidence}, which is never written to")
            if _is_inside(resolved, self.output):
                raise self._refusal(f"the evidence {evidence} lies in it, and is never written to")

    def _refuse_existing(self) -> None:
        if not os.path.lexists(self.output):
            return
        if not self.output.is_dir():
            raise self._refusal("it is a file, and the output is a folder")
        if self.output.is_mount():
            raise self._refusal("it is a mount point, which cannot be replaced", "Name a folder inside it")
        if any(self.output.iterdir()):
            self._refuse_unless_replaceable()

    def _refuse_unless_replaceable(self) -> None:
        if not _is_case_folder(self.output):
            reason = f"it holds something, and is no case folder (no {RUN_NAME} and {MANIFEST_NAME} in it)"
            raise self._refusal(reason, f"{_ELSEWHERE}; --overwrite replaces case folders only")
        if not self._overwrite:
            raise self._refusal("there is a case folder already", f"{_ELSEWHERE}, or give --overwrite")
        if unlisted := find_unlisted(self.output):
            reason = f"it holds what its {MANIFEST_NAME} does not list: {', '.join(unlisted)}"
            raise self._refusal(reason, "Move that elsewhere first, or name another --output")

    def _refusal(self, reason: str, remedy: str = _ELSEWHERE) -> OutputError:
        return OutputError(str(self.output), reason, remedy)

    def _finish(self) -> None:
        try:
            self._put_in_place()
        except OSError as error:
            outcome = self._output_error(error, self.output)
            self._discard(outcome)
            raise outcome from error
        except BaseException as error:
            self._discard(error)
            raise

    def _put_in_place(self) -> None:
        _sync(self.path)
        self._refuse_existing()  # once more: hours may have passed
        if not self.output.exists():
            self.path.rename(self.output)
        else:
            self._replace()
        _sync_folder(self.output.parent)

    def _replace(self) -> None:
        aside = self._sibling("replaced")
        self.output.rename(aside)
        try:
            self.path.rename(self.output)
        except BaseException:
            aside.rename(self.output)
            raise
        try:
            shutil.rmtree(aside)
        except OSError as error:
            reason = f"the new case folder stands, but the one it replaced could not be removed: {error}"
            raise OutputError(str(aside), reason, "Remove it by hand") from error

    def _discard(self, outcome: BaseException) -> None:
        """Remove what was written; where that fails, the exception on its way out says so."""
        try:
            if self.path.exists():
                shutil.rmtree(self.path)
        except OSError as error:
            outcome.add_note(f"{self.path}: what was written could not be removed: {error}")

    def _is_of_output(self, error: OSError) -> bool:
        path = _named(error)
        inside = path is not None and any(path.is_relative_to(each) for each in (self.path, self.output))
        return inside or error.errno in _ONLY_WRITING

    def _output_error(self, error: OSError, writing: Path) -> OutputError:
        path = _named(error) or writing
        if path.is_relative_to(self.path):
            path = self.output / path.relative_to(self.path)
        remedy = _REMEDIES.get(error.errno or 0, _ELSEWHERE)
        return OutputError(str(path), error.strerror or str(error), remedy)


def _named(error: OSError) -> Path | None:
    return Path(os.fsdecode(error.filename)) if isinstance(error.filename, str | bytes) else None


def _is_case_folder(folder: Path) -> bool:
    files = (folder / RUN_NAME, folder / MANIFEST_NAME)
    return all(each.is_file() and not each.is_symlink() for each in files)


def _is_inside(inner: Path, outer: Path) -> bool:
    return any(_is_same(each, outer) for each in (inner, *inner.parents))


def _is_same(one: Path, other: Path) -> bool:
    """Whether both are one file, whatever it is called on a disk that ignores case."""
    try:
        return one == other or one.samefile(other)
    except OSError:  # what does not exist, or cannot be seen, is no other name of something
        return False


def _sync(folder: Path) -> None:
    for each in folder.iterdir():
        if each.is_dir():
            _sync(each)
        else:
            with each.open("rb+") as stream:
                os.fsync(stream.fileno())
    _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # Windows has no handle of a folder that could be synced
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
