# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep.yaml, openapi/phonexia.yaml
"""The types that the models of all services share."""

from __future__ import annotations

import datetime
from enum import IntEnum, StrEnum
from typing import Annotated, Self

from msgspec import UNSET, Meta, UnsetType

__all__ = ["UNSET", "Date", "OpenIntEnum", "OpenStrEnum", "Timestamp", "UnsetType"]

Date = datetime.date
"""A date without a time of day."""

Timestamp = Annotated[datetime.datetime, Meta(tz=True)]
"""A date and time with its offset from UTC; a text without an offset is not one."""


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
