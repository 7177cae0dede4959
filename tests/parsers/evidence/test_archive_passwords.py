from __future__ import annotations

import pytest

from tests.builders.archive import ENCRYPTED_KINDS, HIVE, PASSWORD, aes_zip_of, seven_zip_of, zip_of
from tests.parsers.evidence.archive_search import CASE_FILES, search

KINDS = pytest.mark.parametrize("kind", sorted(ENCRYPTED_KINDS))
# Classic encryption is slow in Python: a small one of the case's files will do.
FILES = {
    "notes.txt": b"n" * 800,
    **{name: content for name, content in CASE_FILES.items() if len(content) < 120_000},
}
ARTIFACTS = {name: content for name, content in FILES.items() if name != "notes.txt"}


@KINDS
def test_the_right_password_opens_everything(kind: str) -> None:
    searched = search(ENCRYPTED_KINDS[kind](FILES), PASSWORD)

    assert ARTIFACTS
    assert searched.files == ARTIFACTS
    assert searched.said == ()


@KINDS
@pytest.mark.parametrize("password", [None, "", "wrong"])
def test_without_the_right_password_it_is_said_once_what_to_do(kind: str, password: str | None) -> None:
    searched = search(ENCRYPTED_KINDS[kind](FILES), password)

    assert searched.files == {}
    (said,) = searched.said
    assert said.reason.startswith("is encrypted, and n")
    assert "--password" in said.reason
    assert ("not with the password given" in said.reason) == (password == "wrong")  # noqa: S105 - it is wrong


def test_a_password_that_is_not_needed_does_no_harm() -> None:
    for archive in (zip_of(FILES), seven_zip_of(FILES)):
        assert search(archive, PASSWORD).files == ARTIFACTS


def test_a_changed_byte_of_an_encrypted_member_is_noticed() -> None:
    whole = bytearray(aes_zip_of({"a.evtx": bytes(5000), "SYSTEM": HIVE}))
    whole[75] ^= 1

    searched = search(bytes(whole), PASSWORD)

    assert searched.files == {"SYSTEM": HIVE}
    assert "or the password is wrong" in searched.reasons("a.evtx")
