# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep-v3.yaml
from __future__ import annotations

from attrs import define

from ...types import WireModel


@define(frozen=True, kw_only=True, repr=False)
class UserCreated(WireModel):
    """A user who was just made."""

    user_id: str
    """The id of the user, which Asleep gives."""
