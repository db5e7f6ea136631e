"""Both services on one port. Their paths do not meet."""

from collections.abc import Sequence

from starlette.applications import Starlette

from sleeptalk_contract.sandbox.faults import Fault
from sleeptalk_contract.sandbox.web import application
from sleeptalk_contract.services.asleep.sandbox.application import AsleepProvider
from sleeptalk_contract.services.asleep.sandbox.credentials import SANDBOX_API_KEY, SANDBOX_USER_ID
from sleeptalk_contract.services.phonexia.sandbox.application import PhonexiaProvider


def sandbox_app(
    api_key: str = SANDBOX_API_KEY,
    user_id: str = SANDBOX_USER_ID,
    faults: Sequence[Fault] = (),
) -> Starlette:
    """Return both services as one ASGI application; each has the faults of its own rules."""
    return application([AsleepProvider({"x-api-key": api_key, "x-user-id": user_id}), PhonexiaProvider()], faults)
