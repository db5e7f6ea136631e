# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep-v3.yaml
from __future__ import annotations

from attrs import define

from ...types import UNSET, UnsetType, WireModel
from .last_session import LastSession
from .user_metadata import UserMetadata


@define(frozen=True, kw_only=True, repr=False)
class User(WireModel):
    """A user with the last session that was recorded."""

    user_id: str
    """The id of the user."""
    to_be_deleted: bool
    """Whether the user is about to be deleted."""
    last_session_info: LastSession | None
    """The last session. Null when nothing has been recorded."""
    metadata: UserMetadata | None | UnsetType = UNSET
    """What is known of the person. Null without such knowledge; absent in older texts."""
