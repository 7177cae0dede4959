"""Artifacts in archives: zip, 7z and tar, as collectors write them and as attackers may.

Nothing is unpacked but artifacts, and these into a spool; everything else is read as far as it takes to
tell what it is. Names in an archive never become names on disk. An archive in an archive is spooled while
it is searched.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from parsers.errors import EvidenceError
from parsers.evidence.archive_kind import ArchiveKind, archive_kind
from parsers.evidence.archive_limits import ArchiveLimitReached, ArchiveLimits, Budget, MemberLimitReached
from parsers.evidence.archive_member import (
    ArchiveUnopenable,
    Member,
    MemberDamaged,
    MemberRefused,
    MemberUnreadable,
    Trouble,
    tell,
)
from parsers.evidence.archive_stream import READ_SIZE, ArchiveStream, read_fully
from parsers.evidence.artifact_kind import HEAD_SIZE, tell_kind
from parsers.evidence.found import Found, FoundFile, Unreadable
from parsers.evidence.image_kind import IMAGE_HEAD_SIZE
from parsers.evidence.image_member import image_in_archive
from parsers.evidence.known_formats import known_format
from parsers.evidence.member_path import to_member_path
from parsers.evidence.refusals import Refusals
from parsers.evidence.seven_zip import seven_zip_members
from parsers.evidence.tar_archive import tar_members
from parsers.evidence.zip_archive import zip_members

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parsers.evidence.archive_stream import Readable
    from parsers.evidence.source import ArtifactKind, ByteSource
    from parsers.evidence.spool import Spool, SpoolFile

__all__ = ["ArchiveKind", "archive_kind", "find_in_archive"]

_REMEDY: Final = "Give a zip, a 7z, or a tar (plain, gzip, bzip2, xz, Zstandard)"


def find_in_archive(
    archive: Path | ByteSource, spool: Spool, limits: ArchiveLimits, password: str | None, inside: str = ""
) -> Iterator[Found]:
    """Give the artifacts of ``archive`` in its own order, and what of it could not be read.

    ``inside`` is the archive's own path where it is itself a part of an evidence: it is put before every
    path. What concerns the archive as a whole has the archive's path, or else its name. A found file is
    good until ``spool`` is closed. Its bytes are all that were packed, with the right checksum where the
    format has one; of a damaged member nothing is given.

    Raises EvidenceError where nothing of the archive can be read, and OSError where the spool cannot be
    written.
    """
    name = inside or (archive.name if isinstance(archive, Path) else "archive")
    where = str(archive) if isinstance(archive, Path) else name
    with _errors_of(where):
        raw = archive.open("rb") if isinstance(archive, Path) else archive.open_()
    with raw:
        with _errors_of(where):
            stream = ArchiveStream(raw)
            kind = archive_kind(read_fully(stream, READ_SIZE), name)
            stream.seek(0)
        if kind is None:
            raise EvidenceError(where, "is no archive of a kind that is read", _REMEDY)
        search = _Search(spool, Budget(limits), password or None, spool.held)
        try:
            yield from search.find(_Archive(stream, kind, name, f"{inside}/" if inside else "", 0))
        except ArchiveUnopenable as error:
            raise EvidenceError(where, error.reason, error.remedy) from error


@contextmanager
def _errors_of(where: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise EvidenceError(
            where, f"cannot be read: {tell(error)}", "Check the file and its permissions"
        ) from error


@dataclass(frozen=True, slots=True)
class _Archive:
    """An archive that is being searched. ``prefix`` comes before the paths of its members."""

    stream: ArchiveStream
    kind: ArchiveKind
    path: str
    prefix: str
    depth: int
    refusals: Refusals = field(default_factory=Refusals)


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A member that is being looked at. ``read_before`` is where the archive's count of bytes read stood."""

    member: Member
    path: str
    leads_outside: bool
    archive: _Archive
    read_before: int

    @property
    def name(self) -> str:
        return self.path.rsplit("/", 1)[-1]


