"""The page: a template filled in, its one script and one style known to its policy by their digests.

Every text that the template is given is escaped and its passwords covered, unless it says otherwise: ``attr``
gives plain text for an attribute, ``data`` JSON for a data element. The policy names no place from which
anything could be loaded: nothing is.
"""

from __future__ import annotations

import tomllib
from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from forensics.report.html_rows import to_data
from forensics.report.html_sources import row_ranges
from forensics.report.html_text import to_attribute, to_body

if TYPE_CHECKING:
    from collections.abc import Mapping
    from importlib.resources.abc import Traversable

_SCRIPTS: Final = ("data.js", "secrets.js", "panel.js", "table.js", "picture.js", "start.js")
_STYLES: Final = ("report.css", "picture.css", "print.css")
_VENDORED: Final = ("d3-zoom-3.0.1", "tanstack-virtual-core-3.19.11")


def fill(context: Mapping[str, object]) -> str:
    """Return the whole page, ended by LF."""
    page = _environment().get_template("report.html.j2")
    return page.render(policy=policy(), script=Markup(script()), style=Markup(style()), **context)  # noqa: S704 - our own files


@cache
def script() -> str:
    """Return the page's one script: the vendored libraries and ours, in a scope of their own."""
    vendored = [_vendored(name) for name in _VENDORED]
    own = [_read(name) for name in _SCRIPTS]
    return "\n".join(("(() => {", '"use strict";', *vendored, *own, "})();")) + "\n"


@cache
def style() -> str:
    """Return the page's one style sheet."""
    return "\n".join(_read(name) for name in _STYLES)


def policy() -> str:
    """Return the Content-Security-Policy: nothing but the script and the style in the page itself."""
    return (
        f"default-src 'none'; script-src '{_digest(script())}'; style-src '{_digest(style())}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    return "sha256-" + b64encode(sha256(text.encode()).digest()).decode()


def _folder() -> Traversable:
    return files("forensics.report")


def _read(name: str) -> str:
    return _folder().joinpath("html", name).read_text("utf-8")


def _vendored(name: str) -> str:
    folder = _folder().joinpath("vendor", name)
    told = tomllib.loads(folder.joinpath("vendor.toml").read_text("utf-8"))
    licence = f"/* {told['name']} {told['version']}, {told['licence']}: see the program's vendor folder */"
    return f"{licence}\n{folder.joinpath(told['file']).read_text('utf-8').strip()}"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("forensics.report", "html"),
        autoescape=True,
        finalize=_finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(attr=to_attribute, data=_data, ranges=row_ranges)
    return environment


def _finalize(value: object) -> object:
    """Return evidence's text as harmless markup; what is markup already, or a number, as it is."""
    return to_body(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _data(value: object) -> Markup:
    return Markup(to_data(value))  # type: ignore[arg-type]  # noqa: S704 - to_data leaves nothing that ends the element
