# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep-v3.yaml
from __future__ import annotations

from attrs import define

from ...types import WireModel
from .average_stats_result import AverageStatsResult


@define(frozen=True, kw_only=True, repr=False)
class AverageStatsResponse(WireModel):
    """The answer to a successful request for averages."""

    detail: str
    """A remark about the outcome, `OK` in the printed sample. Do not rely on it; the status code says more."""
    result: AverageStatsResult
    """The averages and what they were computed from."""
