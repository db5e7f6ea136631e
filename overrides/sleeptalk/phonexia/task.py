"""One time analysis, as `get_time_analysis` returns it."""

from __future__ import annotations

from uuid import UUID

from attrs import define, field

from sleeptalk.transport.response import Response
from sleeptalk_generated.phonexia.models import TaskError, TaskState, TimeAnalysisResult


@define(frozen=True, kw_only=True)
class TimeAnalysisTask:
    """A task and, once it has ended, its result or its error.

    - `task_id`, `state`: which task this is, and how far it has come.
    - `result`: the analysis, None unless the state is done. Times are seconds, rates phonemes per second; a channel
      without speech has the `speech_rate` None.
    - `error`: why there is no result, None unless the state is rejected or failed.
    - `response`: the answer it was read from: status, headers, bytes, request id. Not compared.

    The service leaves `result` and `error` out, or writes null or `{}`: each is None here. Source: 002 200.
    """

    task_id: UUID
    state: TaskState
    result: TimeAnalysisResult | None
    error: TaskError | None
    response: Response = field(eq=False, repr=False)

    def _repr_html_(self) -> str:
        """Show the conversation in notebooks, as SVG."""
        from sleeptalk.drawing import conversation  # noqa: PLC0415  # only notebooks draw

        return conversation(self)
