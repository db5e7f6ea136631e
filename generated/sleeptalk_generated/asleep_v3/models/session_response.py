# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep-v3.yaml
from __future__ import annotations

from attrs import define

from ...types import WireModel
from .session_result import SessionResult


@define(frozen=True, kw_only=True, repr=False)
class SessionResponse(WireModel):
    """The answer to a successful read of a session."""

    detail: str
    """A remark about the outcome, `OK` in the printed sample. Do not rely on it; the status code says more."""
    result: SessionResult
    """The session and its analysis so far."""
