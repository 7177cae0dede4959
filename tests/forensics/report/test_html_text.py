from __future__ import annotations

import pytest
from hypothesis import given

from forensics.report.html_text import COVER, covered, has_secret, marked, pieces, to_attribute, to_body
from forensics.report.verbatim import escape
from tests.builders.timeline_rows import any_text

COMMANDS = {
    '"C:\\Program Files\\RustDesk\\rustdesk.exe"  --password Autumn-Rain-4711': "Autumn-Rain-4711",
    'rustdesk.exe --password "two words"': '"two words"',
    "rustdesk.exe --set-unlock-pin 1234": "1234",
    "rustdesk.exe --assign --token abc.def --user_name x": "abc.def",
    "cmdkey /generic:localhost /user:x /pass:Hidden1": "Hidden1",
    "plink -pw Secret root@host": "Secret",
    "net user backup_DA P@ssw0rd1234 /add /dom": "P@ssw0rd1234",
    "curl https://bob:hunter2@host/x": "hunter2",
    "[password=abc]": "abc",
}


@pytest.mark.parametrize(("text", "secret"), COMMANDS.items(), ids=range(len(COMMANDS)))
def test_what_follows_a_switch_for_a_password_is_covered(text: str, secret: str) -> None:
    assert [each.text for each in pieces(text) if each.secret] == [secret]
    assert covered(text) == text.replace(secret, COVER)


@pytest.mark.parametrize(
    "text",
    [
        "rustdesk.exe --password",
        "rustdesk.exe --config 9JiI6",
        "net user backup_DA /add",
        "ssh root@203.0.113.84 -R *:10400 -p22",
        "https://host/path",
        "the password was set",
    ],
)
def test_what_is_no_password_is_not_covered(text: str) -> None:
    assert not has_secret(text)


def test_the_covered_text_is_whole_in_the_data_and_in_the_page() -> None:
    text = "rustdesk.exe --password abc next"

    assert marked(text) == "rustdesk.exe --password \x01abc\x02 next"
    assert '<span class="bare">abc</span>' in to_body(text)
    assert "abc" not in to_attribute(text)


def test_markup_of_evidence_is_text() -> None:
    assert to_body("</script><img src=x onerror=alert(1)>{{7*7}}") == (
        "&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;{{7*7}}"
    )
    assert to_attribute("\"'><b>") == "&#34;&#39;&gt;&lt;b&gt;"


def test_deceiving_characters_are_named() -> None:
    assert to_body("a\u202eb\x00c\ud800") == "a&lt;U+202E&gt;b&lt;U+0000&gt;c&lt;U+D800&gt;"


def test_a_very_long_text_is_folded_and_whole() -> None:
    text = "x" * 40_000

    shown = to_body(text)

    assert shown.startswith('<details class="long"><summary>' + "x" * 200 + "… ")
    assert "(40,000 characters)" in shown
    assert text in shown


def test_the_beginning_of_a_folded_text_covers_its_passwords() -> None:
    shown = to_body("rustdesk.exe --password abc " + "x" * 1000)

    assert "--password <span" in shown.partition("</summary>")[0]


@given(any_text())
def test_covering_loses_no_character(text: str) -> None:
    assert "".join(each.text for each in pieces(text)) == escape(text)


@given(any_text())
def test_data_for_the_script_holds_marks_only_around_passwords(text: str) -> None:
    assert marked(text).count("\x01") == sum(each.secret for each in pieces(text))
