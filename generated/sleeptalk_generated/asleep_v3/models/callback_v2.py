# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep-v3.yaml
from typing import TypeAlias

from .inference_complete_callback_v2 import InferenceCompleteCallbackV2
from .session_complete_callback_v2 import SessionCompleteCallbackV2

CallbackV2: TypeAlias = InferenceCompleteCallbackV2 | SessionCompleteCallbackV2
"""One event of one session; `callback_event` says which of the two shapes it has."""
