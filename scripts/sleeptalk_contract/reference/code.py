"""Code and JSON for reading: coloured by Pygments while the site is built, so that no page needs a program for it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from markupsafe import Markup, escape
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

if TYPE_CHECKING:
    from pygments.lexer import Lexer

_FORMATTER: Final = HtmlFormatter(nowrap=True)
_WIDTH: Final = 50
"""A list of numbers or short strings is written in lines of at most so many characters."""


def highlighted(code: str, language: str) -> Markup:
    """Return a `<pre>` with the code; one in a language that Pygments does not know has no colours."""
    lexer = _lexer(language)
    # The formatter escapes, as `escape` does.
    coloured = "" if lexer is None else Markup(highlight(code, lexer, _FORMATTER))  # noqa: S704  # as said
    inner = coloured or escape(code)
    return Markup('<pre tabindex="0"><code>{}</code></pre>').format(inner.rstrip("\n"))


def _lexer(language: str) -> Lexer | None:
    try:
        # "ensurenl" would end a line that has no end; "stripnl" would take lines away.
        return get_lexer_by_name(language, stripnl=False, ensurenl=False) if language else None
    except ClassNotFound:
        return None


def json_text(value: Any) -> str:
    """Return a JSON value on indented lines, but lists of plain values on as few as they need."""
    return "".join(_written(value, ""))


def _written(value: Any, indent: str) -> list[str]:
    deeper = f"{indent}  "
    if isinstance(value, dict) and value:
        members = [f"{deeper}{_plain(key)}: {''.join(_written(item, deeper))}" for key, item in value.items()]
        return ["{\n", ",\n".join(members), f"\n{indent}}}"]
    if isinstance(value, list) and any(isinstance(item, dict | list) for item in value):
        return ["[\n", ",\n".join(f"{deeper}{''.join(_written(item, deeper))}" for item in value), f"\n{indent}]"]
    if isinstance(value, list) and value:
        return _list(value, indent)
    return [_plain(value)]


def _list(values: list[Any], indent: str) -> list[str]:
    lines = [""]
    for position, value in enumerate(values):
        item = f"{_plain(value)}{',' if position < len(values) - 1 else ''}"
        if lines[-1] and len(indent) + len(lines[-1]) + len(item) >= _WIDTH:
            lines.append("")
        lines[-1] += f" {item}" if lines[-1] else item
    if len(lines) == 1:
        return [f"[{lines[0]}]"]
    return ["[\n", "\n".join(f"{indent}  {line}" for line in lines), f"\n{indent}]"]


def _plain(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
