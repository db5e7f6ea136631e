"""What nights of every version of the data can do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from sleeptalk.asleep.recording import recording
from sleeptalk.runtime.kept import KeptResult, one_line
from sleeptalk.runtime.refusals import mismatched_id

if TYPE_CHECKING:
    from sleeptalk.asleep.recording import Recorded, Recording
    from sleeptalk.runtime.response import Response
    from sleeptalk_generated.operation import Call


class AnyNight(KeptResult):
    """A night, of whatever version of the data: code that uses no more than this works for all of them."""

    __slots__ = ()

    @property
    def is_valid(self) -> bool:
        """Whether its analysis can be used: it is COMPLETE, has statistics, and the service has nothing against them.

        In data v2 the validity is VALID; in data v3 no peculiarity says that there is no analysis, or that the night
        is longer than 24 hours. A night without sleep, or of a contract without breathing analysis, is valid.
        """
        return bool(self._recording.is_valid)

    @property
    def sentences(self) -> tuple[str, ...]:
        """What is special about it, in words: why it is not valid, or a sentence for each of its peculiarities."""
        return self._recording.sentences

    @property
    def _recording(self) -> Recording:
        return recording(cast("Recorded", self))

    def __repr__(self) -> str:
        night = self._recording
        count, end = len(night.stages), "now" if night.end is None else night.end.isoformat()
        words = [
            " ".join((night.session_id, night.state, *night.remarks)),
            f"{night.start.isoformat()} to {end} in {night.zone}",
            f"{count} epoch{'s' * (count != 1)}",
        ]
        if night.statistics is not None:
            words.append(f"efficiency {night.statistics.sleep_efficiency:g}")
        return one_line("Night", ", ".join(words))

    def _repr_html_(self) -> str:
        """Show the hypnogram in notebooks, as SVG."""
        from sleeptalk.drawing import hypnogram  # noqa: PLC0415  # most programs draw nothing

        return hypnogram(cast("Recorded", self))


def require_session(body: Any, response: Response, call: Call[Any]) -> None:
    """Raise ContractViolation unless the body of an answer is about the session that was requested."""
    asked = call.arguments["session_id"]
    if body.result.session.id != asked:
        raise mismatched_id(response, "$.result.session.id", f"the session {asked!r}")
