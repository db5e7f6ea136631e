"""One night of data v3, as `get_session` returns it, and how answers are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self

from attrs import define, field

from sleeptalk.asleep.nights import AnyNight, require_session
from sleeptalk.asleep.refusals import IDENTIFIERS, refusal
from sleeptalk.asleep_v3.converting import (
    UNKNOWN_OF_SESSION,
    UNKNOWN_STATISTICS,
    peculiarities_of,
    session_of,
    stat_of,
)
from sleeptalk.asleep_v3.tables import Epoch, epochs
from sleeptalk.errors import ConfigurationError
from sleeptalk.runtime.overrides import Overrides, Reader
from sleeptalk.runtime.refusals import mismatched_id
from sleeptalk.runtime.response import Response
from sleeptalk_generated.asleep_v3.models import (
    Peculiarity,
    Session,
    SessionResponse,
    SessionResult,
    Stat,
    User,
    UserCreated,
    UserCreatedResponse,
    UserResponse,
)

if TYPE_CHECKING:
    from typing import Protocol

    from sleeptalk.asleep.recording import SessionWithStat
    from sleeptalk_generated.operation import Call

    class NightOfV2(SessionWithStat, Protocol):
        """A Night of data v2."""

        @property
        def detail(self) -> str: ...  # noqa: D102  # see Night
        @property
        def response(self) -> Response: ...  # noqa: D102  # see Night


@define(frozen=True, kw_only=True, repr=False)
class Night(AnyNight):
    """One session of data v3: what was recorded, and, once it is COMPLETE, its statistics.

    - `timezone`: the time zone of every time of the night.
    - `peculiarities`: what is special about it, often nothing; each has a `sentence`. A value that this version does
      not know is kept as it came.
    - `missing_data_ratio`: the share of the audio that did not arrive, from 0 to 1. None only in a night that was
      converted from data v2.
    - `session`: state, times and stage lists; a stage is one epoch of 30 s.
    - `stat`: the 38 statistics: times in whole seconds, ratios from 0 to 1. None where a peculiarity says why.
      `why_null(night, field)` returns why a field is None.
    - `detail`: the service's remark about the outcome. Not compared.
    - `response`: the answer it was read from: status, headers, bytes, request id. Not compared. Of a night that was not
      read from an answer it has the bytes alone, with the status 200 and 0 attempts.
    - `unknown`: the names of the fields of the night, its session and its statistics that are not known, because it was
      converted from data v2, which does not have them; otherwise empty.

    `is_valid` and `sentences` are those of a night of data v2 too. `to_json` writes the body that the service sends,
    and `parse` or `from_json` reads it: documented fields, times with their offsets, undocumented values as they came.
    Undocumented fields are only in `response.content`, and `unknown` is in no body. As a field of a pydantic model, a
    night is validated from that form and written in it. Source: Get Session.
    """

    _body_class: ClassVar[type[Any]] = SessionResponse

    timezone: str
    peculiarities: tuple[Peculiarity, ...]
    missing_data_ratio: float | None
    session: Session
    stat: Stat | None
    detail: str = field(default="OK", eq=False)
    response: Response = field(eq=False)
    unknown: frozenset[str] = frozenset()

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

    @classmethod
    def from_v2(
        cls, night: NightOfV2, *, missing_data_ratio: float | None = None, created_timezone: str | None = None
    ) -> Self:
        """Make a night of data v3 of one of data v2, by the vendor's migration guide.

        - `night`: what `sleeptalk.asleep` has read.
        - `missing_data_ratio`, `created_timezone`: what data v2 does not have, if you know it: the share of the audio
          that did not arrive, from 0 to 1, and the time zone of the phone.

        What the guide renames keeps its values: `osa_stages` is `breath_stages`, `estimated_ahi` is `breathing_index`;
        `breathing_pattern` has the name of the same degree, the four in order. VALID becomes nothing, IN_PROGRESS and
        the reason of INVALID become one peculiarity each; a reason for which the guide has none is kept as a value that
        is not documented. NEVER_SLEPT, NO_BREATHING_STABILITY and NO_REALTIME_POLLING follow from the stages.

        What data v2 does not have cannot be known, and is named in `unknown`: `missing_data_ratio` is None,
        `created_timezone` empty, `sleep_index`, the latencies of stages, and what counts wakings, cycles and snoring
        are None or UNSET. The body that data v3 would have sent is not known either: without those two arguments
        `to_dict` and `to_json` raise ConfigurationError.
        """
        unknown = set(UNKNOWN_OF_SESSION)
        unknown |= UNKNOWN_STATISTICS if night.stat is not None else set()
        unknown |= {"missing_data_ratio"} if missing_data_ratio is None else set()
        unknown |= {"created_timezone"} if created_timezone is None else set()
        return cls(
            timezone=night.timezone,
            peculiarities=peculiarities_of(night),
            missing_data_ratio=missing_data_ratio,
            session=session_of(night.session, created_timezone or ""),
            stat=stat_of(night.stat),
            detail=night.detail,
            response=night.response,
            unknown=frozenset(unknown),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the body of its answer, `{"detail": ..., "result": ...}`, as JSON has it.

        Raises ValueError for a time without an offset, ConfigurationError for a night that was converted from data v2
        without what data v3 always has.
        """
        if self.missing_data_ratio is None or "created_timezone" in self.unknown:
            missing = "missing_data_ratio and created_timezone"
            raise ConfigurationError(f"This night was converted from data v2, without {missing}: give them to from_v2.")
        result = SessionResult(
            timezone=self.timezone,
            peculiarities=list(self.peculiarities),
            missing_data_ratio=self.missing_data_ratio,
            session=self.session,
            stat=self.stat,
        )
        return SessionResponse(detail=self.detail, result=result).to_dict()

    def epochs(self) -> list[Epoch]:
        """Return a row for each epoch of 30 s: `start`, `seconds`, `stage`, `breathing`, `snoring`.

            import csv
            import sys

            table = csv.DictWriter(sys.stdout, ["start", "seconds", "stage", "breathing", "snoring"])
            table.writeheader()
            table.writerows(night.epochs())

        As `sleeptalk.asleep_v3.epochs` does, for pandas and polars too.
        """
        return epochs(self)


