"""Text of a document as Python source: literals, docstrings and comments that no text can break out of."""

from __future__ import annotations

import sys
import textwrap
from typing import TYPE_CHECKING

from sleeptalk_contract.contract.usage import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable

_WIDTH = 120
_INDENT = 4


def literal(value: str | int) -> str:
    """Return the Python literal of a string or number, in double quotes where that needs no escape."""
    code = repr(value)
    if code.startswith("'") and '"' not in code:
        return f'"{code[1:-1]}"'
    return code


def import_block(statements: Iterable[str]) -> str:
    """Sort import statements as is usual: standard library, other packages, this package; a blank line between."""
    blocks: dict[int, set[str]] = {}
    for statement in statements:
        blocks.setdefault(_group(statement.split()[1]), set()).add(statement)
    return "\n\n".join("\n".join(sorted(blocks[group], key=_furthest_first)) for group in sorted(blocks))


def _group(module: str) -> int:
    if module == "__future__":
        return 0
    if module.startswith("."):
        return 3
    return 1 if module.partition(".")[0] in sys.stdlib_module_names else 2


def _furthest_first(statement: str) -> tuple[int, str]:
    """Sort by module, those furthest up first: `...types`, `..models.stat`, `.stat`."""
    module = statement.split()[1]
    return len(module.lstrip(".")) - len(module), statement


def docstring(text: str, indent: int = 0) -> str:
    r"""Return a docstring, quotes included, indented by `indent` spaces except for its first line.

    Paragraphs and lists of the text stay apart; all else is wrapped anew. Backslashes, quotes at the end and triple
    quotes are escaped, so the text ends where the docstring ends.
    """
    width = _WIDTH - indent
    lines: list[str] = []
    for paragraph in text.replace("\r\n", "\n").split("\n\n"):
        block = _wrapped(paragraph, width - 2 * _INDENT if not lines else width)
        if block and lines:
            lines.append("")
        lines += block
    escaped = [line.replace("\\", "\\\\").replace('"""', '\\"\\"\\"') for line in lines]
    if not escaped:
        return '""""""'
    if escaped[-1].endswith('"'):
        escaped[-1] = escaped[-1][:-1] + '\\"'
    if len(escaped) == 1:
        return f'"""{escaped[0]}"""'
    pad = " " * indent
    body = "\n".join(f"{pad}{line}" if line else "" for line in escaped[1:])
    return f'"""{escaped[0]}\n{body}\n{pad}"""'


def _wrapped(paragraph: str, width: int) -> list[str]:
    """Wrap one paragraph; each line that starts with "- " begins an item of a list."""
    items: list[str] = []
    for line in paragraph.split("\n"):
        if line.lstrip().startswith("- ") or not items:
            items.append(line.strip())
        else:
            items[-1] = f"{items[-1]} {line.strip()}"
    wrapped: list[str] = []
    for item in items:
        hanging = "  " if item.startswith("- ") else ""
        wrapped += textwrap.wrap(one_line(item), width, subsequent_indent=hanging, break_long_words=False)
    return wrapped
