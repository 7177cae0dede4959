from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from forensics.report.manifest import write_manifest
from forensics.report.signature import SigningError, check_signature, read_signer, sign_manifest
from tests.builders.signing_key import private_pem, rsa_pem

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "case"
    folder.mkdir()
    (folder / "timeline.csv").write_text("x")
    write_manifest(folder)
    return folder


def file_of(tmp_path: Path, content: bytes, name: str = "key.pem") -> Path:
    (tmp_path / name).write_bytes(content)
    return tmp_path / name


@pytest.mark.parametrize("line_end", [b"", b"\n", b"\r\n"])
def test_a_key_with_a_passphrase_is_opened_by_a_files_first_line(
    folder: Path, tmp_path: Path, line_end: bytes
) -> None:
    key = file_of(tmp_path, private_pem("geheim ß".encode()))
    words = file_of(tmp_path, "geheim ß".encode() + line_end, "words")

    sign_manifest(folder, read_signer(key, words), query=False)

    found = check_signature(folder, None)
    assert (found.signed, found.problems, found.beside) == (True, (), True)
    assert len(found.key) == 64


def test_signing_the_same_with_the_same_key_gives_the_same_bytes(tmp_path: Path) -> None:
    signer = read_signer(file_of(tmp_path, private_pem()), None)

    assert signer.sign(b"x") == signer.sign(b"x")
    assert len(signer.sign(b"x")) == 64


@pytest.mark.parametrize(
    ("content", "words", "says"),
    [
        (private_pem(b"right"), None, "has a passphrase. Give --sign-passphrase-file"),
        (private_pem(b"right"), b"wrong", "its passphrase is another"),
        (private_pem(), b"any", "has no passphrase. Leave"),
        (rsa_pem(), None, "is no Ed25519 key. Make one with: openssl genpkey"),
        (b"hello", None, "is no private key in PEM"),
        (b"", None, "is no private key in PEM"),
    ],
    ids=["locked", "wrong words", "unlocked", "rsa", "text", "empty"],
)
def test_a_key_that_cannot_sign_says_why(
    tmp_path: Path, content: bytes, words: bytes | None, says: str
) -> None:
    passphrase = None if words is None else file_of(tmp_path, words, "words")

    with pytest.raises(SigningError, match=says):
        read_signer(file_of(tmp_path, content), passphrase)


def test_a_key_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(SigningError, match="Name a file that may be read"):
        read_signer(tmp_path / "none.pem", None)


@pytest.mark.parametrize("content", [b"", b"hello", rsa_pem()])
def test_a_public_key_that_is_none_is_an_error(folder: Path, tmp_path: Path, content: bytes) -> None:
    sign_manifest(folder, read_signer(file_of(tmp_path, private_pem()), None), query=False)

    with pytest.raises(SigningError, match="public key"):
        check_signature(folder, file_of(tmp_path, content, "public.pem"))
