"""What changed around the bodies of operations, rated for the side that a user of the document is on.

A user of a path sends the request and receives the answer; a user of a webhook receives the request and sends the
answer. What users send may be less restricted; what they receive may be promised more.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sleeptalk_contract.contract.operation import METHODS
from sleeptalk_contract.contract.pointer import follow, pointer, token
from sleeptalk_contract.diffing.change import Impact

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_NAME: Final = re.compile(r"\{[^{}]*\}")
_WORDS: Final = frozenset({"description", "summary", "x-rule"})


@dataclass(frozen=True, slots=True)
class Finding:
    """One change around a body: `place` is a JSON Pointer after "#", into the revision unless `is_gone`."""

    impact: Impact
    place: str
    sentence: str
    is_gone: bool = False

    @property
    def side(self) -> str:
        """The version that `place` points into: "base" or "revision"."""
        return "base" if self.is_gone else "revision"


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a document with its `$ref`s followed, and where it stands."""

    root: Mapping[str, Any]
    value: Any
    place: str

    @classmethod
    def of(cls, root: Mapping[str, Any], value: Any, place: str) -> _Part:
        while isinstance(value, dict) and isinstance(value.get("$ref"), str):
            place = value["$ref"]
            value = follow(root, place)
        return cls(root, value, place)

    def __truediv__(self, key: object) -> _Part:
        value = self.value[key]
        return _Part.of(self.root, value, f"{self.place}/{token(key)}")

    def has(self, key: str) -> bool:
        return isinstance(self.value, dict) and key in self.value

    def inside(self, key: str) -> dict[str, _Part]:
        """Return the parts in the mapping at `key` by their keys; none where it is not there."""
        return {name: self / key / name for name in self.value[key]} if self.has(key) else {}


