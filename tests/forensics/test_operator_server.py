from __future__ import annotations

import json
from base64 import urlsafe_b64encode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from forensics.operator_server import OperatorServer, decode, find_operator_server, read_configuration

KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
HOST_FIRST = (
    "0nIiojI5FGblJnIsIiI6ISawFmIsISP4gGSkdHeHF2aCdEWZJlRV1EaFJVQ4R0TwEERM9WUDl0YnJkRRdXQDVUQBJiOikXZrJCLiQXZu5SZsBX"
    "bhhXZuQmciojI0N3boJye"
)
KEY_FIRST = (
    "0nI1QjLy4CMuITOxIiOikXYsVmciwiI0ETMxIjO0QjLy4CMuITOx8yL6MHc0RHaiojIpBXYiwiI0QjLy4CMuITOxIiOiQ3cvhmIsISP4gGSkdH"
    "eHF2aCdEWZJlRV1EaFJVQ4R0TwEERM9WUDl0YnJkRRdXQDVUQBJiOikXZrJye"
)
API_FIRST = "9JCaiojI0N3boJCLi4nP_smI6ISeltmIsISZsBXbhhXZuE2LvozcwRHdoJiOikGchJye"
SHORT = "9JCN04iMuAjLykTMiojI0N3boJye"

FULL = OperatorServer("192.0.2.44", KEY, "https://192.0.2.44:21114", "192.0.2.45")
NAMED = OperatorServer("rd.example.net", KEY)
PLAIN = OperatorServer("192.0.2.44")
RUSTDESK = r"C:\Program Files\RustDesk\RustDesk.exe"


def encoded(data: bytes) -> str:
    return urlsafe_b64encode(data).decode("ascii").rstrip("=")[::-1]


@pytest.mark.parametrize(
    ("string", "server"),
    [
        (HOST_FIRST, NAMED),
        (KEY_FIRST, FULL),
        (API_FIRST, OperatorServer("h", "k?>~", "https://a.example")),
        (SHORT, PLAIN),
        (SHORT[::-1], None),
    ],
    ids=["host first", "key first", "api first", "host alone", "upside down"],
)
def test_a_string_names_its_server_whatever_comes_first(string: str, server: OperatorServer | None) -> None:
    assert decode(string) == server


@pytest.mark.parametrize("padding", ["", "=="])
def test_padding_may_be_missing(padding: str) -> None:
    assert decode(padding + "QfiQDNx4iMuAjLykTMiojI0N3boJye") == OperatorServer("192.0.2.144")


@pytest.mark.parametrize(
    "document",
    [
        "{}",
        '{"host":""}',
        '{"host":1}',
        '{"host":null}',
        '{"host":"a","key":[]}',
        '["192.0.2.1"]',
        '"192.0.2.1"',
        '{"host":"\\ud800"}',
        '{"host":"192.0.2.1"',
        "[" * 5_000,
        "1" * 5_000,
    ],
    ids=lambda document: document[:24],
)
def test_other_json_names_no_server(document: str) -> None:
    assert decode(encoded(document.encode("ascii"))) is None


def test_what_else_the_json_has_is_passed_over() -> None:
    assert decode(encoded(b'{"host": "a", "version": 2}')) == OperatorServer("a")


def test_a_signed_string_is_read_behind_its_signature() -> None:
    assert decode(encoded(bytes(range(64)) + b'{"key":"k","api":"a"}')) == OperatorServer(key="k", api="a")


@pytest.mark.parametrize(
    "name",
    [
        f"rustdesk-licensed-{SHORT}.exe",
        f"rustdesk-licensed-{SHORT}(1).exe",
        f"rustdesk-licensed-{SHORT} (1).exe",
        f"rustdesk-licensed-{SHORT} (1) (2).exe",
        f"rustdesk-licensed-{SHORT}.exe.exe",
        f"rustdesk-licensed-{SHORT}.EXE",
        f"rustdesk--{SHORT}.exe",
        f"rustdesk--{SHORT}(1).exe",
        f"rustdesk-licensed--{SHORT}--.exe",
        f"rustdesk-licensed---{SHORT}--.exe",
        f"rustdesk-licensed-{SHORT}--abc.exe",
        f"Contoso Support-licensed-{SHORT}.exe",
        f"rustdesk-1.4.1-x86_64-licensed-{SHORT}.exe",
        SHORT,
        f"{SHORT}.exe",
    ],
)
def test_a_file_name_holds_the_string(name: str) -> None:
    assert read_configuration(name) == PLAIN
    assert find_operator_server("", rf"C:\Users\amy smith\Downloads\{name}") == PLAIN


