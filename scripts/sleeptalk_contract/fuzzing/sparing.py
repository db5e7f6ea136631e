"""What a run leaves alone: it never changes or deletes anything that it did not make.

Unless the user allows writes, a documented operation that may change something is not sent at all, and where a document
has one, neither is any method that it does not document: such an implementation may have more of them.

Where writes are allowed, two things protect what exists. Requests that may change something carry no id that the user
named, nor that of a user. And where a guess could hit, because an operation takes no id or one from a few values,
generated requests and undocumented methods are not sent at all: only the probes of its service exercise it, which know
what they touch.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote_plus

from sleeptalk_contract.contract.address import request_target
from sleeptalk_contract.contract.operation import SAFE_METHODS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from requests import PreparedRequest

    from sleeptalk_contract.contract.operation import Operation, Parameter

_GUESSABLE_LENGTH: Final = 2


def documents_writes(operation: Operation) -> bool:
    """Whether the document of an operation has one that may change something."""
    return any(map(changes_things, operation.document.operations.values()))


def changes_things(operation: Operation) -> bool:
    """Whether a request of an operation may change what a provider keeps; a receiver only hears of something."""
    return not operation.is_webhook and operation.method not in SAFE_METHODS


class Spared:
    """Decides which requests are not sent. `ids` are those of things that exist, or may, and of who has them."""

    def __init__(self, ids: Iterable[str], *, allow_writes: bool) -> None:
        self._allow_writes = allow_writes
        named = "|".join(re.escape(each) for each in ids if each)
        self._named = re.compile(rf"(?<!\w)(?:{named})(?!\w)", re.IGNORECASE) if named else None

    def forbids(self, operation: Operation, method: str) -> bool:
        """Whether a request is not sent because the user has not allowed writes."""
        is_safe = operation.is_webhook or method in SAFE_METHODS
        return not is_safe and not self._allow_writes and documents_writes(operation)

    def __call__(self, operation: Operation, request: PreparedRequest, *, is_guess: bool) -> bool:
        """Whether a request is not sent. A guess is one whose values are made up, unlike those of most probes."""
        method = str(request.method)
        if operation.is_webhook or method in SAFE_METHODS:
            return False
        return (
            self.forbids(operation, method)
            or self._names(operation.at_its_path(method), request)
            or (is_guess and _can_be_guessed(operation, method))
        )

    def _names(self, documented: Operation | None, request: PreparedRequest) -> bool:
        """Whether a request names what exists: anywhere, or in a header of the operation that is `documented`."""
        if self._named is None:
            return False
        body = request.body if isinstance(request.body, bytes) else str(request.body or "").encode()
        headers = {each.name for each in documented.parameters if each.place == "header"} if documented else ()
        texts = (
            unquote_plus(request_target(str(request.url))),
            body.decode(errors="replace"),
            *(str(request.headers.get(name, "")) for name in headers),
        )
        return any(self._named.search(text) is not None for text in texts)


def _can_be_guessed(operation: Operation, method: str) -> bool:
    """Whether a request with made-up values may reach what exists; a POST to a path without ids makes something."""
    ids = [parameter for parameter in operation.parameters if parameter.place == "path"]
    if not ids:
        return method != "POST"
    return not any(_is_hard_to_guess(operation, parameter) for parameter in ids)


def _is_hard_to_guess(operation: Operation, parameter: Parameter) -> bool:
    """Whether values of a parameter are texts of any kind: not a number, not one of a list, not a letter or two."""
    schema = operation.document.resolved(parameter.schema)
    kinds = schema.get("type", "string")
    return (
        set([kinds] if isinstance(kinds, str) else kinds) <= {"string", "null"}
        and not schema.keys() & {"enum", "const"}
        and schema.get("maxLength", _GUESSABLE_LENGTH + 1) > _GUESSABLE_LENGTH
    )
