"""BitLocker, with volumes that the tests' builder encrypts as libbde's format specification has it.

libbde, which reads them, shares nothing with that builder. Untested, for want of a volume that Windows
encrypted: AES-XTS and the Elephant diffuser, BitLocker To Go, startup keys, and volumes that are encrypted
only in part.
"""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from parsers.evidence.found import FoundFile, Unreadable
from parsers.evidence.image import find_in_image
from parsers.evidence.volume_keys import VolumeKeys
from tests.builders.bitlocker import build_bitlocker_volume
from tests.builders.disk_image import MEBIBYTE, ImageToBuild, build_disk, build_ntfs_volume, missing_tools
from tests.builders.evidence_state import unchanged

FIXTURE = Path(__file__).parents[3] / "fixtures" / "case-dc01"
FILES = {
    path.relative_to(FIXTURE).as_posix(): path.read_bytes() for path in FIXTURE.rglob("*") if path.is_file()
}
KEY = "011011-022022-033033-044044-055055-066066-077077-660000"
OTHER_KEY = "011011-022022-033033-044044-055055-066066-077077-660011"
PASSWORD = "correct horse battery"  # noqa: S105 - of a volume that tests make


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if (missing := missing_tools(ImageToBuild.MBR)) is not None:
        pytest.skip(missing)
    return build_ntfs_volume(FIXTURE, tmp_path_factory.mktemp("plain") / "volume", 8 * MEBIBYTE)


@pytest.fixture(scope="module")
def with_recovery_key(plain: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("recovery")
    volume = build_bitlocker_volume(plain, plain.with_name("recovery"), recovery_key=KEY)
    return build_disk(volume, folder / "disk.dd", ImageToBuild.MBR)


@pytest.fixture(scope="module")
def with_password(plain: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_bitlocker_volume(plain, tmp_path_factory.mktemp("password") / "disk.dd", password=PASSWORD)


def find(path: Path, *keys: str) -> tuple[dict[str, bytes], list[Unreadable]]:
    files, problems = {}, []
    with unchanged(path.parent):
        for each in find_in_image(path, VolumeKeys.from_texts(keys), lambda _: None):
            if isinstance(each, FoundFile):
                with each.source.open_() as stream:
                    files[each.path] = stream.read()
            elif each.path != "p1" or "BitLocker" in each.reason:
                problems.append(each)
    return files, problems


def test_the_recovery_key_opens_a_volume(with_recovery_key: Path) -> None:
    files, problems = find(with_recovery_key, KEY)

    assert files == {f"p2/{name}": data for name, data in FILES.items()}
    assert problems == []


def test_the_password_opens_a_volume_also_when_it_is_the_second_one_given(with_password: Path) -> None:
    files, problems = find(with_password, "wrong", PASSWORD)

    assert files == {f"p1/{name}": data for name, data in FILES.items()}
    assert problems == []


def test_without_a_key_the_volume_is_named_with_what_to_do(with_recovery_key: Path) -> None:
    files, (problem,) = find(with_recovery_key)

    assert files == {}
    assert problem.path == "p2"
    assert problem.reason == (
        "it is encrypted with BitLocker, and no key was given. "
        "Give its recovery key or password with --bitlocker-key"
    )


@pytest.mark.parametrize("keys", [(OTHER_KEY,), ("a password",), (KEY.replace("022022", "022023"),)])
def test_a_wrong_key_is_said_and_not_shown(keys: tuple[str, ...], with_recovery_key: Path) -> None:
    files, (problem,) = find(with_recovery_key, *keys)

    assert files == {}
    assert "no key that was given opens it (1 tried)" in problem.reason
    assert keys[0] not in problem.reason


def test_a_key_does_no_harm_where_nothing_is_encrypted(plain: Path) -> None:
    files, problems = find(plain, KEY, PASSWORD)

    assert len(files) == len(FILES)
    assert problems == []


def test_damaged_encryption_is_not_taken_for_a_wrong_key(with_password: Path, tmp_path: Path) -> None:
    image = tmp_path / "disk.dd"
    data = with_password.read_bytes()
    image.write_bytes(data[:16] + data[16:].replace(b"-FVE-FS-", b"XXXXXXXX"))

    _, (problem,) = find(image, PASSWORD)

    assert "its BitLocker encryption cannot be read" in problem.reason


def test_no_key_is_shown_with_a_source_or_with_the_keys(with_password: Path) -> None:
    keys = VolumeKeys.from_texts([PASSWORD, KEY])
    found = next(
        each for each in find_in_image(with_password, keys, lambda _: None) if isinstance(each, FoundFile)
    )

    assert PASSWORD not in repr(found)
    assert PASSWORD not in repr(keys)
    assert KEY not in repr(keys)
    assert pickle.loads(pickle.dumps(found.source)).open_().read() == FILES[found.path[3:]]  # noqa: S301 - made here


@pytest.mark.parametrize("text", [KEY, KEY.replace("-", " "), KEY.replace("-", ""), f" {KEY}\n"])
def test_a_recovery_key_is_known_however_it_was_written(text: str) -> None:
    assert VolumeKeys.from_texts([text]) == VolumeKeys(recovery_keys=(KEY,))


@pytest.mark.parametrize("text", ["", "secret", KEY[:-1], KEY + "1", "011011-022022"])
def test_anything_else_is_a_password(text: str) -> None:
    assert VolumeKeys.from_texts([text]) == VolumeKeys(passwords=(text,))
