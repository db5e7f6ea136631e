# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep.yaml
from __future__ import annotations

from ...types import Model, known_to_attrs


@known_to_attrs
class Error(Model, frozen=True, kw_only=True):
    """Why a request was not served."""

    detail: str
    """What went wrong, in one sentence."""
