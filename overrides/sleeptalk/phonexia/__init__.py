"""Read time analyses from Phonexia Speech Platform 4.

Read a task once, or wait until it has ended:

    from sleeptalk.phonexia import Phonexia

    with Phonexia("http://appliance:8000") as phonexia:
        task = phonexia.get_time_analysis("123e4567-e89b-12d3-a456-426614174000")
        print(task.state, task.result, task.error)
        analysis = phonexia.wait_for_time_analysis(task.task_id, timeout=60)
        print([channel.speech_rate for channel in analysis.channel_analyses])
"""

from sleeptalk.phonexia.client import AsyncPhonexia, Phonexia
from sleeptalk.phonexia.task import TimeAnalysisTask, json_pointer, parse
from sleeptalk.runtime.response import Response
from sleeptalk_generated.phonexia.models import (
    ChannelAnalysis,
    ErrorDetail,
    ReactionAnalysis,
    RequestError,
    RequestErrorType,
    TaskError,
    TaskErrorType,
    TaskState,
    TimeAnalysisResult,
    TimeRange,
)

__all__ = [
    "AsyncPhonexia",
    "ChannelAnalysis",
    "ErrorDetail",
    "Phonexia",
    "ReactionAnalysis",
    "RequestError",
    "RequestErrorType",
    "Response",
    "TaskError",
    "TaskErrorType",
    "TaskState",
    "TimeAnalysisResult",
    "TimeAnalysisTask",
    "TimeRange",
    "json_pointer",
    "parse",
]


def __dir__() -> list[str]:
    return __all__
