# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep.yaml, openapi/phonexia.yaml
"""The types that the models of all services share."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from enum import IntEnum, StrEnum
from types import new_class
from typing import TYPE_CHECKING, Annotated, Self

import attrs
from msgspec import NODEFAULT, UNSET, Meta, Struct, UnsetType

__all__ = ["UNSET", "Date", "OpenIntEnum", "OpenStrEnum", "Timestamp", "UnsetType", "define"]

Date = datetime.date
"""A date without a time of day."""

Timestamp = Annotated[datetime.datetime, Meta(tz=True)]
"""A date and time with its offset from UTC; a text without an offset is not one."""


if TYPE_CHECKING:
    from attrs import define
else:

    def define(**options: bool) -> Callable[[type], type]:
        """Do what attrs.define does, with a class that msgspec lays out.

        msgspec sets the fields of another class one by one, which takes half as long again as filling one of its own.
        So the class becomes a msgspec.Struct with `options`, and attrs is told its fields: attrs.has, fields, asdict,
        evolve and resolve_types take it as they take any attrs class.
        """
        return lambda kind: _described(_laid_out(kind, options))

    def _laid_out(kind: type, options: dict[str, bool]) -> type:
        body = {name: value for name, value in vars(kind).items() if name not in {"__dict__", "__weakref__"}}
        return new_class(kind.__name__, (Struct,), options, lambda namespace: namespace.update(body))

    def _described(kind: type) -> type:
        required = len(kind.__struct_fields__) - len(kind.__struct_defaults__)
        defaults = (NODEFAULT,) * required + kind.__struct_defaults__
        fields = {
            name: attrs.field(default=attrs.NOTHING if default is NODEFAULT else default, kw_only=True)
            for name, default in zip(kind.__struct_fields__, defaults, strict=True)
        }
        attrs.define(kind, these=fields, slots=False, init=False, repr=False, eq=False, match_args=False)
        del kind.__attrs_init__  # it would set fields that are already set
        return kind


class OpenIntEnum(IntEnum):
    """An enumeration of integers that keeps a value it does not know, as a member named UNKNOWN."""

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
