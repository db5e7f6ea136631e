"""Results that can be kept as JSON and read again: their wire form is the body of the answer that they came in."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, ClassVar, Self

from msgspec.json import schema

from sleeptalk.runtime.decoding import MismatchError, NotJsonError, decode, printable
from sleeptalk.runtime.errors import ConfigurationError, ContractViolation
from sleeptalk.runtime.response import Response
from sleeptalk_generated.types import WireModel

_LONGEST = 300


def one_line(name: str, words: str) -> str:
    """Return the repr of a result: its words on one line, whatever the service wrote, and not too long."""
    text = printable(words)
    return f"<{name} {text[:_LONGEST]}{'...' * (len(text) > _LONGEST)}>"


class KeptResult(WireModel):
    """A result that a service's module makes of the generated class of a body."""

    __slots__ = ()

    _body_class: ClassVar[type[Any]]
    """The generated class of the body."""
    _repair: ClassVar[Callable[[Any], Any] | None] = None
    """Makes of an untyped body that does not fit its class one that does, where both mean the same."""

    @classmethod
    def _of(cls, body: Any, response: Response) -> Self:
        """Make the result of a body and the answer that it came in."""
        raise NotImplementedError

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Read a body that was kept. Raises ContractViolation with the JSON path where it breaks the contract."""
        if not isinstance(text, (str, bytes, bytearray, memoryview)):
            raise ConfigurationError(f"The body must be a str or bytes, not {type(text).__name__}.")
        try:
            content = text.encode() if isinstance(text, str) else bytes(text)
            body = decode(content, cls._body_class, repair=cls._repair)
        except (NotJsonError, UnicodeEncodeError) as problem:
            raise ContractViolation(f"The body is not JSON: {problem}.") from None
        except MismatchError as problem:
            message = f"The body breaks the contract at {problem.path}: {problem}."
            raise ContractViolation(message, path=problem.path) from None
        return cls._of(body, Response(status=200, headers={}, content=content, attempts=0, seconds=0.0))

    @classmethod
    def from_dict(cls, value: dict[str, Any]) -> Self:
        """Read what `to_dict` returned. Raises ContractViolation with the JSON path where it breaks the contract."""
        try:
            text = json.dumps(value, allow_nan=False)
        except (TypeError, ValueError, RecursionError) as problem:
            raise ContractViolation(f"The body is not JSON: {problem}.") from None
        return cls.from_json(text)

    @classmethod
    def _wire_schema(cls) -> dict[str, Any]:
        return schema(cls._body_class)

    @classmethod
    def _of_pydantic(cls, value: Any) -> Self:
        try:
            return super()._of_pydantic(value)
        except ContractViolation as error:
            raise ValueError(str(error)) from None
