# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep-v3.yaml
from __future__ import annotations

from attrs import define

from ...types import WireModel
from .session_list import SessionList


@define(frozen=True, kw_only=True, repr=False)
class SessionListResponse(WireModel):
    """The answer to a successful request for a list of sessions."""

    detail: str
    """A remark about the outcome, `OK` in the printed sample. Do not rely on it; the status code says more."""
    result: SessionList
    """A page of the list."""
