# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep-v3.yaml
from __future__ import annotations

from attrs import define

from ...types import WireModel


@define(frozen=True, kw_only=True, repr=False)
class Error(WireModel):
    """Why a request was not served."""

    detail: str
    """What went wrong, in one sentence."""
