# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/phonexia.yaml
"""The bodies of requests and answers, each class imported only when it is asked for."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .channel_analysis import ChannelAnalysis
    from .error_context import ErrorContext
    from .error_detail import ErrorDetail
    from .reaction_analysis import ReactionAnalysis
    from .request_error import RequestError
    from .request_error_type import RequestErrorType
    from .task import Task
    from .task_error import TaskError
    from .task_error_type import TaskErrorType
    from .task_state import TaskState
    from .time_analysis_response import TimeAnalysisResponse
    from .time_analysis_result import TimeAnalysisResult
    from .time_range import TimeRange
else:
    _MODULES = {
        "ChannelAnalysis": "channel_analysis",
        "ErrorContext": "error_context",
        "ErrorDetail": "error_detail",
        "ReactionAnalysis": "reaction_analysis",
        "RequestError": "request_error",
        "RequestErrorType": "request_error_type",
        "Task": "task",
        "TaskError": "task_error",
        "TaskErrorType": "task_error_type",
        "TaskState": "task_state",
        "TimeAnalysisResponse": "time_analysis_response",
        "TimeAnalysisResult": "time_analysis_result",
        "TimeRange": "time_range",
    }

    def __getattr__(name):
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(f".{_MODULES[name]}", __name__), name)
        globals()[name] = value
        return value


__all__ = [
    "ChannelAnalysis",
    "ErrorContext",
    "ErrorDetail",
    "ReactionAnalysis",
    "RequestError",
    "RequestErrorType",
    "Task",
    "TaskError",
    "TaskErrorType",
    "TaskState",
    "TimeAnalysisResponse",
    "TimeAnalysisResult",
    "TimeRange",
]
