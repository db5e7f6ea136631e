"""One night, as `get_session` returns it, and how its answers are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self

from attrs import define, field

from sleeptalk.asleep.tables import Epoch, epochs
from sleeptalk.asleep.validity import Validity
from sleeptalk.errors import (
    CallFailed,
    InvalidSessionId,
    InvalidTimezone,
    InvalidUserId,
    PlanExpired,
    QuotaExceeded,
    SessionNotFound,
    UserNotFound,
)
from sleeptalk.runtime.kept import KeptResult, one_line
from sleeptalk.runtime.overrides import Identifier, Overrides, Reader
from sleeptalk.runtime.refusals import detail_of, error_by_status, mismatched_id, sentence, words_of
from sleeptalk.runtime.response import Response
from sleeptalk_generated.asleep.models import Session, SessionResponse, SessionResult, Stat

if TYPE_CHECKING:
    from collections.abc import Callable

    from sleeptalk_generated.operation import Call


@define(frozen=True, kw_only=True, repr=False)
class Night(KeptResult):
    """One session: what was recorded, and, once it is COMPLETE and VALID, its statistics.

    - `timezone`: the time zone of every time of the night.
    - `validity`: a str with a `status` and a `reason`.
    - `session`: state, times and stage lists; a stage is one epoch of 30 s.
    - `stat`: the 23 statistics: times in whole seconds, ratios from 0 to 1. None unless the session is COMPLETE and its
      validity VALID. `why_null(night, field)` returns why a field is None.
    - `detail`: the service's remark about the outcome. Not compared.
    - `response`: the answer it was read from: status, headers, bytes, request id. Not compared. Of a night that was not
      read from an answer it has the bytes alone, with the status 200 and 0 attempts.

    `to_json` writes the body that the service sends, and `parse` or `from_json` reads it: documented fields, times with
    their offsets, and undocumented values as they came. Undocumented fields are only in `response.content`. As a field
    of a pydantic model, a night is validated from that form and written in it. Source: Get Single Session, 2.1.
    """

    _body_class: ClassVar[type[Any]] = SessionResponse

    timezone: str
    validity: Validity
    session: Session
    stat: Stat | None
    detail: str = field(default="ok", eq=False)
    response: Response = field(eq=False)

    @classmethod
    def _of(cls, body: Any, response: Response) -> Self:
        result = body.result
        return cls(
            timezone=result.timezone,
            validity=Validity(result.validity),
            session=result.session,
            stat=result.stat,
            detail=body.detail,
            response=response,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the body of its answer, `{"detail": ..., "result": ...}`, as JSON has it.

        Raises ValueError for a time without an offset.
        """
        validity = str(self.validity)
        result = SessionResult(timezone=self.timezone, validity=validity, session=self.session, stat=self.stat)
        return SessionResponse(detail=self.detail, result=result).to_dict()

    def epochs(self) -> list[Epoch]:
        """Return a row for each epoch of 30 s: `start`, `seconds`, `stage`, `breathing`.

            import csv
            import sys

            table = csv.DictWriter(sys.stdout, ["start", "seconds", "stage", "breathing"])
            table.writeheader()
            table.writerows(night.epochs())

        As `sleeptalk.asleep.epochs` does, for pandas and polars too.
        """
        return epochs(self)

    def __repr__(self) -> str:
        session, count = self.session, len(self.session.sleep_stages or ())
        end = "now" if session.end_time is None else session.end_time.isoformat()
        words = [
            f"{session.id} {session.state} {self.validity}",
            f"{session.start_time.isoformat()} to {end} in {self.timezone}",
            f"{count} epoch{'s' * (count != 1)}",
        ]
        if self.stat is not None:
            words.append(f"efficiency {self.stat.sleep_efficiency:g}")
        return one_line("Night", ", ".join(words))

    def _repr_html_(self) -> str:
        """Show the hypnogram in notebooks, as SVG."""
        from sleeptalk.drawing import hypnogram  # noqa: PLC0415  # most programs draw nothing

        return hypnogram(self)


def parse(body: str | bytes) -> Night:
    """Read the body of a session that was kept: what `get_session` received, or what `to_json` wrote.

    - `body`: JSON as str or bytes.

    Returns the Night, equal to the one that was written. Undocumented fields are ignored, and undocumented values are
    kept. Raises ContractViolation with the JSON path where the body breaks the contract, ConfigurationError where it is
    neither str nor bytes.
    """
    return Night.from_json(body)


def _night(body: SessionResponse, response: Response, call: Call[Any]) -> Night:
    """Make a night; raises ContractViolation where it is not the session that was requested."""
    asked = call.arguments["session_id"]
    if body.result.session.id != asked:
        raise mismatched_id(response, "$.result.session.id", f"the session {asked!r}")
    return Night._of(body, response)  # noqa: SLF001  # for this module's own use


def _refusal(response: Response, call: Call[Any], redact: Callable[[str], str]) -> CallFailed:
    """Return the error for a refusal. Source: Get Single Session, 2.2 to 2.4.

    The vendor words its refusals in more than one way, and a proxy in front of it answers 404 too, so that the status
    and some words of the detail decide together.
    """
    text = detail_of(response)
    words = words_of(text)
    detail = None if text is None else redact(text)
    session_id, user_id = call.arguments.get("session_id"), call.arguments.get("user_id")
    kind: type[CallFailed]
    match response.status:
        case 400 | 422 if "session id" in words:
            kind, problem = InvalidSessionId, f"The session id {session_id!r} was refused by the service"
        case 400 | 401 | 422 if "user id" in words and "invalid" in words:
            kind, problem = InvalidUserId, f"The user id {user_id!r} was refused by the service"
        case 400 if "timezone" in words:
            kind, problem = InvalidTimezone, "The time zone was refused by the service"
        case 403 if "quota" in words and "rate limit" not in words:
            kind, problem = (
                QuotaExceeded,
                "The quota of the API key is used up: no call will succeed until it is raised",
            )
        case 403 if "plan" in words and "expire" in words:
            kind, problem = PlanExpired, "The plan of the API key has expired: no call will succeed until it is renewed"
        case 404 if "session" in words:
            kind, problem = SessionNotFound, f"There is no session {session_id!r} of this user"
        case 404 if "user" in words:
            kind, problem = UserNotFound, f"There is no user {user_id!r}"
        case _:
            return error_by_status(response, call, "Asleep", detail)
    return kind(sentence(problem, detail), response=response, detail=detail)


OVERRIDES = Overrides(
    readers={"getSession": Reader(read=_night)},
    identifiers={
        "session_id": Identifier(
            label="session id", form="14 digits, an underscore and 5 of [a-z0-9]", error=InvalidSessionId
        )
    },
    refusal=_refusal,
)
