# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep-v3.yaml
from __future__ import annotations

from attrs import define

from ...types import WireModel
from .user_created import UserCreated


@define(frozen=True, kw_only=True, repr=False)
class UserCreatedResponse(WireModel):
    """The answer to a successful request to make a user."""

    detail: str
    """A remark about the outcome, `success` in the printed sample. Do not rely on it; the status code says more."""
    result: UserCreated
    """The new user."""
