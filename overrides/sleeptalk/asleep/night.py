"""One night, as `get_session` returns it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sleeptalk_generated.asleep.models import SessionResult
from sleeptalk_generated.types import known_to_attrs

if TYPE_CHECKING:
    from sleeptalk.asleep.validity import Validity
    from sleeptalk.transport.response import Response


@known_to_attrs
class Night(SessionResult, frozen=True, kw_only=True):
    """One session: what was recorded, and, once it is COMPLETE and VALID, its statistics.

    - `session`: state, times and stage lists; a stage is one epoch of 30 s.
    - `stat`: the 23 statistics: times in whole seconds, ratios from 0 to 1. None unless the session is COMPLETE and its
      validity VALID. `why_null(night, field)` says why a field is None.
    - `validity`: a str with a `status` and a `reason`.
    - `timezone`: the time zone of every time of the night.
    - `response`: the answer it was read from: status, headers, bytes, request id. Not compared.

    Source: 001 2.1.
    """

    validity: Validity
    response: Response

    def __eq__(self, other: object) -> bool:
        """Compare what the nights say, not the answers that they were read from."""
        return isinstance(other, Night) and self._said() == other._said()

    __hash__ = None  # type: ignore[assignment]  # what holds lists cannot be hashed

    def __repr__(self) -> str:
        said = ", ".join(f"{name}={value!r}" for name, value in self._said().items())
        return f"Night({said})"

    def _said(self) -> dict[str, object]:
        return {name: getattr(self, name) for name in self.__struct_fields__ if name != "response"}

    def _repr_html_(self) -> str:
        """Show the hypnogram in notebooks, as SVG."""
        from sleeptalk.drawing import hypnogram  # noqa: PLC0415  # only notebooks draw

        return hypnogram(self)