def operation_findings(base: Mapping[str, Any], revision: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield the changes around the bodies of the operations that both versions have.

    A path is the same where only the names in its template changed, for no request shows them.
    """
    for section in ("paths", "webhooks"):
        before, after = (_items(root, section) for root in (base, revision))
        for path in before.keys() & after.keys():
            for method in METHODS:
                if before[path].has(method) and after[path].has(method):
                    yield from _Pair(before[path], after[path], method, is_sent=section == "paths").findings()


def _items(root: Mapping[str, Any], section: str) -> dict[str, _Part]:
    """Return the path items of a section by path, the names in its template left out."""
    return {
        _NAME.sub("{}", path): _Part.of(root, item, f"#{pointer((section, path))}")
        for path, item in (root.get(section) or {}).items()
    }


class _Pair:
    """Two versions of one operation; `is_sent` where users of the document send its request."""

    def __init__(self, old_item: _Part, new_item: _Part, method: str, *, is_sent: bool) -> None:
        self._items = old_item, new_item
        self._old, self._new = old_item / method, new_item / method
        self._is_sent = is_sent

    def findings(self) -> Iterator[Finding]:
        yield from self._parameters()
        yield from self._security()
        yield from self._body()
        yield from self._responses()

    def _parameters(self) -> Iterator[Finding]:
        before, after = (
            _parameters(item, operation) for item, operation in zip(self._items, (self._old, self._new), strict=True)
        )
        for names in (before, after):  # the template of the path states the parameters in it
            for key in [key for key in names if key[0] == "path"]:
                del names[key]
        yield from _named(before, after, "parameter", is_sent=self._is_sent, must_be_known=self._is_sent)

    def _security(self) -> Iterator[Finding]:
        before, after = _security(self._old), _security(self._new)
        less = any(not any(new <= old for new in after) for old in before)
        more = any(not any(old <= new for old in before) for new in after)
        written = self._new.has("security")
        place = f"{self._new.place}/security" if written else self._new.place
        if self._is_sent and (less or more):
            means = "requests that were accepted may be refused" if less else "requests need less than before"
            yield Finding(_rated(breaks=less), place, f"What authorizes a request changed: {means}.")
        elif less or more:
            means = "requests may come without what proves their sender" if more else "requests prove their sender more"
            yield Finding(_rated(breaks=more), place, f"What authorizes a request changed: {means}.")

    def _body(self) -> Iterator[Finding]:
        old, new = (part / "requestBody" if part.has("requestBody") else None for part in (self._old, self._new))
        if old is None and new is None:
            return
        if new is None and old is not None:
            yield Finding(Impact.MAJOR, old.place, "Request body was removed.", is_gone=True)
        elif old is None and new is not None:
            needed = new.value.get("required") is True
            must = "Required request body" if needed else "Optional request body"
            yield Finding(_rated(breaks=needed and self._is_sent), new.place, f"{must} was added.")
        elif old is not None and new is not None:
            yield from _requirement(old, new, "Request body", is_sent=self._is_sent)
            yield from self._media_types(old, new, "the request body", is_sent=self._is_sent)

    def _media_types(self, old: _Part, new: _Part, what: str, *, is_sent: bool) -> Iterator[Finding]:
        before, after = old.inside("content"), new.inside("content")
        for name in before.keys() - after.keys():
            yield Finding(Impact.MAJOR, before[name].place, f"Media type `{name}` of {what} was removed.", is_gone=True)
        for name in after.keys() - before.keys():
            # Those who receive an answer choose its type with Accept; nobody chooses the type of a callback.
            breaks = before != {} and not is_sent and not self._is_sent
            yield Finding(_rated(breaks=breaks), after[name].place, f"Media type `{name}` of {what} was added.")

    def _responses(self) -> Iterator[Finding]:
        before, after = self._old.inside("responses"), self._new.inside("responses")
        for status in before.keys() - after.keys():
            yield Finding(Impact.MAJOR, before[status].place, f"Response `{status}` was removed.", is_gone=True)
        for status in after.keys() - before.keys():
            yield Finding(Impact.MINOR, after[status].place, f"Response `{status}` was added.")
        for status in before.keys() & after.keys():
            old, new = before[status], after[status]
            what = f"response `{status}`"
            if not old.inside("content") and new.inside("content"):
                breaks = not self._is_sent
                yield Finding(_rated(breaks=breaks), f"{new.place}/content", f"A body of {what} was added.")
            else:
                yield from self._media_types(old, new, what, is_sent=not self._is_sent)
            yield from _named(
                _headers(old), _headers(new), f"of {what}", is_sent=not self._is_sent, must_be_known=False
            )


def _named(
    before: Mapping[tuple[str, str], _Part],
    after: Mapping[tuple[str, str], _Part],
    kind: str,
    *,
    is_sent: bool,
    must_be_known: bool,
) -> Iterator[Finding]:
    """Compare parameters or headers by where they stand and their name; senders may only send what is known."""
    for key in before.keys() | after.keys():
        what = f"`{key[1]}` {key[0]} {kind}"
        if key not in after:
            breaks = must_be_known or not is_sent
            yield Finding(_rated(breaks=breaks), before[key].place, f"{what} was removed.", is_gone=True)
        elif key not in before:
            needed = after[key].value.get("required") is True
            must = "Required" if needed else "Optional"
            yield Finding(_rated(breaks=needed and is_sent), after[key].place, f"{must} {what} was added.")
        else:
            yield from _requirement(before[key], after[key], what, is_sent=is_sent)


def _requirement(old: _Part, new: _Part, what: str, *, is_sent: bool) -> Iterator[Finding]:
    was, now = (part.value.get("required") is True for part in (old, new))
    if was != now:
        verb = "became required" if now else "is no longer required"
        means = "" if now or is_sent else ": those who receive it must expect that it is missing"
        place = f"{new.place}/required" if new.has("required") else f"{old.place}/required"
        yield Finding(_rated(breaks=now is is_sent), place, f"{what} {verb}{means}.", is_gone=not new.has("required"))


def _rated(*, breaks: bool) -> Impact:
    return Impact.MAJOR if breaks else Impact.MINOR


def _headers(response: _Part) -> dict[tuple[str, str], _Part]:
    """Return the headers of a response as parameters are listed."""
    return {("header", name.lower()): header for name, header in response.inside("headers").items()}


def _parameters(item: _Part, operation: _Part) -> dict[tuple[str, str], _Part]:
    """Return the parameters of an operation by place and name; the names of headers are in lower case."""
    found: dict[tuple[str, str], _Part] = {}
    for holder in (item, operation):
        for index in range(len(holder.value.get("parameters") or ())):
            parameter = holder / "parameters" / index
            where, name = parameter.value["in"], parameter.value["name"]
            found[where, name.lower() if where == "header" else name] = parameter
    return found


def _security(operation: _Part) -> list[frozenset[str]]:
    """Return what authorizes a request: one of these sets of schemes and scopes; an empty one is always met."""
    written = operation.value.get("security", operation.root.get("security")) or [{}]
    schemes = (operation.root.get("components") or {}).get("securitySchemes") or {}
    return [
        frozenset(
            json.dumps([_without_words(schemes.get(name, name)), scope], sort_keys=True)
            for name, scopes in alternative.items()
            for scope in [None, *scopes]
        )
        for alternative in written
    ]


def _without_words(scheme: Any) -> Any:
    return {key: value for key, value in scheme.items() if key not in _WORDS} if isinstance(scheme, dict) else scheme
