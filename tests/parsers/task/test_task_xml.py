from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.task.task_xml import LONGEST_TEXT, TaskCommand, TaskDefinition, parse_task_xml

DECLARATION = '<?xml version="1.0" encoding="UTF-16"?>\r\n'
NAMESPACE = "http://schemas.microsoft.com/windows/2004/02/mit/task"


def task(actions: str, before: str = DECLARATION, rest: str = "") -> str:
    return (
        f'{before}<Task version="1.2" xmlns="{NAMESPACE}">\r\n{rest}<Actions>{actions}</Actions>\r\n</Task>'
    )


def run(text: str) -> tuple[TaskCommand, ...]:
    return parse_task_xml(text).commands


def test_commands_principals_and_triggers_are_read() -> None:
    rest = (
        "<Triggers><LogonTrigger><Enabled>true</Enabled></LogonTrigger><TimeTrigger/></Triggers>"
        '<Principals><Principal id="Author"><UserId>S-1-5-18</UserId></Principal>'
        '<Principal id="Users"><GroupId>S-1-5-32-545</GroupId></Principal></Principals>'
    )
    actions = (
        r"<Exec><Command>C:\x.exe</Command><Arguments>-a &amp; -b</Arguments></Exec>"
        r"<ComHandler><ClassId>{0}</ClassId></ComHandler>"
        r'<Exec><Command>"C:\y z.exe"</Command></Exec>'
    )
    assert parse_task_xml(task(actions, rest=rest)) == TaskDefinition(
        commands=(TaskCommand(r"C:\x.exe", "-a & -b"), TaskCommand(r'"C:\y z.exe"', "")),
        principals=("S-1-5-18", "S-1-5-32-545"),
        triggers=("LogonTrigger", "TimeTrigger"),
    )


def test_a_command_is_told_with_its_arguments() -> None:
    assert str(TaskCommand("cmd.exe", "/c whoami")) == "cmd.exe /c whoami"
    assert str(TaskCommand("cmd.exe", "")) == "cmd.exe"


@pytest.mark.parametrize(
    "before",
    [
        "",
        DECLARATION,
        '\ufeff<?xml version="1.0"?>',
        '  <?xml version="1.0" encoding="utf-8"?>',
        '<?xml version="1.0" encoding="no-such"?>',
    ],
)
def test_the_encoding_that_a_declaration_names_does_not_matter(before: str) -> None:
    assert run(task("<Exec><Command>ü-名</Command></Exec>", before)) == (TaskCommand("ü-名", ""),)


def test_a_definition_without_a_namespace_is_read_too() -> None:
    text = "<Task><Actions><Exec><Command>x</Command></Exec></Actions></Task>"
    assert run(text) == (TaskCommand("x", ""),)


@pytest.mark.parametrize(
    "command",
    [
        "C:\\<!-- no -->x.exe",
        "<![CDATA[C:\\x.exe]]>",
        "C:\\<?no no?>x.exe",
        "\r\n  C:\\x.exe\r\n",
        "C:\\<b>x</b>.exe",
    ],
    ids=["comment", "cdata", "instruction", "space", "element"],
)
def test_a_command_is_whole_whatever_stands_in_it(command: str) -> None:
    assert run(task(f"<Exec><Command>{command}</Command></Exec>")) == (TaskCommand(r"C:\x.exe", ""),)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no sound XML"),
        ("no XML", "no sound XML"),
        ("<Task><Actions>", "no sound XML"),
        ("<Task>\ud800</Task>", "no sound XML"),
        ("<Task>\0</Task>", "no sound XML"),
        ("<Task>&unknown;</Task>", "no sound XML"),
        ("<Other/>", "no definition of a task"),
        ('<!DOCTYPE Task [<!ENTITY e "x">]><Task>&e;</Task>', "declares a document type"),
        ('<!DOCTYPE Task SYSTEM "http://example.invalid/t.dtd"><Task/>', "declares a document type"),
        (
            '<!DOCTYPE Task [<!ENTITY e SYSTEM "file:///etc/passwd">]><Task>&e;</Task>',
            "declares a document type",
        ),
        ("<Task>" + " " * LONGEST_TEXT + "</Task>", "longer than"),
        ("<Task>" + "<a>" * 5000 + "</a>" * 5000 + "</Task>", "no sound XML"),
    ],
    ids=[
        *("nothing", "text", "cut", "surrogate", "nul", "unknown entity", "other", "entity", "external dtd"),
        *("external entity", "too long", "too deep"),
    ],
)
def test_what_is_no_sound_definition_is_refused_with_a_reason(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_task_xml(text)


def test_entities_that_multiply_are_refused_at_once() -> None:
    entities = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(9))
    text = f'<!DOCTYPE Task [<!ENTITY e0 "ha">{entities}]><Task a="&e9;"><Actions>&e9;</Actions></Task>'
    with pytest.raises(ValueError, match=r"document type|no sound XML"):
        parse_task_xml(text)


@given(st.text())
def test_no_text_does_harm(text: str) -> None:
    with suppress(ValueError):
        assert isinstance(parse_task_xml(text), TaskDefinition)


@given(st.text(st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="<&]￾￿"), min_size=1))
def test_any_command_comes_back_as_it_was_written(command: str) -> None:
    assert run(task(f"<Exec><Command>{command}</Command></Exec>")) == (TaskCommand(command.strip(), ""),)
