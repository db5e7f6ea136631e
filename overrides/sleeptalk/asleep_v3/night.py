"""One night of data v3, as `get_session` returns it, and how answers are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final, Self

from attrs import define, field

from sleeptalk.asleep.night import OVERRIDES as OVERRIDES_V2
from sleeptalk.runtime.kept import KeptResult, one_line
from sleeptalk.runtime.overrides import Overrides, Reader
from sleeptalk.runtime.refusals import mismatched_id
from sleeptalk_generated.asleep_v3.models import (
    Peculiarity,
    Session,
    SessionResponse,
    SessionResult,
    SessionState,
    Stat,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sleeptalk.runtime.response import Response
    from sleeptalk_generated.operation import Call

SENTENCES: Final[Mapping[str, str]] = {
    "IN_PROGRESS": "The session is OPEN or CLOSED: it has not been analysed to the end.",
    "NEVER_SLEPT": "Nobody slept: every epoch is wake.",
    "TOO_SHORT_FOR_ANALYSIS": "The session is too short to be analysed.",
    "TOO_LONG_FOR_ANALYSIS": "The session is longer than 24 hours: its result is not to be trusted.",
    "TOO_MANY_DEFECTS_IN_SLEEP_STAGES": "Too much of the audio could not be analysed.",
    "NO_BREATHING_STABILITY": "The contract is without breathing analysis.",
    "NO_REALTIME_POLLING": "The contract does not allow reads before the session is COMPLETE.",
}
"""What each peculiarity means, for people."""

_INVALID: Final = frozenset(
    {
        "IN_PROGRESS",
        "NO_REALTIME_POLLING",
        "TOO_SHORT_FOR_ANALYSIS",
        "TOO_LONG_FOR_ANALYSIS",
        "TOO_MANY_DEFECTS_IN_SLEEP_STAGES",
    }
)


@define(frozen=True, kw_only=True, repr=False)
class Night(KeptResult):
    """One session of data v3: what was recorded, and, once it is COMPLETE, its statistics.

    - `timezone`: the time zone of every time of the night.
    - `peculiarities`: what is special about it, often nothing; a value that this version does not know is kept as it
      came. `sentences` has them in words.
    - `missing_data_ratio`: the share of the audio that did not arrive, from 0 to 1.
    - `session`: state, times and stage lists; a stage is one epoch of 30 s.
    - `stat`: the statistics: times in whole seconds, ratios from 0 to 1. None where a peculiarity says why.
    - `detail`: the service's remark about the outcome. Not compared.
    - `response`: the answer it was read from. Not compared.

    `to_json` writes the body that the service sends, and `parse` or `from_json` reads it. Source: Get Session.
    """

    _body_class: ClassVar[type[Any]] = SessionResponse

    timezone: str
    peculiarities: tuple[Peculiarity, ...]
    missing_data_ratio: float
    session: Session
    stat: Stat | None
    detail: str = field(default="OK", eq=False)
    response: Response = field(eq=False)

    @classmethod
    def _of(cls, body: Any, response: Response) -> Self:
        result = body.result
        return cls(
            timezone=result.timezone,
            peculiarities=tuple(result.peculiarities),
            missing_data_ratio=result.missing_data_ratio,
            session=result.session,
            stat=result.stat,
            detail=body.detail,
            response=response,
        )

    @property
    def is_valid(self) -> bool:
        """Whether the analysis can be used: COMPLETE, with statistics, and not too long to be trusted.

        It is what VALID is in data v2. A night without sleep, or of a contract without breathing analysis, is valid.
        """
        is_complete = self.session.state == SessionState.COMPLETE
        return is_complete and self.stat is not None and not _INVALID & {str(each) for each in self.peculiarities}

    @property
    def sentences(self) -> tuple[str, ...]:
        """What is special about it, in words, one sentence per peculiarity; of an unknown one its value."""
        return tuple(SENTENCES.get(str(each), f"The service says {each}.") for each in self.peculiarities)

    def to_dict(self) -> dict[str, Any]:
        """Return the body of its answer, `{"detail": ..., "result": ...}`, as JSON has it.

        Raises ValueError for a time without an offset.
        """
        result = SessionResult(
            timezone=self.timezone,
            peculiarities=list(self.peculiarities),
            missing_data_ratio=self.missing_data_ratio,
            session=self.session,
            stat=self.stat,
        )
        return SessionResponse(detail=self.detail, result=result).to_dict()

    def __repr__(self) -> str:
        session, count = self.session, len(self.session.sleep_stages or ())
        end = "now" if session.end_time is None else session.end_time.isoformat()
        words = [
            " ".join((session.id, str(session.state), *map(str, self.peculiarities))),
            f"{session.start_time.isoformat()} to {end} in {self.timezone}",
            f"{count} epoch{'s' * (count != 1)}",
        ]
        if self.stat is not None:
            words.append(f"efficiency {self.stat.sleep_efficiency:g}")
        return one_line("Night", ", ".join(words))


def parse(body: str | bytes) -> Night:
    """Read the body of a session that was kept: what `get_session` received, or what `to_json` wrote.

    - `body`: JSON as str or bytes.

    Returns the Night, equal to the one that was written. Raises ContractViolation with the JSON path where the body
    breaks the contract, ConfigurationError where it is neither str nor bytes.
    """
    return Night.from_json(body)


def _night(body: SessionResponse, response: Response, call: Call[Any]) -> Night:
    """Make a night; raises ContractViolation where it is not the session that was requested."""
    asked = call.arguments["session_id"]
    if body.result.session.id != asked:
        raise mismatched_id(response, "$.result.session.id", f"the session {asked!r}")
    return Night._of(body, response)  # noqa: SLF001  # for this module's own use


OVERRIDES = Overrides(
    readers={"getSession": Reader(read=_night)},
    identifiers=OVERRIDES_V2.identifiers,
    refusal=OVERRIDES_V2.refusal,
)
