from __future__ import annotations

import base64
import json
import re
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from lxml import html

import forensics.report
from forensics.report.html_report import report
from tests.builders.report_page import analysis_with, row_of_case
from tests.builders.timeline_rows import HOSTILE

if TYPE_CHECKING:
    from forensics.timeline_row import TimelineRow

TEMPLATES = sorted((Path(forensics.report.__path__[0]) / "html").glob("*.j2"))
MARKUP = (
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "{{7*7}}{% for x in y %}",
    '" onmouseover="alert(1)',
    "<!--<script>",
    "]]></svg><svg onload=alert(1)>",
    "javascript:alert(1)",
)


def page(*rows: TimelineRow) -> tuple[str, html.HtmlElement]:
    text = report(analysis_with(rows))
    return text, html.document_fromstring(
        text.encode(), parser=html.HTMLParser(encoding="utf-8", huge_tree=True)
    )


def hostile_rows() -> list[TimelineRow]:
    texts = [*MARKUP, "".join(HOSTILE), "x" * 40_000]
    return [
        row_of_case(
            number,
            message=text,
            command_line=text,
            user=text,
            image_path=text,
            locator=text,
            source_path=text,
            severity="high",
        )
        for number, text in enumerate(texts, start=1)
    ]


def digest(text: str) -> str:
    return "sha256-" + base64.b64encode(sha256(text.encode()).digest()).decode()


def test_the_policy_lets_in_one_script_and_one_style_and_nothing_else() -> None:
    text, tree = page(*hostile_rows())

    (policy,) = tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    (script,) = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    (style,) = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    assert policy.split("; ") == [
        "default-src 'none'",
        f"script-src '{digest(script)}'",
        f"style-src '{digest(style)}'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    assert text.index("Content-Security-Policy") < text.index("<style>")


def test_nothing_is_loaded_from_anywhere_and_no_attribute_holds_code_or_style() -> None:
    _, tree = page(*hostile_rows())

    assert tree.xpath("//*[@src or @action or @srcset or @style]") == []
    assert [link for link in tree.xpath("//@href") if not link.startswith("#")] == []
    assert [name for each in tree.iter() for name in each.attrib if str(name).startswith("on")] == []
    assert len(tree.xpath("//script")) == 2
    assert tree.xpath("//link | //iframe | //object | //embed | //img | //base") == []


def test_hostile_text_of_evidence_is_text() -> None:
    text, tree = page(*hostile_rows())

    shown = "".join(tree.xpath("//tbody[@id='row-body']//text()"))
    assert all(each in shown for each in MARKUP)
    assert "49" not in {each.text for each in tree.xpath("//td")}
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\ufeff]", text)
    text.encode("utf-8")


def test_the_data_block_holds_every_text_whole() -> None:
    _, tree = page(*hostile_rows())

    (data,) = tree.xpath("//script[@type='application/json']/text()")
    made = json.loads(data)
    assert made["count"] == len(hostile_rows())
    assert "x" * 40_000 in made["columns"]["command_line"]["v"]


def test_the_page_has_landmarks_headings_and_scopes() -> None:
    _, tree = page(row_of_case(1))

    assert tree.get("lang") == "en"
    assert [len(tree.xpath(f"//{name}")) for name in ("header", "nav", "main", "h1")] == [1, 1, 1, 1]
    levels = [
        int(each.tag[1])
        for each in tree.xpath("//h1 | //h2 | //h3 | //h4")
        if each.getparent().getparent().get("id") != "panel"
    ]
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))
    assert tree.xpath("//thead//th[not(@scope)]") == []
    identifiers = tree.xpath("//@id")
    assert len(identifiers) == len(set(identifiers))
    for name in tree.xpath("//@aria-labelledby"):
        assert name in identifiers
    assert tree.xpath("//*[@aria-live='polite']")


def test_every_link_to_a_row_leads_to_one_where_all_rows_are_in_the_page() -> None:
    _, tree = page(*(row_of_case(number) for number in range(1, 30)))

    identifiers = set(tree.xpath("//@id"))
    assert {link[1:] for link in tree.xpath("//@href")} <= identifiers


def test_what_the_static_table_leaves_out_is_said() -> None:
    _, tree = page(*(row_of_case(number) for number in range(1, 1001)))

    note = " ".join("".join(tree.xpath("//*[@id='static-note']//text()")).split())
    assert note.startswith("300 of 1000 rows stand here: those of the highest severity")
    assert len(tree.xpath("//tbody[@id='row-body']/tr")) == 300


def test_passwords_are_covered_and_the_page_says_so() -> None:
    text, tree = page(row_of_case(1, message="Process created: rustdesk.exe --password Abc-4711"))

    assert "Passwords on command lines are covered" in text
    assert "Abc-4711" in "".join(tree.xpath("//*[@class='bare']//text()"))
    assert "Abc-4711" not in "".join(tree.xpath("//*[not(@class='bare')]/@*"))
    for each in tree.xpath("//*[local-name()='title']/text()"):
        assert "Abc-4711" not in each


def test_without_passwords_there_is_no_switch_for_them() -> None:
    _, tree = page(row_of_case(1))

    assert tree.xpath("//*[@id='bare']") == []


def test_the_same_rows_give_the_same_bytes() -> None:
    first, _ = page(*hostile_rows())
    second, _ = page(*hostile_rows())

    assert first == second


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_every_text_in_an_attribute_is_made_plain_for_it(path: Path) -> None:
    attributes = re.findall(r'[\w-]+="([^"]*\{\{[^"]*)"', path.read_text("utf-8"))

    numbers = ("picture.", ".x", ".y", ".left", ".right", ".width", ".row", "first", "last", "last != ")
    for value in attributes:
        for expression in re.findall(r"\{\{(.*?)\}\}", value):
            told = expression.strip()
            assert "|attr" in told or told.startswith('"') or any(part in told for part in numbers), value


def test_ten_thousand_rows_weigh_less_than_fifteen_megabytes() -> None:
    path = "C:\\Program Files\\RustDesk\\RustDesk.exe"
    rows = [
        row_of_case(
            number,
            message=f'Process created: "{path}" --server by CORP\\DC01$, from "{path}" --service {number} '
            "[the same process is in Microsoft-Windows-Security-Auditing 4688, record 4711]",
            command_line=f'"{path}" --server {number}',
            image_path=path,
            hashes="SHA1=" + "0" * 40 + ",SHA256=" + f"{number:064}",
            process_guid=f"{{93C4E15B-7210-68B6-0F00-{number:012}}}",
            ticks=133_500_000_001_234_567 + number * 10_000_000,
        )
        for number in range(1, 10_001)
    ]

    assert len(report(analysis_with(rows)).encode()) < 15_000_000
