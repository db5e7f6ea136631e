# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep-v3.yaml
from __future__ import annotations

from attrs import define

from ...types import UNSET, UnsetType, WireModel
from .gender import Gender


@define(frozen=True, kw_only=True, repr=False)
class UserMetadata(WireModel):
    """What is known of a person. Nothing is required."""

    birth_year: int | None | UnsetType = UNSET
    """The year of birth, from 1900 to the current year. Null or absent without one."""
    birth_month: int | None | UnsetType = UNSET
    """The month of birth, from 1 to 12. Null or absent without one."""
    birth_day: int | None | UnsetType = UNSET
    """The day of birth, from 1 to 31, a day that its month has. Null or absent without one."""
    gender: Gender | None | UnsetType = UNSET
    """The gender. Null or absent without one."""
    height: float | None | UnsetType = UNSET
    """The height in centimetres, with at most one decimal. Null or absent without one."""
    weight: float | None | UnsetType = UNSET
    """The weight in kilograms, with at most one decimal. Null or absent without one."""
