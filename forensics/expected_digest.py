"""Digests that the examiner expects of the evidence: compared before any of it is parsed.

An expectation is of a file: of an evidence by its label or its file's name, or of what lies in an evidence by
its path there or its own name. Without a name it is of a file on the examiner's disk: an evidence that is one
file, a part of an image, or a file of a folder.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from forensics.errors import ForensicsError
from parsers.evidence.source import FileSource

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from forensics.request import NamedEvidence
    from parsers.evidence.evidence import Evidence, HashedFile

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_REMEDY: Final = "Check that this is the right file, copied whole; nothing of it was parsed"
_MOST_NAMED: Final = 3


class ExpectedDigestError(ForensicsError):
    """An expected digest is none; the message says what to write instead."""


class DigestMismatch(ForensicsError):  # noqa: N818 - says what was found, not that something erred
    """Evidence does not have the digest that is expected of it; the message has both."""


@dataclass(frozen=True, slots=True)
class ExpectedDigest:
    """A SHA-256, 64 lower-case hex digits, that the file called ``name`` must have; ``""`` is any one."""

    sha256: str
    name: str = ""


class HashedName(NamedTuple):
    """One file whose digest is known: all names that it may be called by, and how messages call it.

    ``on_disk`` is false for what lies in an archive or image.
    """

    evidence_id: str
    path: str
    names: frozenset[str]
    sha256: str
    on_disk: bool


class Matched(NamedTuple):
    """An expectation and the files that meet it."""

    expected: ExpectedDigest
    files: tuple[HashedName, ...]


def parse_expected(text: str) -> ExpectedDigest:
    """Return ``[NAME=]HEX`` as an expectation. Raises ExpectedDigestError."""
    name, _, digest = text.rpartition("=")
    sha256 = digest.strip().lower()
    if not _DIGEST.fullmatch(sha256):
        reason = f"--expect-sha256 {text}: not a SHA-256, which has 64 hexadecimal digits"
        raise ExpectedDigestError(f"{reason}. Write [NAME=]HEX")
    return ExpectedDigest(sha256, name.strip())


def refuse_container(
    expected: Iterable[ExpectedDigest], named: NamedEvidence, files: Sequence[HashedFile], *, alone: bool
) -> None:
    """Raise DigestMismatch where an evidence that is one archive or image is not what is expected of it.

    ``files`` are its parts, ``alone`` says whether it is the only evidence. It is asked before anything that
    lies in it is looked for.
    """
    for each in expected:
        is_meant = each.name in {named.label, named.path.name} or (alone and not each.name)
        parts = [file for file in files if file.path.name == each.name] or (files if is_meant else [])
        if parts and not any(file.sha256 == each.sha256 for file in parts):
            raise _mismatch(each, [(file.path.name, file.sha256) for file in parts])


def match_digests(expected: Iterable[ExpectedDigest], evidence: Iterable[Evidence]) -> tuple[Matched, ...]:
    """Return which files meet each expectation. Raises DigestMismatch where none meets one."""
    files = [file for each in evidence for file in _hashed(each)]
    return tuple(Matched(each, _meeting(each, files)) for each in expected)


def _meeting(expected: ExpectedDigest, files: Sequence[HashedName]) -> tuple[HashedName, ...]:
    called = [file for file in files if (expected.name in file.names if expected.name else file.on_disk)]
    if not called:
        nothing = (
            f"nothing in the evidence is called {expected.name}" if expected.name else "no file is on disk"
        )
        raise DigestMismatch(
            f"{nothing}, and a SHA-256 of {expected.sha256} was expected of it. Check the name"
        )
    meeting = tuple(file for file in called if file.sha256 == expected.sha256)
    if not meeting:
        raise _mismatch(expected, [(file.path, file.sha256) for file in called])
    return meeting


def _mismatch(expected: ExpectedDigest, files: Sequence[tuple[str, str]]) -> DigestMismatch:
    """Return the refusal of ``files``, each a name with the digest that it has."""
    told = "; ".join(f"{name} has the SHA-256 {sha256}" for name, sha256 in files[:_MOST_NAMED])
    more = f"; and {len(files) - _MOST_NAMED:,} more have others" if len(files) > _MOST_NAMED else ""
    return DigestMismatch(f"{told}{more}: {expected.sha256} was expected. {_REMEDY}")


def _hashed(evidence: Evidence) -> Iterator[HashedName]:
    """Give every file of an evidence whose digest is known."""
    evidence_id = evidence.evidence_id
    for container in evidence.containers:
        whole = {f"{evidence_id}/{container.path}", container.path} if container.path else {evidence_id}
        for file in container.files:
            names = frozenset({*whole, file.path.name})
            path = container.path or file.path.name
            yield HashedName(evidence_id, path, names, file.sha256, on_disk=True)
    is_file = not evidence.containers and [each.path for each in evidence.artifacts] == [evidence.path.name]
    for artifact in evidence.artifacts:
        names = frozenset(
            {
                artifact.path,
                f"{evidence_id}/{artifact.path}",
                artifact.path.rpartition("/")[2],
                *([evidence_id] if is_file else []),
            }
        )
        on_disk = isinstance(artifact.source, FileSource)
        yield HashedName(evidence_id, artifact.path, names, artifact.sha256, on_disk)
