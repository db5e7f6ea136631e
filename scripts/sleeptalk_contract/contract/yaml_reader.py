"""Read YAML as JSON values with the location of each part, and report flaws that make readers disagree.

A key that is given twice or is not text, an alias of a list or mapping, a tag, a second document, nesting beyond 200
levels, and what is not YAML at all are flaws. Values are those that JSON has: a date is text and 1e5 a number, as in
YAML 1.2.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from sleeptalk_contract.contract.pointer import token
from sleeptalk_contract.contract.usage import one_line

DEEPEST: Final = 200
"""Lists and mappings may be nested to this many levels."""

_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAG: Final = "tag:yaml.org,2002:"
_KINDS: Final = frozenset({"str", "int", "float", "bool", "null"})
_COLLECTIONS: Final = frozenset({None, "!", f"{_TAG}map", f"{_TAG}seq"})
_JSON_NUMBER: Final = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_COLLECTION: Final = object()
"""What is kept of the anchor of a list or mapping: no alias may stand for one."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """A reason why a text may not be read as intended, and where: `line` and `column` count from 1.

    The sentence begins in lower case, to follow "file line 3: ".
    """

    line: int
    column: int
    sentence: str


@dataclass(frozen=True, slots=True)
class PlainScalar:
    """A value that is written without quotes.

    `kind` is what YAML 1.1 reads it as: "str", "int", "float", "bool", "null", "timestamp" and others.
    """

    text: str
    kind: str
    line: int
    column: int


@dataclass(slots=True)
class Read:
    """A parsed text of YAML: its value, the place (line and column) of each JSON Pointer, its flaws.

    `scalars` are the values without quotes, in the order of the text.
    """

    value: Any = None
    places: dict[str, tuple[int, int]] = field(default_factory=dict)
    scalars: list[PlainScalar] = field(default_factory=list)
    flaws: list[Flaw] = field(default_factory=list)


def read_yaml(text: str) -> Read:
    """Read a text. Where it is flawed, the value is what could be read."""
    reader = _Reader()
    loader = None
    try:
        loader = _LOADER(text)
        while loader.check_event():
            reader.take(loader.get_event(), loader)
    except yaml.MarkedYAMLError as error:
        reader.flaw(error.problem_mark or error.context_mark, f"this is not YAML: {_words(error.problem or error)}.")
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        reader.read.flaws.append(Flaw(line, 1, f"this is not YAML: {_words(error.reason)}."))
    except (ValueError, OverflowError) as error:  # PyYAML's parser in Python: an escape beyond Unicode
        reader.flaw(None, f"this is not YAML: {_words(error)}.")
    except _Unreadable:
        pass
    finally:
        if loader is not None:
            loader.dispose()
    return reader.read


class _Unreadable(Exception):  # noqa: N818  # it ends the reading; what is wrong is a Flaw
    """The text cannot be read on from here."""


class _Level:
    """A list or mapping that is being read, and the key that the next value belongs to."""

    __slots__ = ("key", "value", "where")

    def __init__(self, value: list[Any] | dict[str, Any], where: str) -> None:
        self.value = value
        self.where = where
        self.key: str | None = None

    @property
    def wants_key(self) -> bool:
        return self.key is None and isinstance(self.value, dict)


class _Reader:
    """Turns the events of a YAML parser into a value, without recursion, and notes the place of each part."""

    def __init__(self) -> None:
        self.read = Read()
        self._levels: list[_Level] = []
        self._anchors: dict[str, tuple[str, Any]] = {}
        self._has_begun = False

    def flaw(self, mark: Any, sentence: str) -> None:
        """Note a flaw; `mark` is the parser's, None for the first line."""
        line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
        self.read.flaws.append(Flaw(line, column, sentence))

    def take(self, event: Any, loader: Any) -> None:
        """Take the next event. Raises _Unreadable where what follows cannot be read."""
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event, loader)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._levels.pop()
        elif isinstance(event, yaml.CollectionStartEvent):
            self._collection(event)
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event)
        elif isinstance(event, yaml.DocumentStartEvent):
            if self._has_begun:
                self.flaw(event.start_mark, "a second document begins here: a file holds one.")
                raise _Unreadable
            self._has_begun = True

    def _collection(self, event: Any) -> None:
        mark = event.start_mark
        if len(self._levels) == DEEPEST:
            self.flaw(mark, "this is nested too deeply to be read.")
            raise _Unreadable
        if self._levels and self._levels[-1].wants_key:
            self.flaw(mark, "a key must be a plain string.")
            raise _Unreadable
        if event.tag not in _COLLECTIONS:
            self.flaw(mark, f"the tag {_words(event.tag)} means nothing in JSON.")
        if event.anchor is not None:
            self._anchors[event.anchor] = ("", _COLLECTION)
        value: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
        self._levels.append(_Level(value, self._put(value, mark)))

    def _alias(self, event: Any) -> None:
        mark = event.start_mark
        if event.anchor not in self._anchors:
            self.flaw(mark, f"this is not YAML: there is no anchor {_words(event.anchor)}.")
            raise _Unreadable
        kind, value = self._anchors[event.anchor]
        if value is _COLLECTION:  # a few of them can stand for more than can be read
            self.flaw(mark, "an alias of a list or mapping: use $ref instead.")
            raise _Unreadable
        self._take_scalar(kind, value, mark)

    def _scalar(self, event: Any, loader: Any) -> None:
        mark = event.start_mark
        has_tag = event.tag not in {None, "!"}
        tag = event.tag if has_tag else loader.resolve(yaml.ScalarNode, event.value, event.implicit)
        kind = tag.removeprefix(_TAG)
        value: Any = event.value
        if kind in _KINDS:
            is_number = kind == "str" and not has_tag and not event.style and _JSON_NUMBER.fullmatch(event.value)
            read_as = "float" if is_number else kind  # 1e5 is text in YAML 1.1, a number in 1.2 and JSON
            value = value if read_as == "str" else self._constructed(event, tag, read_as, loader)
        elif has_tag:
            self.flaw(mark, f"the tag {_words(tag)} means nothing in JSON.")
        if event.anchor is not None:
            self._anchors[event.anchor] = (kind, value)
        is_key = bool(self._levels) and self._levels[-1].wants_key
        if not event.style and not is_key:
            self.read.scalars.append(PlainScalar(event.value, kind, mark.line + 1, mark.column + 1))
        self._take_scalar(kind, event.value if is_key else value, mark)

    def _constructed(self, event: Any, tag: str, kind: str, loader: Any) -> Any:
        node = yaml.ScalarNode(tag, event.value, event.start_mark, event.end_mark)
        try:
            value = getattr(loader, f"construct_yaml_{kind}")(node)
        except (ValueError, LookupError) as error:  # too many digits; a value that does not fit its tag
            self.flaw(event.start_mark, f"this is not YAML: {_words(error)}.")
            return None
        if isinstance(value, float) and not math.isfinite(value):
            self.flaw(event.start_mark, f"JSON has no number {_words(event.value)}.")
            return None
        return value

    def _take_scalar(self, kind: str, value: Any, mark: Any) -> None:
        if not self._levels or not self._levels[-1].wants_key:
            self._put(value, mark)
            return
        level, text = self._levels[-1], str(value)
        if kind != "str":
            self.flaw(
                mark, f"the key {_words(text) or 'without text'} is not a string to every reader: put it in quotes."
            )
        if text in level.value:
            self.flaw(mark, f"the key {_words(text)!r} is given twice.")
        level.key = text
        self.read.places[f"{level.where}/{token(text)}"] = (mark.line + 1, mark.column + 1)

    def _put(self, value: Any, mark: Any) -> str:
        """Put a value where it belongs, and return its pointer."""
        if not self._levels:
            where = ""
            self.read.value = value
            self.read.places[where] = (mark.line + 1, mark.column + 1)
            return where
        level = self._levels[-1]
        if isinstance(level.value, list):
            where = f"{level.where}/{len(level.value)}"
            self.read.places[where] = (mark.line + 1, mark.column + 1)
            level.value.append(value)
        else:
            where = f"{level.where}/{token(level.key)}"
            level.value[str(level.key)] = value
            level.key = None
        return where


def _words(value: object) -> str:
    """Return a text, or the message of an error, as one line of at most 300 characters, without a full stop."""
    return one_line(str(value))[:300].rstrip(".")
