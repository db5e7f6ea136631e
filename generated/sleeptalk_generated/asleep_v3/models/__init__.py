# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep-v3.yaml
"""The bodies of requests and answers."""

from .average_stats import AverageStats
from .average_stats_response import AverageStatsResponse
from .average_stats_result import AverageStatsResult
from .breath_stage import BreathStage
from .breathing_pattern import BreathingPattern
from .callback_event import CallbackEvent
from .callback_v2 import CallbackV2
from .callback_v3 import CallbackV3
from .callback_v3_of_sample import CallbackV3OfSample
from .callback_v3_of_tables import CallbackV3OfTables
from .error import Error
from .gender import Gender
from .inference_complete_callback_v2 import InferenceCompleteCallbackV2
from .inference_complete_callback_v3_of_sample import InferenceCompleteCallbackV3OfSample
from .inference_complete_callback_v3_of_tables import InferenceCompleteCallbackV3OfTables
from .inference_complete_data_v2 import InferenceCompleteDataV2
from .inference_complete_data_v3 import InferenceCompleteDataV3
from .last_session import LastSession
from .listed_session import ListedSession
from .never_slept_session import NeverSleptSession
from .new_user import NewUser
from .order import Order
from .peculiarity import Peculiarity
from .period import Period
from .session import Session
from .session_complete_callback_v2 import SessionCompleteCallbackV2
from .session_complete_callback_v3_of_sample import SessionCompleteCallbackV3OfSample
from .session_complete_callback_v3_of_tables import SessionCompleteCallbackV3OfTables
from .session_complete_data_v2 import SessionCompleteDataV2
from .session_complete_data_v3 import SessionCompleteDataV3
from .session_list import SessionList
from .session_list_response import SessionListResponse
from .session_response import SessionResponse
from .session_result import SessionResult
from .session_state import SessionState
from .sleep_stage import SleepStage
from .slept_session import SleptSession
from .snoring_stage import SnoringStage
from .stat import Stat
from .user import User
from .user_created import UserCreated
from .user_created_response import UserCreatedResponse
from .user_metadata import UserMetadata
from .user_response import UserResponse

__all__ = [
    "AverageStats",
    "AverageStatsResponse",
    "AverageStatsResult",
    "BreathStage",
    "BreathingPattern",
    "CallbackEvent",
    "CallbackV2",
    "CallbackV3",
    "CallbackV3OfSample",
    "CallbackV3OfTables",
    "Error",
    "Gender",
    "InferenceCompleteCallbackV2",
    "InferenceCompleteCallbackV3OfSample",
    "InferenceCompleteCallbackV3OfTables",
    "InferenceCompleteDataV2",
    "InferenceCompleteDataV3",
    "LastSession",
    "ListedSession",
    "NeverSleptSession",
    "NewUser",
    "Order",
    "Peculiarity",
    "Period",
    "Session",
    "SessionCompleteCallbackV2",
    "SessionCompleteCallbackV3OfSample",
    "SessionCompleteCallbackV3OfTables",
    "SessionCompleteDataV2",
    "SessionCompleteDataV3",
    "SessionList",
    "SessionListResponse",
    "SessionResponse",
    "SessionResult",
    "SessionState",
    "SleepStage",
    "SleptSession",
    "SnoringStage",
    "Stat",
    "User",
    "UserCreated",
    "UserCreatedResponse",
    "UserMetadata",
    "UserResponse",
]
