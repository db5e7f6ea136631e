# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep.yaml
"""The bodies of requests and answers, each class imported only when it is asked for."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .breathing_pattern import BreathingPattern
    from .callback import Callback
    from .callback_event import CallbackEvent
    from .error import Error
    from .inference_complete_callback import InferenceCompleteCallback
    from .inference_complete_data import InferenceCompleteData
    from .osa_stage import OsaStage
    from .session import Session
    from .session_complete_callback import SessionCompleteCallback
    from .session_complete_data import SessionCompleteData
    from .session_response import SessionResponse
    from .session_result import SessionResult
    from .session_state import SessionState
    from .sleep_data import SleepData
    from .sleep_stage import SleepStage
    from .stat import Stat
else:
    _MODULES = {
        "BreathingPattern": "breathing_pattern",
        "Callback": "callback",
        "CallbackEvent": "callback_event",
        "Error": "error",
        "InferenceCompleteCallback": "inference_complete_callback",
        "InferenceCompleteData": "inference_complete_data",
        "OsaStage": "osa_stage",
        "Session": "session",
        "SessionCompleteCallback": "session_complete_callback",
        "SessionCompleteData": "session_complete_data",
        "SessionResponse": "session_response",
        "SessionResult": "session_result",
        "SessionState": "session_state",
        "SleepData": "sleep_data",
        "SleepStage": "sleep_stage",
        "Stat": "stat",
    }

    def __getattr__(name):
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(f".{_MODULES[name]}", __name__), name)
        globals()[name] = value
        return value


__all__ = [
    "BreathingPattern",
    "Callback",
    "CallbackEvent",
    "Error",
    "InferenceCompleteCallback",
    "InferenceCompleteData",
    "OsaStage",
    "Session",
    "SessionCompleteCallback",
    "SessionCompleteData",
    "SessionResponse",
    "SessionResult",
    "SessionState",
    "SleepData",
    "SleepStage",
    "Stat",
]
