# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep-v3.yaml
from __future__ import annotations

from attrs import define

from ...types import WireModel
from .listed_session import ListedSession


@define(frozen=True, kw_only=True, repr=False)
class SessionList(WireModel):
    """A page of the sessions of one user."""

    timezone: str
    """The time zone of every time below, the one that was asked for, `UTC` by default."""
    sleep_session_list: list[ListedSession]
    """The sessions of the page, ordered by their start as `order_by` asks."""
