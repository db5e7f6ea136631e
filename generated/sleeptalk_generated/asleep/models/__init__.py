# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep.yaml
"""The bodies of requests and answers."""

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
