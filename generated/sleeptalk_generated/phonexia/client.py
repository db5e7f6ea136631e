# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/phonexia.yaml
"""Phonexia Time Analysis: its operations, and their methods on both clients."""

from __future__ import annotations

from abc import abstractmethod, ABC
from typing import cast, Final, Generic, TypeVar
from uuid import UUID

from ..operation import Call, File, Operation, Parameter
from . import models

T = TypeVar("T")
StartedTimeAnalysis = TypeVar("StartedTimeAnalysis")
TimeAnalysisTask = TypeVar("TimeAnalysisTask")

START_TIME_ANALYSIS: Final[Operation[models.StartedTask]] = Operation(
    service="phonexia",
    id="startTimeAnalysis",
    method="POST",
    path="/api/technology/time-analysis",
    parameters=(
        Parameter(
            name="channels",
            wire="channels",
            place="query",
            required=False,
            pattern="^([0-9]+(,[0-9]+)*)?$",
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
    body="multipart/form-data",
    results={
        202: models.StartedTask,
    },
    refusals={
        400: models.RequestError,
        403: models.RequestError,
        405: models.RequestError,
        413: models.RequestError,
        422: models.RequestError,
        429: models.RequestError,
        507: models.RequestError,
    },
)
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
        405: models.RequestError,
        422: models.RequestError,
        429: models.RequestError,
    },
)


