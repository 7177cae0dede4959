from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.errors import UnreadableFile
from parsers.rustdesk.configuration import LARGEST, MOST_DOTS, Configuration, Setting, read_configuration
from tests.builders.rustdesk_files import (
    ConfigurationToWrite,
    build_configuration,
    peer_configuration,
    server_configuration,
)

PATH = "config/RustDesk2.toml"
WHOLE = server_configuration()


def values(read: Configuration) -> dict[str, str]:
    return {f"{each.table}.{each.key}" if each.table else each.key: each.value for each in read.settings}


def test_settings_are_read_with_their_places() -> None:
    read = read_configuration(WHOLE, PATH)

    assert values(read) == {
        "rendezvous_server": "203.0.113.10:21116",
        "nat_type": "1",
        "serial": "0",
        "options.custom-rendezvous-server": "203.0.113.10",
        "options.key": "qGgtbkcfhHCS1SpvBXBJyn1tRcVPNQ1MiK1tAkmfVvE=",
        "options.verification-method": "use-permanent-password",
        "options.local-ip-addr": "10.0.0.7",
    }
    assert read.damage == ()
    for each in read.settings:
        assert WHOLE[each.offset :].startswith(each.key.encode())
        assert WHOLE[: each.offset].count(b"\n") == each.line - 1


def test_what_is_no_text_is_given_as_json() -> None:
    content = (
        b"key_confirmed = true\nkey_pair = [\n    [1, 2],\n    [3, 4],\n]\n\n[keys_confirmed]\nrs = false\n"
    )
    read = read_configuration(content, PATH)

    assert values(read) == {
        "key_confirmed": "true",
        "key_pair": "[[1, 2], [3, 4]]",
        "keys_confirmed.rs": "false",
    }
    assert read.damage == ()


def test_a_table_in_a_table_and_quoted_names_are_found() -> None:
    content = "[a.'b c']\n\"d-e\" = 'x'\nf.g = 'ü'\n[[h]]\ni = 1\n".encode()
    read = read_configuration(content, PATH)

    assert values(read) == {"a.b c.d-e": "x", "a.b c.f.g": "ü", "h": '[{"i": 1}]'}
    assert [each.line for each in read.settings][1:] == [0, 0]


def test_a_byte_order_mark_is_no_part_of_the_first_name() -> None:
    first = read_configuration(b"\xef\xbb\xbf" + WHOLE, PATH).settings[0]

    assert first == Setting("", "rendezvous_server", "203.0.113.10:21116", 1, 3)


def test_bytes_that_are_no_utf_8_are_kept() -> None:
    assert values(read_configuration(b"a = '\xff'", PATH)) == {"a": "\udcff"}


def test_a_broken_line_costs_the_rest_of_its_table() -> None:
    content = WHOLE.replace(b"verification-method =", b"verification-method") + peer_configuration()[-60:]
    content = content.replace(b"[info]", b"\n[info]")
    read = read_configuration(content, PATH)

    assert "options.key" in values(read)
    assert "options.local-ip-addr" not in values(read)
    (damage,) = read.damage
    assert damage.reason == "line 8: Expected '=' after a key in a key/value pair"
    assert content[damage.offset :].startswith(b"verification-method")


def test_tables_behind_a_broken_one_are_read() -> None:
    content = WHOLE.replace(b"serial = 0", b"serial = ")
    read = read_configuration(content, PATH)

    assert [each.line for each in read.settings] == [1, 2, 6, 7, 8, 9]
    assert [str(each).partition(": ")[2] for each in read.damage] == ["line 3: Invalid value"]


def test_a_file_that_was_cut_gives_what_is_left() -> None:
    read = read_configuration(WHOLE[:-3], PATH)

    assert "options.verification-method" in values(read)
    (damage,) = read.damage
    assert WHOLE[damage.offset :].startswith(b"local-ip-addr")


def test_a_text_that_has_no_end_costs_what_follows_in_its_table() -> None:
    content = b"a = 1\nb = '''x\nc = 2\n[d]\ne = 3\n"
    read = read_configuration(content, PATH)

    assert values(read) == {"a": "1", "d.e": "3"}
    assert len(read.damage) == 1


def test_an_empty_file_has_no_settings() -> None:
    assert read_configuration(b"", PATH) == Configuration((), ())


NO_TOML = {
    "bytes": b"\0\xff\xfe",
    "NUL": bytes(512),
    "prose": b"nothing to see here",
    "too large": b"#" * (LARGEST + 1),
    "too deep": b"a = " + b"[" * 5000,
    "too many parts": b"a." * (MOST_DOTS + 1) + b"b = 1",
    "too many digits": b"a = " + b"9" * 5000,
}


@pytest.mark.parametrize("name", NO_TOML)
def test_what_is_no_toml_is_an_error_with_a_reason(name: str) -> None:
    with pytest.raises(UnreadableFile) as caught:
        read_configuration(NO_TOML[name], PATH)

    assert caught.value.path == PATH
    assert caught.value.reason
    assert caught.value.remedy


def test_a_file_made_to_take_time_does_not() -> None:
    line = ".".join(["a"] * MOST_DOTS)
    hostile = "\n".join(f"{line}.b{number} = 1" for number in range(LARGEST // 300)).encode()[:LARGEST]
    start = time.monotonic()
    read_configuration(hostile, PATH)

    assert time.monotonic() - start < 20


def test_texts_of_many_dots_are_no_trouble() -> None:
    addresses = ",".join(f"10.0.0.{number}" for number in range(200))
    content = build_configuration(ConfigurationToWrite({}, {"options": {"whitelist": addresses}}))

    assert values(read_configuration(content, PATH)) == {"options.whitelist": addresses}


NAMES = st.text("abcXYZ-_09", min_size=1, max_size=8)
TEXTS = st.text(st.characters(exclude_characters="'", exclude_categories=["C", "Z"]), max_size=12)


@given(st.dictionaries(NAMES, TEXTS, max_size=5), st.dictionaries(NAMES, TEXTS, max_size=5))
def test_what_was_written_is_read(settings: dict[str, str], options: dict[str, str]) -> None:
    settings.pop("options", None)
    content = build_configuration(ConfigurationToWrite(settings, {"options": options}))
    read = read_configuration(content, PATH)

    assert values(read) == settings | {f"options.{name}": value for name, value in options.items()}
    assert all(content[each.offset :].startswith(each.key.encode()) for each in read.settings)


@given(st.integers(0, len(WHOLE)), st.integers(0, 40), st.binary(max_size=40))
def test_any_harm_gives_settings_and_damage_or_an_error(at: int, cut: int, noise: bytes) -> None:
    content = WHOLE[:at] + noise + WHOLE[at + cut :]
    try:
        read = read_configuration(content, PATH)
    except UnreadableFile:
        return

    for damage in read.damage:
        assert 0 <= damage.offset < damage.offset + damage.length <= len(content)
