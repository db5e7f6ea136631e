# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep-v3.yaml
from typing import TypeAlias

from .callback_v3_of_sample import CallbackV3OfSample
from .callback_v3_of_tables import CallbackV3OfTables

CallbackV3: TypeAlias = CallbackV3OfSample | CallbackV3OfTables
"""One event of one session, as the sample of the page prints it or as its tables have it."""
