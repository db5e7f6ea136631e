# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep-v3.yaml, openapi/asleep.yaml, openapi/phonexia.yaml
"""The types that the models of all services share."""

from __future__ import annotations

import datetime
import json
from enum import IntEnum, StrEnum
from typing import Annotated, Any, ClassVar, Self, cast

from msgspec import UNSET, Meta, MsgspecError, UnsetType
from msgspec.json import schema

from .decoding import decode
from .encoding import encode, plain

__all__ = ["UNSET", "Date", "LocalTime", "OpenIntEnum", "OpenStrEnum", "Timestamp", "UnsetType", "WireModel"]

Date = datetime.date
"""A date without a time of day."""

LocalTime = Annotated[datetime.time, Meta(tz=False)]
"""A time of day without an offset."""

Timestamp = Annotated[datetime.datetime, Meta(tz=True)]
"""A date and time with its offset from UTC; a text without an offset is not one."""


class WireModel:
    """What every class of a document can do: become JSON as the service writes it, be read from it, and stand in pydantic.

    The wire form has the documented fields alone, those that are UNSET left out; a value that an enumeration does not know
    stays as it came. Times keep the offset that they came with: `msgspec.json.encode` would write `Z` for UTC, which is not
    the services' form.
    """

    __slots__ = ()

    __attrs_attrs__: ClassVar[Any]

    def to_dict(self) -> dict[str, Any]:
        """Return the wire form as dicts, lists, strings, numbers, booleans and None.

        Raises ValueError for a time without an offset.
        """
        return cast("dict[str, Any]", plain(self))

    def to_json(self) -> str:
        """Return the wire form as JSON. Raises ValueError for a time without an offset, for NaN and for infinity."""
        return encode(self.to_dict())

    @classmethod
    def from_dict(cls, value: dict[str, Any]) -> Self:
        """Read the wire form from what `to_dict` returns. Raises ValueError, which names the JSON path."""
        try:
            return cls.from_json(json.dumps(value, allow_nan=False))
        except TypeError as error:
            raise ValueError(f"This is not the wire form of {cls.__name__}: {error}.") from None

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Read the wire form from JSON. Raises ValueError, which names the JSON path."""
        try:
            return decode(text.encode() if isinstance(text, str) else text, cls)
        except MsgspecError as error:
            raise ValueError(str(error)) from None

    def __repr__(self) -> str:
        shown = (f"{attribute.name}={_short(getattr(self, attribute.name))}" for attribute in self.__attrs_attrs__)
        return f"{type(self).__name__}({', '.join(shown)})"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: object) -> Any:
        """Let pydantic take an object or its wire form, and write the wire form."""
        from pydantic_core import core_schema

        written = core_schema.plain_serializer_function_ser_schema(lambda value: value.to_dict())
        return core_schema.no_info_plain_validator_function(cls._of_pydantic, serialization=written)

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: object, handler: object) -> dict[str, Any]:
        """Return the JSON Schema of the wire form, whole, without references."""
        return _inlined(cls._wire_schema())

    @classmethod
    def _wire_schema(cls) -> dict[str, Any]:
        return schema(cls)

    @classmethod
    def _of_pydantic(cls, value: Any) -> Self:
        return value if isinstance(value, cls) else cls.from_dict(value)


def _short(value: object) -> str:
    """Return the repr of a value, of a long list that of its first items."""
    if isinstance(value, list) and len(value) > 6:
        return f"[{', '.join(map(_short, value[:4]))}, ... {len(value) - 4} more]"
    return repr(value)


def _inlined(root: dict[str, Any]) -> dict[str, Any]:
    """Return a JSON Schema with each reference replaced by what it refers to; schemas of documents have no circles."""
    return cast("dict[str, Any]", _without_references(root, root.get("$defs", {})))


def _without_references(part: object, definitions: dict[str, Any]) -> object:
    if isinstance(part, list):
        return [_without_references(item, definitions) for item in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        return _without_references(definitions[part["$ref"].rpartition("/")[2]], definitions)
    return {name: _without_references(item, definitions) for name, item in part.items() if name != "$defs"}


class OpenIntEnum(IntEnum):
    """An enumeration of integers that keeps a value it does not know, as a member named UNKNOWN."""

    def __repr__(self) -> str:
        return self._name_ if self.is_known else f"UNKNOWN({self._value_!r})"

    @property
    def is_known(self) -> bool:
        """Whether the document lists this value."""
        return self._name_ in type(self).__members__

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if type(value) is not int:
            return None
        member = int.__new__(cls, value)
        member._name_ = "UNKNOWN"
        member._value_ = value
        return member


class OpenStrEnum(StrEnum):
    """An enumeration of strings that keeps a value it does not know, as a member named UNKNOWN."""

    def __repr__(self) -> str:
        return self._name_ if self.is_known else f"UNKNOWN({self._value_!r})"

    @property
    def is_known(self) -> bool:
        """Whether the document lists this value."""
        return self._name_ in type(self).__members__

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if type(value) is not str:
            return None
        member = str.__new__(cls, value)
        member._name_ = "UNKNOWN"
        member._value_ = value
        return member