@pytest.mark.parametrize(
    ("name", "server"),
    [
        ("rustdesk-host=192.0.2.44.exe", PLAIN),
        ("rustdesk-host=192.0.2.44,.exe", PLAIN),
        ("rustdesk-host=192.0.2.44 (1).exe", PLAIN),
        ("rustdesk-host=192.0.2.44(2).exe", PLAIN),
        ("RUSTDESK-HOST=192.0.2.44.EXE", PLAIN),
        ("helper-host=192.0.2.44.exe", PLAIN),
        ("host=192.0.2.44.exe", PLAIN),
        (f"rustdesk-host=rd.example.net,key={KEY}.exe", NAMED),
        (f"rustdesk-Host=rd.example.net,Key={KEY} (1).exe", NAMED),
        (f"rustdesk-host=rd.example.net,key={KEY},api=,relay=.exe", NAMED),
        ("rustdesk-host=h,relay=r,api=a,key=k,.exe", OperatorServer("h", "k", "a", "r")),
        ("rustdesk-host=h,key=k,other=x.exe", OperatorServer("h", "k")),
        ("rustdesk-key=k,host=h.exe", OperatorServer("h")),
        ("rustdesk-host=.exe", None),
        ("rustdesk.exe", None),
        ("rustdesk", None),
        ("rustdesk-1.4.1-x86_64.exe", None),
        ("", None),
    ],
)
def test_a_file_name_in_words_is_read_as_rustdesk_reads_it(name: str, server: OperatorServer | None) -> None:
    assert read_configuration(name) == server


@pytest.mark.parametrize(
    ("command_line", "image_path", "server"),
    [
        (f'"{RUSTDESK}" --config {KEY_FIRST}', RUSTDESK, FULL),
        (f'"{RUSTDESK}"  --config  "{KEY_FIRST}"', RUSTDESK, FULL),
        (f'"{RUSTDESK}" --config {KEY_FIRST}.exe', RUSTDESK, FULL),
        (f'"{RUSTDESK}" --config host=192.0.2.44', RUSTDESK, PLAIN),
        (f'"{RUSTDESK}" --config "host=192.0.2.44,key={KEY}"', RUSTDESK, OperatorServer("192.0.2.44", KEY)),
        (
            f'"{RUSTDESK}" --config host=h,api=https://h:21114',
            RUSTDESK,
            OperatorServer("h", "", "https://h:21114"),
        ),
        (r"C:\x\rustdesk-host=192.0.2.44.exe --silent-install", "", PLAIN),
        (r'"C:\a b\rustdesk-host=192.0.2.44 (1).exe" --silent-install', r"C:\Windows\cmd.exe", PLAIN),
        ("", rf"\Device\HarddiskVolume3\Users\amy\rustdesk-licensed-{SHORT}.exe", PLAIN),
        (
            f"powershell -c \"Start-Process 'C:\\x\\rustdesk-licensed-{SHORT} (1).exe'\"",
            "powershell.exe",
            PLAIN,
        ),
        (f"cmd.exe /c C:\\x\\rustdesk.exe --config={SHORT}", "cmd.exe", PLAIN),
        (f'"{RUSTDESK}" --config', RUSTDESK, None),
        (f'"{RUSTDESK}" --service', RUSTDESK, None),
        (r"curl.exe -o x https://192.0.2.9/?host=192.0.2.8.exe", "curl.exe", None),
        (r"ping.exe -host=192.0.2.8", "ping.exe", None),
        (r"C:\x\host=h\rustdesk.exe", r"C:\x\host=h\rustdesk.exe", None),
        ("", "", None),
    ],
)
def test_a_process_names_its_server(
    command_line: str, image_path: str, server: OperatorServer | None
) -> None:
    assert find_operator_server(command_line, image_path) == server


def test_what_is_set_goes_before_what_the_file_is_called() -> None:
    image = rf"C:\x\rustdesk-licensed-{SHORT}.exe"
    assert find_operator_server(f'"{image}" --config {HOST_FIRST}', image) == NAMED


def test_letters_in_one_case_hold_no_string() -> None:
    assert find_operator_server("", rf"c:\x\rustdesk-licensed-{SHORT.lower()}.exe") is None


def test_a_server_is_told_in_one_line() -> None:
    assert FULL.to_text() == (f"server 192.0.2.44, key {KEY}, API https://192.0.2.44:21114, relay 192.0.2.45")
    assert PLAIN.to_text() == "server 192.0.2.44"
    assert OperatorServer(key="k").to_text() == "key k"


NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
DOCUMENTS = st.dictionaries(st.sampled_from(["host", "key", "api", "relay"]), NAMES, min_size=1)


@given(told=DOCUMENTS, padded=st.booleans())
@example(told={"host": "é" * 20}, padded=True)
def test_whatever_is_encoded_is_decoded(told: dict[str, str], *, padded: bool) -> None:
    data = json.dumps(told, ensure_ascii=False).encode("utf-8")
    string = urlsafe_b64encode(data).decode("ascii")
    server = OperatorServer(**told)
    expected = None if server == OperatorServer() else server
    assert decode((string if padded else string.rstrip("="))[::-1]) == expected


HOSTILE = st.text() | st.text(alphabet='hostkeyapirelay=,-."\\ ()ce{}0nIiojI _') | st.binary().map(encoded)


@given(command_line=HOSTILE, image_path=HOSTILE)
@example(command_line="\ud800--config \ud800", image_path="\0host=\0")
@example(command_line="--config host=İ", image_path="ho\u017ft=x.exe")
def test_arbitrary_text_never_raises(command_line: str, image_path: str) -> None:
    found = find_operator_server(command_line, image_path)
    assert found is None or found != OperatorServer()
    assert found is None or found.to_text()
    decode(command_line)


def test_a_long_command_line_is_read_in_time() -> None:
    assert find_operator_server("--" * 16_000 + '"a' * 8_000, "host=" * 8_000) is not None
    assert find_operator_server("A-" * 16_000, "(" * 32_000) is None
    assert find_operator_server("powershell.exe -enc " + "SQBFAFgA" * 4_000, "powershell.exe") is None