@dataclass(slots=True)
class _Search:
    """The search of one archive, with the archives in it."""

    spool: Spool
    budget: Budget
    password: str | None
    held_before: int
    paths: set[str] = field(default_factory=set)

    def find(self, archive: _Archive) -> Iterator[Found]:
        """Give what is found. Raises ArchiveUnopenable where nothing can be read."""
        try:
            for each in self._members(archive):
                if isinstance(each, Member):
                    yield from self._look_at(each, archive)
                else:
                    path = (
                        archive.path if each.name is None else archive.prefix + to_member_path(each.name).path
                    )
                    yield Unreadable(path, each.reason)
        except ArchiveLimitReached as limit:
            yield Unreadable(archive.path, f"{limit.reason}. What was found before is kept")
        yield from archive.refusals

    def _members(self, archive: _Archive) -> Iterator[Member | Trouble]:
        match archive.kind:
            case ArchiveKind.ZIP:
                return zip_members(archive.stream, self.budget, self.password)
            case ArchiveKind.SEVEN_ZIP:
                return seven_zip_members(archive.stream, self.budget, self.password)
            case _:
                return tar_members(archive.stream, archive.kind, self.budget)

    def _look_at(self, member: Member, archive: _Archive) -> Iterator[Found]:
        path, leads_outside = to_member_path(member.name)
        candidate = _Candidate(
            member, archive.prefix + path, leads_outside, archive, archive.stream.bytes_read
        )
        try:
            yield from self._read(candidate)
        except MemberRefused as refused:
            archive.refusals.add(candidate.path, refused.reason)
        except (MemberUnreadable, MemberLimitReached) as error:
            yield Unreadable(candidate.path, error.reason)

    def _read(self, candidate: _Candidate) -> Iterator[Found]:
        member = candidate.member
        if member.link is not None:
            if tell_kind(candidate.name, b"", candidate.path) is not None:
                yield Unreadable(candidate.path, f"is {member.link}, and holds nothing itself")
            return
        reader = member.open_()
        head = read_fully(reader, IMAGE_HEAD_SIZE)
        if kind := tell_kind(candidate.name, head[:HEAD_SIZE], candidate.path):
            yield from self._keep(candidate, kind, reader, head)
        elif known := known_format(candidate.name, head, member.size):
            yield Unreadable(candidate.path, known.reason, known.remedy)
        elif nested := archive_kind(head, candidate.name):
            yield from self._descend(candidate, nested, reader, head)
        elif image := image_in_archive(candidate.name, head, member.size):
            if image.is_later:
                raise MemberRefused(f"{image.reason}. {image.remedy}")
            yield Unreadable(candidate.path, image.reason, image.remedy)

    def _keep(
        self, candidate: _Candidate, kind: ArtifactKind, reader: Readable, head: bytes
    ) -> Iterator[Found]:
        with self.spool.new_file() as file:
            self._copy(candidate, reader, head, file)
            source = file.keep()
        path = self._unique(candidate.path)
        yield FoundFile(path, kind, source)
        if path != candidate.path:
            yield Unreadable(path, f"is a later member of the name '{candidate.path}'. Each of them is read")
        if candidate.leads_outside:
            name = candidate.member.name
            yield Unreadable(
                path, f"is called '{name}', which leads out of the archive. It is read under this path"
            )

    def _descend(
        self, candidate: _Candidate, kind: ArchiveKind, reader: Readable, head: bytes
    ) -> Iterator[Found]:
        depth = candidate.archive.depth + 1
        if depth > self.budget.limits.depth:
            remedy = "Unpack it and give what it holds"
            yield Unreadable(
                candidate.path, f"is an archive {depth} levels deep, which is not opened. {remedy}"
            )
            return
        with self.spool.new_file() as file:
            self._copy(candidate, reader, head, file)
            with file.finish().open_() as raw:
                inner = _Archive(ArchiveStream(raw), kind, candidate.path, f"{candidate.path}/", depth)
                try:
                    yield from self.find(inner)
                except ArchiveUnopenable as error:
                    yield Unreadable(candidate.path, f"{error.reason}. {error.remedy}")

    def _copy(self, candidate: _Candidate, reader: Readable, head: bytes, file: SpoolFile) -> None:
        """Write all bytes of the member. Raises MemberUnreadable, LimitReached, and OSError on writing."""
        stream, said = candidate.archive.stream, candidate.member.size
        self._check(said, said, said)
        size, block = 0, head
        while block:
            size += len(block)
            self._check(size, stream.bytes_read - candidate.read_before, len(block))
            file.write(block)
            block = reader.read(READ_SIZE)
        if size != said:
            raise MemberDamaged(f"holds {size:,} bytes where the archive says {said:,}")

    def _check(self, size: int, packed: int, coming: int) -> None:
        self.budget.check_member(size, packed)
        self.budget.check_spooled(self.spool.held - self.held_before + coming)

    def _unique(self, path: str) -> str:
        """Return ``path``, or it with a number where a file was found there before."""
        unique, count = path, 1
        while unique in self.paths:
            count += 1
            unique = f"{path} ({count})"
        self.paths.add(unique)
        return unique
