"""One night, as `get_session` returns it, and how its answers are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self

from attrs import define, field

from sleeptalk.asleep.nights import AnyNight, require_session
from sleeptalk.asleep.refusals import IDENTIFIERS, refusal
from sleeptalk.asleep.tables import Epoch, epochs
from sleeptalk.asleep.validity import Validity
from sleeptalk.runtime.overrides import Overrides, Reader
from sleeptalk.runtime.response import Response
from sleeptalk_generated.asleep.models import Session, SessionResponse, SessionResult, Stat

if TYPE_CHECKING:
    from sleeptalk.asleep_v3.night import Night as NightV3
    from sleeptalk_generated.operation import Call


@define(frozen=True, kw_only=True, repr=False)
class Night(AnyNight):
    """One session: what was recorded, and, once it is COMPLETE and VALID, its statistics.

    - `timezone`: the time zone of every time of the night.
    - `validity`: a str with a `status` and a `reason`.
    - `session`: state, times and stage lists; a stage is one epoch of 30 s.
    - `stat`: the 23 statistics: times in whole seconds, ratios from 0 to 1. None unless the session is COMPLETE and its
      validity VALID. `why_null(night, field)` returns why a field is None.
    - `detail`: the service's remark about the outcome. Not compared.
    - `response`: the answer it was read from: status, headers, bytes, request id. Not compared. Of a night that was not
      read from an answer it has the bytes alone, with the status 200 and 0 attempts.

    `is_valid` and `sentences` are those of a night of data v3 as well; `to_v3` makes one. `to_json` writes the body
    that the service sends, and `parse` or `from_json` reads it: documented fields, times with their offsets, and
    undocumented values as they came. Undocumented fields are only in `response.content`. As a field of a pydantic
    model, a night is validated from that form and written in it. Source: Get Single Session, 2.1.
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

    def to_v3(self, *, missing_data_ratio: float | None = None, created_timezone: str | None = None) -> NightV3:
        """Return it as a night of data v3: see `sleeptalk.asleep_v3.Night.from_v2`."""
        from sleeptalk.asleep_v3.night import Night  # noqa: PLC0415  # a program that reads data v2 rarely has both

        return Night.from_v2(self, missing_data_ratio=missing_data_ratio, created_timezone=created_timezone)

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


def parse(body: str | bytes) -> Night:
    """Read the body of a session that was kept: what `get_session` received, or what `to_json` wrote.

    - `body`: JSON as str or bytes.

    Returns the Night, equal to the one that was written. Undocumented fields are ignored, and undocumented values are
    kept. Raises ContractViolation with the JSON path where the body breaks the contract, ConfigurationError where it is
    neither str nor bytes.
    """
    return Night.from_json(body)


def _night(body: SessionResponse, response: Response, call: Call[Any]) -> Night:
    require_session(body, response, call)
    return Night._of(body, response)  # noqa: SLF001  # for this module's own use


OVERRIDES = Overrides(readers={"getSession": Reader(read=_night)}, identifiers=IDENTIFIERS, refusal=refusal)
