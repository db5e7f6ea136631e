# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep-v3.yaml
from __future__ import annotations

from attrs import define

from ...types import WireModel
from .user import User


@define(frozen=True, kw_only=True, repr=False)
class UserResponse(WireModel):
    """The answer to a successful read of a user."""

    detail: str
    """A remark about the outcome, `success` in the printed sample. Do not rely on it; the status code says more."""
    result: User
    """The user."""