class PhonexiaMethods(ABC, Generic[StartedTimeAnalysis, TimeAnalysisTask]):
    """Phonexia Time Analysis: its operations as methods, over one abstract call."""

    @abstractmethod
    def _call(self, call: Call[T]) -> T:
        """Send the request of a call and return its result."""

    def start_time_analysis(
        self,
        file: File,
        *,
        channels: str | None = None,
        correlation_id: UUID | str | None = None,
        request_id: UUID | str | None = None,
    ) -> StartedTimeAnalysis:
        """Start a time analysis.

        Takes the upload of a recording, the audio of a conversation, as a form, and queues a task that analyses it. The
        answer comes at once and says which task that is; whether the recording can be analysed shows only when the task
        has ended. Each request starts another task, even with the same recording.

        Intended are telephone calls with one speaker on each of two channels. Of one channel only its speech is
        analysed. At most two channels can be processed: of a recording with more, `channels` has to select.

        - `file`: The recording, in a media format that the appliance reads. WAV is one.
        - `channels`: The channels to analyse, counted from 0 and joined by commas without spaces, such as `0,1`. At
          most two. Empty or left out: all.
        - `correlation_id`: An id shared by all requests and responses of one transaction across services. Generated if
          it is not sent.
        - `request_id`: An id of this one request and its response across services. Generated if it is not sent.

        The result is a `sleeptalk.phonexia.StartedTimeAnalysis`.

        Refused with:
        - 400: The request could not be parsed.
        - 403: The request is not allowed, for example because the technology is not licensed.
        - 405: There is no such method at this address.
        - 413: The file is larger than the appliance takes.
        - 422: The request was parsed but is not valid, for example because the id is not a UUID, or because there is no
          file.
        - 429: Too many requests. The request may be sent again after a while; the headers say when.
        - 507: The storage of the appliance is full. There may be room later.
        """
        return cast(
            "StartedTimeAnalysis",
            self._call(
                Call(
                    operation=START_TIME_ANALYSIS,
                    arguments={
                        "channels": channels,
                        "correlation_id": correlation_id,
                        "request_id": request_id,
                    },
                    body={
                        "file": file,
                    },
                )
            ),
        )

    def get_time_analysis(
        self,
        task_id: UUID | str,
        *,
        correlation_id: UUID | str | None = None,
        request_id: UUID | str | None = None,
    ) -> TimeAnalysisTask:
        """Get the result of a time analysis.

        Returns the state of one task and, once it has ended, its result or its error. A task that failed or was
        rejected is answered with status 200 as well: `task.state` says how it ended. Tasks are kept in memory: they
        expire some time after they have ended, and are lost when the appliance is restarted.

        Poll until the state is neither pending nor running: a later release may end a task in a state of its own.

        - `task_id`: The task whose result is read.
        - `correlation_id`: An id shared by all requests and responses of one transaction across services. Generated if
          it is not sent.
        - `request_id`: An id of this one request and its response across services. Generated if it is not sent.

        The result is a `sleeptalk.phonexia.TimeAnalysisTask`.

        Refused with:
        - 400: The request could not be parsed.
        - 404: No task has this id, or it has expired.
        - 405: There is no such method at this address.
        - 422: The request was parsed but is not valid, for example because the id is not a UUID, or because there is no
          file.
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


class AsyncPhonexiaMethods(ABC, Generic[StartedTimeAnalysis, TimeAnalysisTask]):
    """Phonexia Time Analysis: its operations as async methods, over one abstract call."""

    @abstractmethod
    async def _call(self, call: Call[T]) -> T:
        """Send the request of a call and return its result."""

    async def start_time_analysis(
        self,
        file: File,
        *,
        channels: str | None = None,
        correlation_id: UUID | str | None = None,
        request_id: UUID | str | None = None,
    ) -> StartedTimeAnalysis:
        """Start a time analysis.

        Takes the upload of a recording, the audio of a conversation, as a form, and queues a task that analyses it. The
        answer comes at once and says which task that is; whether the recording can be analysed shows only when the task
        has ended. Each request starts another task, even with the same recording.

        Intended are telephone calls with one speaker on each of two channels. Of one channel only its speech is
        analysed. At most two channels can be processed: of a recording with more, `channels` has to select.

        - `file`: The recording, in a media format that the appliance reads. WAV is one.
        - `channels`: The channels to analyse, counted from 0 and joined by commas without spaces, such as `0,1`. At
          most two. Empty or left out: all.
        - `correlation_id`: An id shared by all requests and responses of one transaction across services. Generated if
          it is not sent.
        - `request_id`: An id of this one request and its response across services. Generated if it is not sent.

        The result is a `sleeptalk.phonexia.StartedTimeAnalysis`.

        Refused with:
        - 400: The request could not be parsed.
        - 403: The request is not allowed, for example because the technology is not licensed.
        - 405: There is no such method at this address.
        - 413: The file is larger than the appliance takes.
        - 422: The request was parsed but is not valid, for example because the id is not a UUID, or because there is no
          file.
        - 429: Too many requests. The request may be sent again after a while; the headers say when.
        - 507: The storage of the appliance is full. There may be room later.
        """
        return cast(
            "StartedTimeAnalysis",
            await self._call(
                Call(
                    operation=START_TIME_ANALYSIS,
                    arguments={
                        "channels": channels,
                        "correlation_id": correlation_id,
                        "request_id": request_id,
                    },
                    body={
                        "file": file,
                    },
                )
            ),
        )

    async def get_time_analysis(
        self,
        task_id: UUID | str,
        *,
        correlation_id: UUID | str | None = None,
        request_id: UUID | str | None = None,
    ) -> TimeAnalysisTask:
        """Get the result of a time analysis.

        Returns the state of one task and, once it has ended, its result or its error. A task that failed or was
        rejected is answered with status 200 as well: `task.state` says how it ended. Tasks are kept in memory: they
        expire some time after they have ended, and are lost when the appliance is restarted.

        Poll until the state is neither pending nor running: a later release may end a task in a state of its own.

        - `task_id`: The task whose result is read.
        - `correlation_id`: An id shared by all requests and responses of one transaction across services. Generated if
          it is not sent.
        - `request_id`: An id of this one request and its response across services. Generated if it is not sent.

        The result is a `sleeptalk.phonexia.TimeAnalysisTask`.

        Refused with:
        - 400: The request could not be parsed.
        - 404: No task has this id, or it has expired.
        - 405: There is no such method at this address.
        - 422: The request was parsed but is not valid, for example because the id is not a UUID, or because there is no
          file.
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
