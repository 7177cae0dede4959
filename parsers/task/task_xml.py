"""The XML that defines a scheduled task: what it runs, as whom and upon what.

Source: [MS-TSCH] 2.5, XML Task Definition Language. The text comes from evidence and may have been written to
harm its reader: no entity is resolved, nothing is loaded, and no document type is accepted, of which a task's
definition has none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST_TEXT: Final = 1 << 20
"""In characters; a record of an event log, which holds such a text, has 64 KiB at most."""

_DECLARATION: Final = re.compile(r"\ufeff?\s*<\?xml[^>]*\?>")
"""It names the encoding of a file that the text is no longer in."""


@dataclass(frozen=True, slots=True)
class TaskCommand:
    """One ``Exec`` action: ``Command`` and ``Arguments`` as they stand, ``""`` where there are none."""

    command: str
    arguments: str

    def __str__(self) -> str:
        return f"{self.command} {self.arguments}" if self.arguments else self.command


@dataclass(frozen=True, slots=True)
class TaskDefinition:
    """What a task runs, as whom (``UserId`` or ``GroupId``, name or SID), and the kinds of its triggers."""

    commands: tuple[TaskCommand, ...]
    principals: tuple[str, ...]
    triggers: tuple[str, ...]


def parse_task_xml(text: str) -> TaskDefinition:
    """Return what the definition ``text`` says.

    Raises ValueError, with a reason that can be read out, where it is too long or no definition of a task.
    """
    task = _root(text)
    if etree.QName(task).localname != "Task":
        raise ValueError("it is XML, but no definition of a task")
    return TaskDefinition(
        commands=tuple(_commands(task)),
        principals=tuple(_texts(task, "UserId", "GroupId")),
        triggers=tuple(etree.QName(each).localname for each in task.iterfind("{*}Triggers/{*}*")),
    )


def _root(text: str) -> etree._Element:
    if len(text) > LONGEST_TEXT:
        raise ValueError(f"it is longer than {LONGEST_TEXT} characters")
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(_without_declaration(text).encode(), parser)
    except (etree.XMLSyntaxError, UnicodeEncodeError) as error:
        raise ValueError(f"it is no sound XML ({' '.join(str(error).split())})") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise ValueError("it declares a document type")
    return root


def _without_declaration(text: str) -> str:
    declaration = _DECLARATION.match(text)
    return text if declaration is None else text[declaration.end() :]


def _commands(task: etree._Element) -> Iterator[TaskCommand]:
    for action in task.iterfind("{*}Actions/{*}Exec"):
        yield TaskCommand(_text(action, "Command"), _text(action, "Arguments"))


def _texts(task: etree._Element, *names: str) -> Iterator[str]:
    for principal in task.iterfind("{*}Principals/{*}Principal"):
        yield from filter(None, (_text(principal, name) for name in names))


def _text(element: etree._Element, name: str) -> str:
    child = element.find(f"{{*}}{name}")
    return "" if child is None else "".join(map(str, child.itertext())).strip()
