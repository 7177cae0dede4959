from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensics.event_model.windows_path import base_name, binary_of


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (r"C:\Program Files\RustDesk\RustDesk.exe", "RustDesk.exe"),
        ("C:/Users/x/rustdesk.exe", "rustdesk.exe"),
        (r"\Device\HarddiskVolume3\rustdesk.exe", "rustdesk.exe"),
        (r"\\?\C:\x\rustdesk.exe", "rustdesk.exe"),
        (r"\\server\share\x\rustdesk.exe", "rustdesk.exe"),
        ("rustdesk.exe", "rustdesk.exe"),
        ("C:\\x\\", ""),
        ("", ""),
    ],
)
def test_a_file_s_name_is_what_stands_last(path: str, name: str) -> None:
    assert base_name(path) == name


@pytest.mark.parametrize(
    ("image_path", "binary"),
    [
        (r'"C:\Program Files\RustDesk\RustDesk.exe" --service', r"C:\Program Files\RustDesk\RustDesk.exe"),
        (r"C:\Program Files\RustDesk\RustDesk.exe --service", r"C:\Program Files\RustDesk\RustDesk.exe"),
        (r"C:\Program Files\RustDesk\RustDesk.EXE", r"C:\Program Files\RustDesk\RustDesk.EXE"),
        ("C:\\rustdesk.exe\t--service", "C:\\rustdesk.exe"),
        (r"%SystemRoot%\System32\svchost.exe -k netsvcs -p", r"%SystemRoot%\System32\svchost.exe"),
        (r"\SystemRoot\System32\drivers\usb.sys", r"\SystemRoot\System32\drivers\usb.sys"),
        (r"\??\C:\Program Files\x y\z.sys", r"\??\C:\Program Files\x y\z.sys"),
        (r"C:\Windows\system32\svchost -k netsvcs", r"C:\Windows\system32\svchost"),
        ("svchost\t-k", "svchost"),
        (r"cmd.exe /c start C:\x\rustdesk.exe", "cmd.exe"),
        (r'  "C:\x y\z.exe"', r"C:\x y\z.exe"),
        (r'"C:\x y\z.exe', r"C:\x y\z.exe"),
        ('""', ""),
        ("   ", ""),
        ("", ""),
    ],
)
def test_a_service_s_program_is_told_from_its_arguments(image_path: str, binary: str) -> None:
    assert binary_of(image_path) == binary


@given(st.text())
def test_a_program_is_always_a_part_of_the_image_path(image_path: str) -> None:
    assert binary_of(image_path) in image_path


@given(st.from_regex(r'[A-Z]:\\[^"]{0,20}', fullmatch=True), st.text())
def test_quotes_end_a_program_whatever_it_is_called(path: str, arguments: str) -> None:
    assert binary_of(f'"{path}" {arguments}') == path
