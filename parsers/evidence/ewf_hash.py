"""The hash that an E01 image stores of its disk, and whether the disk still has it.

The only importer of pyewf. libewf reads a damaged chunk as zeros and tells nobody: only this comparison shows
that an image is damaged inside.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyewf

from parsers.errors import EvidenceError
from parsers.evidence.image_access import library_errors, open_inside
from parsers.evidence.image_container import open_image
from parsers.evidence.image_files import with_its_files
from parsers.evidence.image_kind import ImageKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from parsers.evidence.image_access import ImageStream

_READ_SIZE: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class EwfVerification:
    """What an E01 image stores of its disk's bytes and what they are now; hashes are lower-case hex digits.

    ``stored_…`` is None where the image stores none, ``computed_…`` where not all bytes could be read. ``ok``
    only where the image stores a hash and every one that it stores is right; ``problem`` says what else is
    the case, or is None.
    """

    stored_md5: str | None
    stored_sha1: str | None
    computed_md5: str | None
    computed_sha1: str | None
    ok: bool
    problem: str | None


def ewf_segments(path: Path) -> tuple[Path, ...]:
    """Return the files of the E01 image that begins with ``path``, or ``path`` where they cannot be told."""
    path = with_its_files(path)
    try:
        with library_errors():
            return tuple(Path(each) for each in pyewf.glob(str(path)))
    except OSError:
        return (path,)


def verify_ewf(path: Path, on_bytes: Callable[[int], None]) -> EwfVerification:
    """Hash the whole disk that an E01 image keeps, whose first file is at ``path``.

    ``on_bytes`` is told of each block.
    Raises EvidenceError where the image cannot be opened, or is none.
    """
    image = open_image(path)
    if image.kind is not ImageKind.EWF:
        raise EvidenceError(str(path), f"is a {image.kind} image, which stores no hash", "Give an E01 image")
    stored_md5, stored_sha1 = _stored(image.path)
    try:
        md5, sha1 = _computed(open_inside(image.disk), on_bytes)
    except OSError as error:
        problem = f"not all of it can be read: {error.strerror}"
        return EwfVerification(stored_md5, stored_sha1, None, None, ok=False, problem=problem)
    difference = _difference({"MD5": (stored_md5, md5), "SHA-1": (stored_sha1, sha1)})
    return EwfVerification(stored_md5, stored_sha1, md5, sha1, difference is None, difference)


def _stored(path: Path) -> tuple[str | None, str | None]:
    try:
        with library_errors():
            image = pyewf.handle()
            image.open(pyewf.glob(str(path)))
            values: dict[str, str] = image.get_hash_values()
            image.close()
    except OSError as error:
        reason = f"its stored hashes cannot be read: {error.strerror}"
        raise EvidenceError(str(path), reason, "Copy the image again") from error
    lower = {name.upper(): value.lower() for name, value in values.items()}
    return lower.get("MD5"), lower.get("SHA1")


def _computed(disk: ImageStream, on_bytes: Callable[[int], None]) -> tuple[str, str]:
    # Both are what the format stores: they are compared, and protect nothing here.
    md5, sha1 = hashlib.md5(usedforsecurity=False), hashlib.sha1(usedforsecurity=False)
    while block := disk.read(_READ_SIZE):
        md5.update(block)
        sha1.update(block)
        on_bytes(len(block))
    return md5.hexdigest(), sha1.hexdigest()


def _difference(hashes: dict[str, tuple[str | None, str]]) -> str | None:
    wrong = [name for name, (stored, computed) in hashes.items() if stored not in {None, computed}]
    if wrong:
        names = " and ".join(wrong)
        return (
            f"its {names} is not what the image stores: it was damaged or changed, or has another's segment. "
            "Copy the image again or, if the original's is no other, acquire it again"
        )
    if all(stored is None for stored, _ in hashes.values()):
        return "it stores no hash, so that there is nothing to compare with"
    return None
