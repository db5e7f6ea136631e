# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/phonexia.yaml
"""Phonexia Time Analysis: its operations, and their methods on both clients."""

from __future__ import annotations

from abc import abstractmethod, ABC
from typing import cast, Final, Generic, TypeVar
from uuid import UUID

from ..operation import Call, Operation, Parameter
from . import models

T = TypeVar("T")
TimeAnalysisTask = TypeVar("TimeAnalysisTask")

GET_TIME_ANALYSIS: Final[Operation[models.TimeAnalysisResponse]] = Operation(
    service="phonexia",
    id="getTimeAnalysis",
    method="GET",
    path="/api/technology/time-analysis/{task_id}",
    parameters=(
        Parameter(
            name="task_id",
            wire="task_id",
            place="path",
            required=True,
            pattern="^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$",
        ),
        Parameter(
            name="correlation_id",
            wire="x-correlation-id",
            place="header",
            required=False,
            pattern="^[!-~]+$",
        ),
        Parameter(
            name="request_id",
            wire="x-request-id",
            place="header",
            required=False,
            pattern="^[!-~]+$",
        ),
    ),
    results={
        200: models.TimeAnalysisResponse,
    },
    refusals={
        400: models.RequestError,
        404: models.RequestError,
        422: models.RequestError,
        429: models.RequestError,
    },
)


class PhonexiaMethods(ABC, Generic[TimeAnalysisTask]):
    """Phonexia Time Analysis: its operations as methods, over one abstract call."""

    @abstractmethod
    def _call(self, call: Call[T]) -> T:
        """Send the request of a call and return its result."""

    def get_time_analysis(
        self,
        task_id: UUID | str,
        *,
        correlation_id: UUID | str | None = None,
        request_id: UUID | str | None = None,
    ) -> TimeAnalysisTask:
        """Get the result of a time analysis.

        Returns the state of one task and, once it has ended, its result or its error. A task that failed or was
        rejected is answered with status 200 as well: `task.state` says how it ended. Tasks expire some time after they
        have ended.

        - `task_id`: The task whose result is read.
        - `correlation_id`: An id shared by all requests and responses of one transaction across services. Generated if
          it is not sent.
        - `request_id`: An id of this one request and its response across services. Generated if it is not sent.

        The result is a `sleeptalk.phonexia.TimeAnalysisTask`.

        Refused with:
        - 400: The request could not be parsed.
        - 404: No task has this id, or it has expired.
        - 422: The request was parsed but is not valid, for example because the id is not a UUID.
        - 429: Too many requests. The request may be sent again after a while; the headers say when.
        """
        return cast(
            "TimeAnalysisTask",
            self._call(
                Call(
                    operation=GET_TIME_ANALYSIS,
                    arguments={
                        "task_id": task_id,
                        "correlation_id": correlation_id,
                        "request_id": request_id,
                    },
                )
            ),
        )


class AsyncPhonexiaMethods(ABC, Generic[TimeAnalysisTask]):
    """Phonexia Time Analysis: its operations as async methods, over one abstract call."""

    @abstractmethod
    async def _call(self, call: Call[T]) -> T:
        """Send the request of a call and return its result."""

    async def get_time_analysis(
        self,
        task_id: UUID | str,
        *,
        correlation_id: UUID | str | None = None,
        request_id: UUID | str | None = None,
    ) -> TimeAnalysisTask:
        """Get the result of a time analysis.

        Returns the state of one task and, once it has ended, its result or its error. A task that failed or was
        rejected is answered with status 200 as well: `task.state` says how it ended. Tasks expire some time after they
        have ended.

        - `task_id`: The task whose result is read.
        - `correlation_id`: An id shared by all requests and responses of one transaction across services. Generated if
          it is not sent.
        - `request_id`: An id of this one request and its response across services. Generated if it is not sent.

        The result is a `sleeptalk.phonexia.TimeAnalysisTask`.

        Refused with:
        - 400: The request could not be parsed.
        - 404: No task has this id, or it has expired.
        - 422: The request was parsed but is not valid, for example because the id is not a UUID.
        - 429: Too many requests. The request may be sent again after a while; the headers say when.
        """
        return cast(
            "TimeAnalysisTask",
            await self._call(
                Call(
                    operation=GET_TIME_ANALYSIS,
                    arguments={
                        "task_id": task_id,
                        "correlation_id": correlation_id,
                        "request_id": request_id,
                    },
                )
            ),
        )
