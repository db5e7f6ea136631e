"""Time analyses of Phonexia Speech Platform 4, from the recording to the result.

Have a recording analysed, or start a task and read it later:

    from sleeptalk.phonexia import Phonexia

    with Phonexia("http://appliance:8000") as phonexia:
        analysis = phonexia.analyse_time("call.wav", timeout=600)
        print([channel.speech_rate for channel in analysis.channel_analyses])

        started = phonexia.start_time_analysis("call.wav", channels=(0, 1))
        task = phonexia.get_time_analysis(started.task_id)
        print(task.state, task.result, task.error)
        analysis = phonexia.wait_for_time_analysis(task.task_id, timeout=60)
"""

from sleeptalk.phonexia.client import AsyncPhonexia, Phonexia
from sleeptalk.phonexia.task import StartedTimeAnalysis, TimeAnalysisTask, json_pointer, parse
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
    "StartedTimeAnalysis",
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
