# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep.yaml
from typing import TypeAlias

from .inference_complete_callback import InferenceCompleteCallback
from .session_complete_callback import SessionCompleteCallback

Callback: TypeAlias = InferenceCompleteCallback | SessionCompleteCallback
"""One event of one session; `callback_event` says which of the two shapes it has."""
