# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep-v3.yaml
from __future__ import annotations

from attrs import define

from ...types import UNSET, UnsetType, WireModel
from .user_metadata import UserMetadata


@define(frozen=True, kw_only=True, repr=False)
class NewUser(WireModel):
    """What is known of a user who is to be made."""

    metadata: UserMetadata | None | UnsetType = UNSET
    """What is known of the person. Null or absent without such knowledge."""
