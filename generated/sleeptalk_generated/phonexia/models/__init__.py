# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/phonexia.yaml
"""The bodies of requests and answers."""

from .channel_analysis import ChannelAnalysis
from .error_context import ErrorContext
from .error_detail import ErrorDetail
from .reaction_analysis import ReactionAnalysis
from .request_error import RequestError
from .request_error_type import RequestErrorType
from .started_task import StartedTask
from .task import Task
from .task_error import TaskError
from .task_error_type import TaskErrorType
from .task_state import TaskState
from .time_analysis_response import TimeAnalysisResponse
from .time_analysis_result import TimeAnalysisResult
from .time_range import TimeRange

__all__ = [
    "ChannelAnalysis",
    "ErrorContext",
    "ErrorDetail",
    "ReactionAnalysis",
    "RequestError",
    "RequestErrorType",
    "StartedTask",
    "Task",
    "TaskError",
    "TaskErrorType",
    "TaskState",
    "TimeAnalysisResponse",
    "TimeAnalysisResult",
    "TimeRange",
]
