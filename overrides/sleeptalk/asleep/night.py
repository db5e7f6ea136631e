"""One night, as `get_session` returns it."""

from __future__ import annotations

from attrs import define, field

from sleeptalk.asleep.validity import Validity
from sleeptalk.transport.response import Response
from sleeptalk_generated.asleep.models import Session, Stat


@define(frozen=True, kw_only=True)
class Night:
    """One session: what was recorded, and, once it is COMPLETE and VALID, its statistics.

    - `timezone`: the time zone of every time of the night.
    - `validity`: a str with a `status` and a `reason`.
    - `session`: state, times and stage lists; a stage is one epoch of 30 s.
    - `stat`: the 23 statistics: times in whole seconds, ratios from 0 to 1. None unless the session is COMPLETE and its
      validity VALID. `why_null(night, field)` says why a field is None.
    - `response`: the answer it was read from: status, headers, bytes, request id. Not compared.

    Source: 001 2.1.
    """

    timezone: str
    validity: Validity
    session: Session
    stat: Stat | None
    response: Response = field(eq=False, repr=False)

    def _repr_html_(self) -> str:
        """Show the hypnogram in notebooks, as SVG."""
        from sleeptalk.drawing import hypnogram  # noqa: PLC0415  # only notebooks draw

        return hypnogram(self)