def parse(body: str | bytes) -> Night:
    """Read the body of a session that was kept: what `get_session` received, or what `to_json` wrote.

    - `body`: JSON as str or bytes.

    Returns the Night, equal to the one that was written but for `unknown`, which no body has. Undocumented fields are
    ignored, and undocumented values are kept. Raises ContractViolation with the JSON path where the body breaks the
    contract, ConfigurationError where it is neither str nor bytes.
    """
    return Night.from_json(body)


def _night(body: SessionResponse, response: Response, call: Call[Any]) -> Night:
    require_session(body, response, call)
    return Night._of(body, response)  # noqa: SLF001  # for this module's own use


def _user_created(body: UserCreatedResponse, response: Response, call: Call[Any]) -> UserCreated:
    """Return what is in the envelope."""
    del response, call
    return body.result


def _user(body: UserResponse, response: Response, call: Call[Any]) -> User:
    """Return the user; raises ContractViolation where it is not the one that was requested."""
    asked = call.arguments["user_id"]
    if body.result.user_id != asked:
        raise mismatched_id(response, "$.result.user_id", f"the user {asked!r}")
    return body.result


OVERRIDES = Overrides(
    readers={
        "getSession": Reader(read=_night),
        "createUser": Reader(read=_user_created),
        "getUser": Reader(read=_user),
    },
    identifiers=IDENTIFIERS,
    once=frozenset({"deleteUser", "deleteSession", "deleteSessions"}),
    refusal=refusal,
)
