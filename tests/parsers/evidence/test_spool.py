from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest

from parsers.evidence.archive_limits import MemberLimitReached
from parsers.evidence.spool import Spool

if TYPE_CHECKING:
    from pathlib import Path


def test_only_the_owner_can_enter_and_names_are_numbers(tmp_path: Path) -> None:
    with Spool(tmp_path) as spool:
        for content in (b"first", b"second"):
            with spool.new_file() as file:
                file.write(content)
                file.keep()
        (private,) = tmp_path.iterdir()

        assert stat.S_IMODE(private.stat().st_mode) == 0o700
        assert {each.name: each.read_bytes() for each in private.iterdir()} == {"1": b"first", "2": b"second"}
        assert {stat.S_IMODE(each.stat().st_mode) for each in private.iterdir()} == {0o600}


def test_what_is_not_kept_is_removed_and_its_room_is_free_again(tmp_path: Path) -> None:
    with Spool(tmp_path, capacity=10) as spool:
        for _ in range(3):
            with spool.new_file() as file:
                file.write(b"12345678")
                with file.finish().open_() as stream:
                    assert stream.read() == b"12345678"

        assert spool.held == 0
        assert [*next(tmp_path.iterdir()).iterdir()] == []


def test_it_holds_no_more_than_it_may(tmp_path: Path) -> None:
    with Spool(tmp_path, capacity=10) as spool, spool.new_file() as file:
        file.write(b"12345678")
        with pytest.raises(MemberLimitReached, match=r"beyond 10 bytes\. Raise this limit"):
            file.write(b"123")

        assert spool.held == 8


def test_closed_it_is_gone_and_what_lay_beside_it_is_not(tmp_path: Path) -> None:
    (tmp_path / "other").write_bytes(b"")
    spool = Spool(tmp_path)
    with spool.new_file() as file:
        file.write(b"1")
        source = file.keep()

    spool.close()

    assert [each.name for each in tmp_path.iterdir()] == ["other"]
    with pytest.raises(FileNotFoundError):
        source.open_()


def test_it_is_removed_where_a_run_fails(tmp_path: Path) -> None:
    def fail() -> None:
        with Spool(tmp_path) as spool, spool.new_file() as file:
            file.write(b"1")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()

    assert [*tmp_path.iterdir()] == []
