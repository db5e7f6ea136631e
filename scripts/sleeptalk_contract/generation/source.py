"""One OpenAPI document as read from its file, with the line of every place in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import yaml

from sleeptalk_contract.contract import documents
from sleeptalk_contract.contract.usage import UsageError, one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


_DATA: Final = frozenset({"example", "default", "const", "enum", "value"})
_NAMES: Final = frozenset({"properties", "responses", "schemas"})
"""Keys below which the next key is a name that the document chose, not a keyword such as those above."""


@dataclass(frozen=True, slots=True)
class Source:
    """A document and where it came from.

    `name` is its path below the checkout ("openapi/asleep.yaml"), `lines` maps JSON Pointers ("/info/title") to line
    numbers counted from 1.
    """

    name: str
    document: Mapping[str, Any]
    lines: Mapping[str, int]

    def refusal(self, pointer: str, sentence: str) -> UsageError:
        """Make the error for one place of the document; the sentence starts where "file line 3 (#/pointer): " ends."""
        known = pointer
        while known and known not in self.lines:
            known = known.rpartition("/")[0]
        return UsageError(f"{self.name} line {self.lines.get(known, 1)} (#{one_line(pointer)}): {sentence}")


def read(path: Path, name: str) -> Source:
    """Read an OpenAPI 3.1 document and see that each `$ref` leads somewhere inside it.

    Raises UsageError, with file and line, for a file that cannot be read or is no YAML, a key given twice, an
    alias of a list or mapping, a `$ref` that leads nowhere or out of the file, and for what is not OpenAPI 3.1.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{name} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{name} is not UTF-8: byte {error.start} cannot be decoded.") from error
    document, lines = _parsed(text, name)
    if not isinstance(document, dict):
        raise UsageError(f"{name} line 1: an OpenAPI document is a mapping with the keys openapi, info and paths.")
    source = Source(name, document, lines)
    if not str(document.get("openapi", "")).startswith("3.1."):
        raise source.refusal("/openapi", "an OpenAPI 3.1 document is needed (openapi: 3.1.0).")
    for pointer, reference in _references(document, ""):
        _follow(source, pointer, reference)
    return source


def _parsed(text: str, name: str) -> tuple[Any, dict[str, int]]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)
    try:
        node = loader.get_single_node()
        lines: dict[str, int] = {}
        if node is None:
            return None, lines
        _index(node, "", lines, name, set())
        return loader.construct_document(node), lines
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f" line {mark.line + 1}" if mark else ""
        raise UsageError(f"{name}{where} is not YAML: {one_line(error.problem or str(error))}.") from error
    except RecursionError as error:
        raise UsageError(f"{name} is nested too deeply to be read.") from error
    except (yaml.YAMLError, ValueError) as error:
        raise UsageError(f"{name} is not YAML: {one_line(str(error))}.") from error
    finally:
        loader.dispose()


def _index(node: yaml.Node, pointer: str, lines: dict[str, int], name: str, met: set[int]) -> None:
    """Note the line of each place.

    A key that is given twice is refused, because readers silently keep the last one. So is an alias of more than a
    scalar: a few of them can stand for a document too large to read, and `$ref` is the way to name a part.
    """
    lines.setdefault(pointer, node.start_mark.line + 1)
    if isinstance(node, yaml.CollectionNode):
        if id(node) in met:
            raise UsageError(f"{name} line {lines[pointer]}: an alias of a list or mapping: use $ref instead.")
        met.add(id(node))
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                raise UsageError(f"{name} line {line}: a key must be a plain text.")
            if key.value in seen:
                raise UsageError(f"{name} line {line}: the key {one_line(key.value)!r} is given twice.")
            seen.add(key.value)
            below = f"{pointer}/{documents.token(key.value)}"
            lines[below] = line
            _index(value, below, lines, name, met)
    elif isinstance(node, yaml.SequenceNode):
        for position, value in enumerate(node.value):
            _index(value, f"{pointer}/{position}", lines, name, met)


def _references(value: Any, pointer: str) -> Iterator[tuple[str, Any]]:
    """Find every `$ref` except inside examples, which are data."""
    if isinstance(value, list):
        for position, item in enumerate(value):
            yield from _references(item, f"{pointer}/{position}")
    elif isinstance(value, dict):
        if "$ref" in value:
            yield f"{pointer}/$ref", value["$ref"]
        for key, item in value.items():
            if key not in _DATA or pointer.rpartition("/")[2] in _NAMES:
                yield from _references(item, f"{pointer}/{documents.token(key)}")


def _follow(source: Source, pointer: str, reference: Any) -> None:
    if not isinstance(reference, str) or not reference.startswith("#/"):
        raise source.refusal(pointer, "a $ref must stay inside the file and start with #/.")
    met: set[str] = set()
    while isinstance(reference, str):
        if reference in met:
            raise source.refusal(pointer, f"$ref {one_line(reference)} leads back to itself.")
        met.add(reference)
        try:
            target = documents.follow(source.document, reference)
        except LookupError as error:
            raise source.refusal(pointer, f"$ref {one_line(reference)} leads nowhere.") from error
        reference = target.get("$ref") if isinstance(target, dict) else None
