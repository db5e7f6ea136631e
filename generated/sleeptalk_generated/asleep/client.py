# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep.yaml
"""Asleep sleep API: its operations, and their methods on both clients."""

from __future__ import annotations

from abc import abstractmethod, ABC
from typing import cast, Final, Generic, TypeVar
from zoneinfo import ZoneInfo

from ..operation import Call, Operation, Parameter
from . import models

T = TypeVar("T")
Night = TypeVar("Night")

GET_SESSION: Final[Operation[models.SessionResponse]] = Operation(
    service="asleep",
    id="getSession",
    method="GET",
    path="/data/v2/sessions/{session_id}",
    parameters=(
        Parameter(
            name="api_key",
            wire="x-api-key",
            place="header",
            required=True,
        ),
        Parameter(
            name="session_id",
            wire="session_id",
            place="path",
            required=True,
            pattern="^[0-9]{14}_[a-z0-9]{5}$",
        ),
        Parameter(
            name="user_id",
            wire="x-user-id",
            place="header",
            required=True,
            pattern="^[!-~]+$",
        ),
        Parameter(
            name="timezone",
            wire="timezone",
            place="header",
            required=False,
            pattern="^[A-Za-z0-9_+/-]+$",
        ),
    ),
    results={
        200: models.SessionResponse,
    },
    refusals={
        400: models.Error,
        401: models.Error,
        403: models.Error,
        404: models.Error,
        422: models.Error,
    },
)


class AsleepMethods(ABC, Generic[Night]):
    """Asleep sleep API: its operations as methods, over one abstract call."""

    @abstractmethod
    def _call(self, call: Call[T]) -> T:
        """Send the request of a call and return its result."""

    def get_session(
        self,
        session_id: str,
        *,
        timezone: ZoneInfo | str | None = None,
    ) -> Night:
        """Get a single session.

        Returns the state, the stages and, once everything is analysed, the statistics of one session. What is null
        depends on the state of the session, on its validity and on the contract; the rules on the schemas say how.

        - `session_id`: The session to read.
        - `timezone`: The time zone in which every time of the answer is written.

        The result is a `sleeptalk.asleep.Night`.

        Refused with:
        - 400: The time zone is not known.
        - 401: The API key is missing or wrong. The wording is not documented.
        - 403: The API key may not read this, its plan has ended, or its rate limit or quota is used up. The wording is
          not documented.
        - 404: No session of this user has this id.
        - 422: The id does not have the form of a session id.
        """
        return cast(
            "Night",
            self._call(
                Call(
                    operation=GET_SESSION,
                    arguments={
                        "session_id": session_id,
                        "timezone": timezone,
                    },
                )
            ),
        )


class AsyncAsleepMethods(ABC, Generic[Night]):
    """Asleep sleep API: its operations as async methods, over one abstract call."""

    @abstractmethod
    async def _call(self, call: Call[T]) -> T:
        """Send the request of a call and return its result."""

    async def get_session(
        self,
        session_id: str,
        *,
        timezone: ZoneInfo | str | None = None,
    ) -> Night:
        """Get a single session.

        Returns the state, the stages and, once everything is analysed, the statistics of one session. What is null
        depends on the state of the session, on its validity and on the contract; the rules on the schemas say how.

        - `session_id`: The session to read.
        - `timezone`: The time zone in which every time of the answer is written.

        The result is a `sleeptalk.asleep.Night`.

        Refused with:
        - 400: The time zone is not known.
        - 401: The API key is missing or wrong. The wording is not documented.
        - 403: The API key may not read this, its plan has ended, or its rate limit or quota is used up. The wording is
          not documented.
        - 404: No session of this user has this id.
        - 422: The id does not have the form of a session id.
        """
        return cast(
            "Night",
            await self._call(
                Call(
                    operation=GET_SESSION,
                    arguments={
                        "session_id": session_id,
                        "timezone": timezone,
                    },
                )
            ),
        )
