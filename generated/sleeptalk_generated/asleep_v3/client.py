# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep-v3.yaml
"""Asleep sleep API, data v3: its operations, and their methods on both clients."""

from __future__ import annotations

from abc import abstractmethod, ABC
from typing import cast, Final, Generic, TypeVar
from zoneinfo import ZoneInfo

from ..operation import Call, Operation, Parameter
from ..types import Date
from . import models

T = TypeVar("T")
Night = TypeVar("Night")
UserCreated = TypeVar("UserCreated")
User = TypeVar("User")

GET_SESSION: Final[Operation[models.SessionResponse]] = Operation(
    service="asleep-v3",
    id="getSession",
    method="GET",
    path="/data/v3/sessions/{session_id}",
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
LIST_SESSIONS: Final[Operation[models.SessionListResponse]] = Operation(
    service="asleep-v3",
    id="listSessions",
    method="GET",
    path="/data/v1/sessions",
    parameters=(
        Parameter(
            name="api_key",
            wire="x-api-key",
            place="header",
            required=True,
        ),
        Parameter(
            name="date_gte",
            wire="date_gte",
            place="query",
            required=False,
        ),
        Parameter(
            name="date_lte",
            wire="date_lte",
            place="query",
            required=False,
        ),
        Parameter(
            name="order_by",
            wire="order_by",
            place="query",
            required=False,
        ),
        Parameter(
            name="offset",
            wire="offset",
            place="query",
            required=False,
        ),
        Parameter(
            name="limit",
            wire="limit",
            place="query",
            required=False,
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
        200: models.SessionListResponse,
    },
    refusals={
        400: models.Error,
        401: models.Error,
        403: models.Error,
        404: models.Error,
        422: models.Error,
    },
)
GET_AVERAGE_STATS: Final[Operation[models.AverageStatsResponse]] = Operation(
    service="asleep-v3",
    id="getAverageStats",
    method="GET",
    path="/data/v1/users/{user_id}/average-stats",
    parameters=(
        Parameter(
            name="api_key",
            wire="x-api-key",
            place="header",
            required=True,
        ),
        Parameter(
            name="user_id",
            wire="user_id",
            place="path",
            required=True,
            pattern="^[!-~]+$",
        ),
        Parameter(
            name="start_date",
            wire="start_date",
            place="query",
            required=True,
        ),
        Parameter(
            name="end_date",
            wire="end_date",
            place="query",
            required=True,
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
        200: models.AverageStatsResponse,
    },
    refusals={
        400: models.Error,
        401: models.Error,
        403: models.Error,
        404: models.Error,
        422: models.Error,
    },
)
CREATE_USER: Final[Operation[models.UserCreatedResponse]] = Operation(
    service="asleep-v3",
    id="createUser",
    method="POST",
    path="/ai/v1/users",
    parameters=(
        Parameter(
            name="api_key",
            wire="x-api-key",
            place="header",
            required=True,
        ),
    ),
    body="application/json",
    results={
        201: models.UserCreatedResponse,
    },
    refusals={
        400: models.Error,
        401: models.Error,
        403: models.Error,
        422: models.Error,
    },
)
GET_USER: Final[Operation[models.UserResponse]] = Operation(
    service="asleep-v3",
    id="getUser",
    method="GET",
    path="/ai/v1/users/{user_id}",
    parameters=(
        Parameter(
            name="api_key",
            wire="x-api-key",
            place="header",
            required=True,
        ),
        Parameter(
            name="user_id",
            wire="user_id",
            place="path",
            required=True,
            pattern="^[!-~]+$",
        ),
    ),
    results={
        200: models.UserResponse,
    },
    refusals={
        401: models.Error,
        403: models.Error,
        404: models.Error,
    },
)
DELETE_USER: Final[Operation[None]] = Operation(
    service="asleep-v3",
    id="deleteUser",
    method="DELETE",
    path="/ai/v1/users/{user_id}",
    parameters=(
        Parameter(
            name="api_key",
            wire="x-api-key",
            place="header",
            required=True,
        ),
        Parameter(
            name="user_id",
            wire="user_id",
            place="path",
            required=True,
            pattern="^[!-~]+$",
        ),
    ),
    results={
        204: None,
    },
    refusals={
        401: models.Error,
        403: models.Error,
        404: models.Error,
    },
)
DELETE_SESSION: Final[Operation[None]] = Operation(
    service="asleep-v3",
    id="deleteSession",
    method="DELETE",
    path="/ai/v1/sessions/{session_id}",
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
    ),
    results={
        204: None,
    },
    refusals={
        401: models.Error,
        403: models.Error,
        404: models.Error,
        422: models.Error,
    },
)
DELETE_SESSIONS: Final[Operation[None]] = Operation(
    service="asleep-v3",
    id="deleteSessions",
    method="DELETE",
    path="/ai/v1/sessions",
    parameters=(
        Parameter(
            name="api_key",
            wire="x-api-key",
            place="header",
            required=True,
        ),
        Parameter(
            name="user_id",
            wire="x-user-id",
            place="header",
            required=True,
            pattern="^[!-~]+$",
        ),
    ),
    results={
        204: None,
    },
    refusals={
        401: models.Error,
        403: models.Error,
        404: models.Error,
    },
)


class AsleepV3Methods(ABC, Generic[Night, UserCreated, User]):
    """Asleep sleep API, data v3: its operations as methods, over one abstract call."""

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
        depends on the state of the session, on its peculiarities and on the contract; the rules on the schemas say how.
        The curl line on the vendor's page still names `data/v2` in some copies; that is another result.

        - `session_id`: The session that is meant.
        - `timezone`: The time zone in which every time of the answer is written, and dates of the request are read.

        The result is a `sleeptalk.asleep_v3.Night`.

        Refused with:
        - 400: The time zone is not known. Some servers answer 400, not 422, for a malformed session id or another
          malformed value.
        - 401: The API key is missing or wrong: `Unauthorized`, in older texts `Not authorized customer uuid`. Or the
          user id is malformed: `invalid user id`.
        - 403: The plan of the key has ended (`Plan is expired`), its rate limit is reached (`Rate limit exceeded`;
          there is no 429) or its quota is used up (`Quota exceeded`).
        - 404: No session of this user has this id.
        - 422: The id does not have the form of a session id. Printed for v2; no page of v3 says which status it has
          there, and a caller of v3 expects 400.
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

    def create_user(
        self,
        body: models.NewUser | None = None,
    ) -> UserCreated:
        """Create a user.

        Makes a user, for whom sessions can then be recorded, and returns the id that Asleep gives. Each call makes
        another user. Nothing in the body is required, nor is the body itself.

        - `body`: What is known of the user.

        The result is a `sleeptalk.asleep_v3.UserCreated`.

        Refused with:
        - 400: The time zone is not known. Some servers answer 400, not 422, for a malformed session id or another
          malformed value.
        - 401: The API key is missing or wrong: `Unauthorized`, in older texts `Not authorized customer uuid`. Or the
          user id is malformed: `invalid user id`.
        - 403: The plan of the key has ended (`Plan is expired`), its rate limit is reached (`Rate limit exceeded`;
          there is no 429) or its quota is used up (`Quota exceeded`).
        - 422: A parameter or the body does not have its documented form. The pages print neither status nor text.
        """
        return cast(
            "UserCreated",
            self._call(
                Call(
                    operation=CREATE_USER,
                    body=body,
                )
            ),
        )

    def get_user(
        self,
        user_id: str,
    ) -> User:
        """Get a user.

        Returns a user with the last session that was recorded.

        - `user_id`: The user who is meant, as issued by Asleep.

        The result is a `sleeptalk.asleep_v3.User`.

        Refused with:
        - 401: The user id is empty or malformed: `user_id is invalid` in a path, `x-user-id is invalid` in the header,
          in older texts `invalid user id` or `invalid customer uuid`. Or the API key is missing or wrong:
          `Unauthorized`.
        - 403: The plan of the key has ended (`Plan is expired`), its rate limit is reached (`Rate limit exceeded`;
          there is no 429) or its quota is used up (`Quota exceeded`).
        - 404: There is no such user: `user does not exist`, in older texts `user not exist` or `user requested was not
          found`.
        """
        return cast(
            "User",
            self._call(
                Call(
                    operation=GET_USER,
                    arguments={
                        "user_id": user_id,
                    },
                )
            ),
        )

    def delete_user(
        self,
        user_id: str,
    ) -> None:
        """Delete a user.

        Deletes a user and all data of the user. It cannot be undone. The pages do not say whether the user can be read
        afterwards, with `to_be_deleted` true, until everything is gone.

        - `user_id`: The user who is meant, as issued by Asleep.

        Refused with:
        - 401: The user id is empty or malformed: `user_id is invalid` in a path, `x-user-id is invalid` in the header,
          in older texts `invalid user id` or `invalid customer uuid`. Or the API key is missing or wrong:
          `Unauthorized`.
        - 403: The plan of the key has ended (`Plan is expired`), its rate limit is reached (`Rate limit exceeded`;
          there is no 429) or its quota is used up (`Quota exceeded`).
        - 404: There is no such user: `user does not exist`, in older texts `user not exist` or `user requested was not
          found`.
        """
        return self._call(
            Call(
                operation=DELETE_USER,
                arguments={
                    "user_id": user_id,
                },
            )
        )

    def delete_session(
        self,
        session_id: str,
    ) -> None:
        """Delete a session.

        Deletes the audio and the analysis of one session. It cannot be undone, and takes away what could settle a later
        dispute about a bill.

        - `session_id`: The session that is meant.

        Refused with:
        - 401: The user id is empty or malformed: `user_id is invalid` in a path, `x-user-id is invalid` in the header,
          in older texts `invalid user id` or `invalid customer uuid`. Or the API key is missing or wrong:
          `Unauthorized`.
        - 403: The plan of the key has ended (`Plan is expired`), its rate limit is reached (`Rate limit exceeded`;
          there is no 429) or its quota is used up (`Quota exceeded`).
        - 404: There is no such session (`session does not exist`), or no such user (`user does not exist`, in older
          texts `user not exist`).
        - 422: The id does not have the form of a session id. Printed for v2; no page of v3 says which status it has
          there, and a caller of v3 expects 400.
        """
        return self._call(
            Call(
                operation=DELETE_SESSION,
                arguments={
                    "session_id": session_id,
                },
            )
        )


class AsyncAsleepV3Methods(ABC, Generic[Night, UserCreated, User]):
    """Asleep sleep API, data v3: its operations as async methods, over one abstract call."""

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
        depends on the state of the session, on its peculiarities and on the contract; the rules on the schemas say how.
        The curl line on the vendor's page still names `data/v2` in some copies; that is another result.

        - `session_id`: The session that is meant.
        - `timezone`: The time zone in which every time of the answer is written, and dates of the request are read.

        The result is a `sleeptalk.asleep_v3.Night`.

        Refused with:
        - 400: The time zone is not known. Some servers answer 400, not 422, for a malformed session id or another
          malformed value.
        - 401: The API key is missing or wrong: `Unauthorized`, in older texts `Not authorized customer uuid`. Or the
          user id is malformed: `invalid user id`.
        - 403: The plan of the key has ended (`Plan is expired`), its rate limit is reached (`Rate limit exceeded`;
          there is no 429) or its quota is used up (`Quota exceeded`).
        - 404: No session of this user has this id.
        - 422: The id does not have the form of a session id. Printed for v2; no page of v3 says which status it has
          there, and a caller of v3 expects 400.
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

    async def create_user(
        self,
        body: models.NewUser | None = None,
    ) -> UserCreated:
        """Create a user.

        Makes a user, for whom sessions can then be recorded, and returns the id that Asleep gives. Each call makes
        another user. Nothing in the body is required, nor is the body itself.

        - `body`: What is known of the user.

        The result is a `sleeptalk.asleep_v3.UserCreated`.

        Refused with:
        - 400: The time zone is not known. Some servers answer 400, not 422, for a malformed session id or another
          malformed value.
        - 401: The API key is missing or wrong: `Unauthorized`, in older texts `Not authorized customer uuid`. Or the
          user id is malformed: `invalid user id`.
        - 403: The plan of the key has ended (`Plan is expired`), its rate limit is reached (`Rate limit exceeded`;
          there is no 429) or its quota is used up (`Quota exceeded`).
        - 422: A parameter or the body does not have its documented form. The pages print neither status nor text.
        """
        return cast(
            "UserCreated",
            await self._call(
                Call(
                    operation=CREATE_USER,
                    body=body,
                )
            ),
        )

    async def get_user(
        self,
        user_id: str,
    ) -> User:
        """Get a user.

        Returns a user with the last session that was recorded.

        - `user_id`: The user who is meant, as issued by Asleep.

        The result is a `sleeptalk.asleep_v3.User`.

        Refused with:
        - 401: The user id is empty or malformed: `user_id is invalid` in a path, `x-user-id is invalid` in the header,
          in older texts `invalid user id` or `invalid customer uuid`. Or the API key is missing or wrong:
          `Unauthorized`.
        - 403: The plan of the key has ended (`Plan is expired`), its rate limit is reached (`Rate limit exceeded`;
          there is no 429) or its quota is used up (`Quota exceeded`).
        - 404: There is no such user: `user does not exist`, in older texts `user not exist` or `user requested was not
          found`.
        """
        return cast(
            "User",
            await self._call(
                Call(
                    operation=GET_USER,
                    arguments={
                        "user_id": user_id,
                    },
                )
            ),
        )

    async def delete_user(
        self,
        user_id: str,
    ) -> None:
        """Delete a user.

        Deletes a user and all data of the user. It cannot be undone. The pages do not say whether the user can be read
        afterwards, with `to_be_deleted` true, until everything is gone.

        - `user_id`: The user who is meant, as issued by Asleep.

        Refused with:
        - 401: The user id is empty or malformed: `user_id is invalid` in a path, `x-user-id is invalid` in the header,
          in older texts `invalid user id` or `invalid customer uuid`. Or the API key is missing or wrong:
          `Unauthorized`.
        - 403: The plan of the key has ended (`Plan is expired`), its rate limit is reached (`Rate limit exceeded`;
          there is no 429) or its quota is used up (`Quota exceeded`).
        - 404: There is no such user: `user does not exist`, in older texts `user not exist` or `user requested was not
          found`.
        """
        return await self._call(
            Call(
                operation=DELETE_USER,
                arguments={
                    "user_id": user_id,
                },
            )
        )

    async def delete_session(
        self,
        session_id: str,
    ) -> None:
        """Delete a session.

        Deletes the audio and the analysis of one session. It cannot be undone, and takes away what could settle a later
        dispute about a bill.

        - `session_id`: The session that is meant.

        Refused with:
        - 401: The user id is empty or malformed: `user_id is invalid` in a path, `x-user-id is invalid` in the header,
          in older texts `invalid user id` or `invalid customer uuid`. Or the API key is missing or wrong:
          `Unauthorized`.
        - 403: The plan of the key has ended (`Plan is expired`), its rate limit is reached (`Rate limit exceeded`;
          there is no 429) or its quota is used up (`Quota exceeded`).
        - 404: There is no such session (`session does not exist`), or no such user (`user does not exist`, in older
          texts `user not exist`).
        - 422: The id does not have the form of a session id. Printed for v2; no page of v3 says which status it has
          there, and a caller of v3 expects 400.
        """
        return await self._call(
            Call(
                operation=DELETE_SESSION,
                arguments={
                    "session_id": session_id,
                },
            )
        )
