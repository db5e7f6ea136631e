# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep-v3.yaml
from typing import TypeAlias

from .inference_complete_callback_v3_of_tables import InferenceCompleteCallbackV3OfTables
from .session_complete_callback_v3_of_tables import SessionCompleteCallbackV3OfTables

CallbackV3OfTables: TypeAlias = InferenceCompleteCallbackV3OfTables | SessionCompleteCallbackV3OfTables
"""One event of one session, as the tables of the page have it; `callback_event` says which of the two shapes it
has.
"""
