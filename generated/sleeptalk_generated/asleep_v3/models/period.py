# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep-v3.yaml
from __future__ import annotations

from attrs import define

from ...types import Date, WireModel


@define(frozen=True, kw_only=True, repr=False)
class Period(WireModel):
    """A period in days of a time zone."""

    timezone: str
    """The time zone of the days and of every time, the one that was asked for, `UTC` by default."""
    start_date: Date
    """The first day."""
    end_date: Date
    """The last day."""
