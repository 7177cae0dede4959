"""Members of zip archives: stored and deflated, zip64, encrypted the classic way or with AES.

Layout: PKWARE's APPNOTE.TXT 6.3.10. The library reads the central directory and the members. Where the
directory is missing or damaged, as in an archive that was cut, the local headers in front of the members
are walked instead.
"""

from __future__ import annotations

import stat
from typing import IO, TYPE_CHECKING, Any, Final

import pyzipper  # type: ignore[import-untyped]  # it ships no types
from pyzipper.zipfile import compressor_names  # type: ignore[import-untyped]  # no types
from pyzipper.zipfile_aes import AESZipExtFile, AESZipInfo  # type: ignore[import-untyped]  # no types

from parsers.evidence.archive_limits import ArchiveLimitReached
from parsers.evidence.archive_member import (
    LOCKED,
    LOCKED_OTHERWISE,
    ArchiveUnopenable,
    Member,
    MemberDamaged,
    MemberRefused,
    Trouble,
    library_errors,
)
from parsers.evidence.zip_walk import LOCAL_SIGNATURE, CutMember, LocalHeader, walk_local_headers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parsers.evidence.archive_limits import Budget
    from parsers.evidence.archive_stream import ArchiveStream

_Info = Any  # the library has no types

_ENCRYPTED: Final = 1
_UTF8: Final = 1 << 11
_METHODS: Final = (0, 8)
"""Stored and deflated. Of others the library unpacks at once what it is fed, gigabytes from a few bytes."""
_REMEDY: Final = "Unpack the archive and give the folder"
_LINK: Final = "a link to another file"


def zip_members(stream: ArchiveStream, budget: Budget, password: str | None) -> Iterator[Member | Trouble]:
    """Give the files of a zip in the order of its central directory or, without that, as they lie in it.

    Raises ArchiveUnopenable where it has neither directory nor members, and ArchiveLimitReached.
    """
    infos: list[_Info] = []
    try:
        with library_errors():
            _read_directory(stream, budget, infos)
    except MemberDamaged as error:
        yield from _walk(stream, budget, password, f"its directory {error.reason}")
        return
    except ArchiveLimitReached:
        # The last one was only begun.
        yield from _members(stream, infos[:-1], budget, password)
        raise
    if _is_of_another(stream, infos):
        yield from _walk(stream, budget, password, "the directory at its end is that of an archive inside it")
        return
    yield from _members(stream, infos, budget, password)


def _is_of_another(stream: ArchiveStream, infos: list[_Info]) -> bool:
    """Whether a directory is not the archive's own: the member with which the archive begins is not in it.

    Where an archive is cut, the last directory that is left may be that of an archive stored inside.
    """
    stream.seek(0)
    begins_with_member = stream.read(len(LOCAL_SIGNATURE)) == LOCAL_SIGNATURE
    return begins_with_member and all(info.header_offset != 0 for info in infos)


def _members(
    stream: ArchiveStream, infos: list[_Info], budget: Budget, password: str | None
) -> Iterator[Member]:
    for info in infos:
        if not info.filename.endswith(("/", "\\")):
            yield _to_member(stream, info, _name(info), budget, password)


def _read_directory(stream: ArchiveStream, budget: Budget, infos: list[_Info]) -> None:
    """Append to ``infos`` what the central directory lists. The library alone would read any number."""

    class Counted(AESZipInfo):  # type: ignore[misc]  # the library has no types
        def __init__(self, name: str) -> None:
            super().__init__(name)
            infos.append(self)
            budget.count_member()

    class Directory(pyzipper.AESZipFile):  # type: ignore[misc]  # the library has no types
        zipinfo_cls = Counted

    Directory(stream).close()


def _walk(
    stream: ArchiveStream, budget: Budget, password: str | None, why: str
) -> Iterator[Member | Trouble]:
    found = 0
    for header in walk_local_headers(stream, budget):
        found += 1
        if isinstance(header, CutMember):
            yield Trouble("is cut off, or where it ends cannot be told. Nothing of it is read", header.name)
        elif not header.name.endswith("/"):
            with library_errors():
                info = _to_info(header)
            yield _to_member(stream, info, header.name, budget, password)
    if not found:
        raise ArchiveUnopenable(f"is no whole zip archive: {why}", "Check that it was copied to its end")
    yield Trouble(
        f"is cut off or damaged: {why}. Its members were found by walking from one to the next; whether more "
        "belonged to it cannot be told. Compare its size or digest with the original's"
    )


def _to_info(header: LocalHeader) -> _Info:
    """Return what the central directory would have said of the member behind ``header``."""
    # The library compares names byte by byte, in the code page that knows all bytes.
    info = AESZipInfo(header.raw_name.decode("cp437"))
    info.flag_bits = header.flags & ~_UTF8
    info.compress_type = header.method
    info.CRC, info.compress_size, info.file_size = header.crc, header.packed_size, header.size
    info.header_offset = header.offset
    info._raw_time = header.time  # noqa: SLF001 - classic encryption checks the password by it
    decoders = info.get_extra_decoders()
    for tag, field in header.extra_fields:
        # Of zip64 the walk has taken the sizes already.
        if tag in decoders and tag != 1:
            decoders[tag](len(field) - 4, field)
    return info


def _to_member(
    stream: ArchiveStream,
    info: _Info,
    name: str,
    budget: Budget,
    password: str | None,
) -> Member:
    link = _LINK if stat.S_ISLNK(info.external_attr >> 16) else None
    return Member(name, info.file_size, lambda: _ZipReader(stream, info, budget, password), link)


def _name(info: _Info) -> str:
    """Return a member's name. Many programs write UTF-8 and do not say so."""
    name: str = info.filename
    if info.flag_bits & _UTF8 or name.isascii():
        return name
    try:
        return name.encode("cp437").decode("utf-8")
    except UnicodeError:
        return name


class _ZipReader:
    """Reads one member. Raises MemberRefused if it is locked or packed in an unknown way; MemberDamaged."""

    def __init__(self, stream: ArchiveStream, info: _Info, budget: Budget, password: str | None) -> None:
        self._budget = budget
        self._encrypted = bool(info.flag_bits & _ENCRYPTED)
        if self._encrypted and not password:
            raise MemberRefused(LOCKED)
        if info.compress_type not in _METHODS:
            method = compressor_names.get(info.compress_type, f"method {info.compress_type}")
            raise MemberRefused(f"is packed in a way that is not read, {method}. {_REMEDY}")
        with library_errors():
            stream.seek(info.header_offset)
            self._file = _open(stream, info, password)

    def read(self, size: int, /) -> bytes:
        try:
            with library_errors():
                block: bytes = self._file.read(size)
        except MemberDamaged as error:
            doubt = ", or the password is wrong" if self._encrypted else ""
            raise MemberDamaged(error.reason + doubt) from error
        self._budget.count_decompressed(len(block))
        return block


def _open(stream: ArchiveStream, info: _Info, password: str | None) -> IO[bytes]:
    try:
        secret = password.encode("utf-8", "surrogateescape") if password else None
        file: IO[bytes] = AESZipExtFile(stream, "r", info, pwd=secret)
    except NotImplementedError as error:
        raise MemberRefused(f"is packed in a way that is not read, {error}. {_REMEDY}") from error
    except RuntimeError as error:
        if "password" not in str(error):
            raise
        raise MemberRefused(LOCKED_OTHERWISE) from error
    return file
