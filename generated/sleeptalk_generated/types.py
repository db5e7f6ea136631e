# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep.yaml, openapi/phonexia.yaml
"""The types that the models of all services share."""

from __future__ import annotations

import datetime
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self, TypeVar

import attrs
from msgspec import NODEFAULT, UNSET, Meta, Struct, UnsetType

__all__ = ["UNSET", "Model", "OpenIntEnum", "OpenStrEnum", "Timestamp", "UnsetType", "known_to_attrs"]

Timestamp = Annotated[datetime.datetime, Meta(tz=True)]
"""A date and time with its offset from UTC; a text without an offset is not one."""


class Model(Struct, frozen=True, kw_only=True):
    """The base of every class of the documents: an attrs class laid out by msgspec.

    msgspec sets the fields of an attrs class one by one, which takes it half as long again as filling a class of its
    own. So it lays the classes out and writes their methods, and `known_to_attrs` describes them to attrs.
    """

    if TYPE_CHECKING:
        __attrs_attrs__: ClassVar[tuple[Any, ...]]


Kind = TypeVar("Kind", bound=type[Model])


def known_to_attrs(kind: Kind) -> Kind:
    """Make a model an attrs class: attrs.has, fields, asdict, evolve and resolve_types take it."""
    required = len(kind.__struct_fields__) - len(kind.__struct_defaults__)
    defaults = (NODEFAULT,) * required + kind.__struct_defaults__
    fields = {
        name: attrs.field(default=attrs.NOTHING if default is NODEFAULT else default, kw_only=True)
        for name, default in zip(kind.__struct_fields__, defaults, strict=True)
    }
    describe = attrs.define(these=fields, slots=False, init=False, repr=False, eq=False, match_args=False)
    return describe(kind)


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
