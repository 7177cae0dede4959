"""Disk images that are members of an archive: they are not read there, and each is named.

An image is read at random, and a member of an archive only from its start.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from parsers.evidence.image_kind import image_kind, segment_number

_REMEDY: Final = "Unpack it and give the image"
_LATER: Final = re.compile(
    r".*(?:\.(?:E|Ex|s)(?!01)(?:\d\d|[A-Z]{2})|-(?:flat|[sf]\d{3})\.vmdk)", re.IGNORECASE
)


class ImageMember(NamedTuple):
    """Why an image is not read, as the rest of a sentence its name begins, with a remedy.

    ``is_later`` says that it only continues another member, so that one sentence will do for all such.
    """

    reason: str
    remedy: str
    is_later: bool


def image_in_archive(name: str, head: bytes, size: int) -> ImageMember | None:
    """Return why the member called ``name`` is not read if it is an image, or called one; else None.

    ``head`` is its first IMAGE_HEAD_SIZE bytes, ``size`` the bytes that the archive says it has.
    """
    if image_kind(head, name, size) is None:
        return None
    if segment_number(head) not in {None, 1} or _LATER.fullmatch(name):
        return ImageMember("is a later segment of a disk image inside an archive", _REMEDY, is_later=True)
    is_known = image_kind(head, "", size) is not None
    what = "is a disk image inside an archive" if is_known else "is called a disk image, inside an archive"
    return ImageMember(what, _REMEDY, is_later=False)
