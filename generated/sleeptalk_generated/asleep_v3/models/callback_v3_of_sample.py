# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep-v3.yaml
from typing import TypeAlias

from .inference_complete_callback_v3_of_sample import InferenceCompleteCallbackV3OfSample
from .session_complete_callback_v3_of_sample import SessionCompleteCallbackV3OfSample

CallbackV3OfSample: TypeAlias = InferenceCompleteCallbackV3OfSample | SessionCompleteCallbackV3OfSample
"""One event of one session, as the sample of the page prints it; `event` says which of the two shapes it has."""
