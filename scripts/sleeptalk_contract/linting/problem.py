"""A problem of a document, and where in the file it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing to put right: what is wrong, what would be right, and where. `line` and `column` count from 1."""

    file: str
    line: int
    column: int
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}  {self.rule}  {self.message}"


class Places:
    """The YAML nodes of a document, to find the line of a value. Raises yaml.YAMLError where `text` is no YAML."""

    def __init__(self, text: str) -> None:
        self._root: yaml.Node | None = yaml.compose(text, Loader=_LOADER)

    def at(self, path: Sequence[object]) -> tuple[int, int]:
        """Give line and column of the value that the keys and indexes of `path` lead to, as far as they lead."""
        node = self._root
        mark = node.start_mark if node is not None else None
        for part in path:
            if isinstance(node, yaml.MappingNode):
                pair = next((pair for pair in node.value if pair[0].value == str(part)), None)
                if pair is None:
                    break
                mark, node = pair[0].start_mark, pair[1]
            elif isinstance(node, yaml.SequenceNode) and str(part).isdigit() and int(str(part)) < len(node.value):
                node = node.value[int(str(part))]
                mark = node.start_mark
            else:
                break
        return (1, 1) if mark is None else (mark.line + 1, mark.column + 1)

    def plain_scalars(self) -> Iterator[tuple[yaml.ScalarNode, bool]]:
        """Yield every scalar that is written without quotes, and whether it is the key of a mapping."""
        waiting: list[tuple[yaml.Node, bool]] = [] if self._root is None else [(self._root, False)]
        while waiting:
            node, is_key = waiting.pop()
            if isinstance(node, yaml.MappingNode):
                for key, value in node.value:
                    waiting += [(key, True), (value, False)]
            elif isinstance(node, yaml.SequenceNode):
                waiting += [(item, False) for item in node.value]
            elif isinstance(node, yaml.ScalarNode) and not node.style:
                yield node, is_key
