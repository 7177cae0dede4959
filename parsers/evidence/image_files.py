"""Which files on the disk make up one image, which of them are missing, and where a link to one leads."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from parsers.evidence.image_kind import segment_number

if TYPE_CHECKING:
    from collections.abc import Iterator

_SPLIT: Final = re.compile(r"(.*\.)(\d{2,4})")
_EWF: Final = re.compile(r"(.*\.(?:E|Ex|s))(\d\d|[A-Z]{2})", re.IGNORECASE)
_MOST_NUMBERED_EWF: Final = 99
_HEAD: Final = 16
_PART: Final = re.compile(
    r"\.(?:\d{2,4}|(?:E|Ex|s)(?:\d\d|[A-Z]{2}))|-(?:flat|[sf]\d{3}|\d{6}.*)\.vmdk", re.IGNORECASE
)


def with_its_files(path: Path) -> Path:
    """Return the first file ``path`` of an image or, of a link, where it leads if more parts lie there.

    A folder of links to every part, with names of their own, stays as it is.
    """
    if not path.is_symlink():
        return path
    target = Path(os.path.realpath(path))
    return target if _count_parts(target) > _count_parts(path) else path


def split_files(path: Path) -> tuple[Path, ...]:
    """Return the files of a split raw image, ``.001``, ``.002`` …, up to the first that is missing."""
    match = _SPLIT.fullmatch(path.name)
    if match is None or int(match[2]) > 1:
        return (path,)
    number, found = int(match[2]), [path]
    while (following := path.with_name(f"{match[1]}{number + len(found):0{len(match[2])}d}")).is_file():
        found.append(following)
    return tuple(found)


def gaps_in_split(path: Path) -> tuple[str, ...]:
    """Return the names of the files that are missing between those of a split raw image."""
    match = _SPLIT.fullmatch(path.name)
    if match is None:
        return ()
    numbers = {
        int(found[2])
        for each in path.parent.iterdir()
        if (found := _SPLIT.fullmatch(each.name)) and found[1] == match[1] and len(found[2]) == len(match[2])
    }
    return tuple(
        f"{match[1]}{number:0{len(match[2])}d}"
        for number in range(int(match[2]), max(numbers, default=0))
        if number not in numbers
    )


def ewf_parts(path: Path) -> str:
    """Say which segments of the E01 image at ``path`` are here, and which are not."""
    segments = sorted(_segments(path))
    here = ", ".join(name for _, name in segments)
    numbers = {number for number, _ in segments if number is not None}
    missing = [number for number in range(1, max(numbers, default=0)) if number not in numbers]
    if missing:
        names = ", ".join(_segment_name(path, number) for number in missing)
        verb = "is" if len(missing) == 1 else "are"
        return (
            f"Of its segments {here} are here, and {names} {verb} missing: put the missing beside the others"
        )
    return f"Of its segments {here} are here: look for one that is missing behind them, or for one cut short"


def _segments(path: Path) -> Iterator[tuple[int, str]]:
    match = _EWF.fullmatch(path.name)
    for each in path.parent.iterdir():
        other = _EWF.fullmatch(each.name)
        if match is None or other is None or other[1].lower() != match[1].lower() or not each.is_file():
            continue
        with each.open("rb") as stream:
            head = stream.read(_HEAD)
        if head.startswith(b"EVF"):
            digits = other[2]
            yield segment_number(head) or (int(digits) if digits.isdigit() else 0), each.name


def _segment_name(path: Path, number: int) -> str:
    match = _EWF.fullmatch(path.name)
    if match is None or number > _MOST_NUMBERED_EWF:
        return f"segment {number}"
    return f"{match[1]}{number:02d}"


def _count_parts(path: Path) -> int:
    try:
        names = [each.name for each in path.parent.iterdir()]
    except OSError:
        return 0  # a folder whose files cannot be listed cannot be said to hold more of them
    stem = path.stem
    return sum(name.startswith(stem) and _PART.fullmatch(name[len(stem) :]) is not None for name in names)
