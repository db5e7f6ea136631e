"""Both services on one port. Their paths do not meet."""

from collections.abc import Sequence

from starlette.applications import Starlette

from sleeptalk_contract.sandbox.answers import Fault
from sleeptalk_contract.sandbox.web import application
from sleeptalk_contract.services.asleep.sandbox.application import AsleepService
from sleeptalk_contract.services.asleep.sandbox.credentials import SANDBOX_API_KEY, SANDBOX_USER_ID
from sleeptalk_contract.services.asleep.sandbox.nights import scenarios_of
from sleeptalk_contract.services.phonexia.sandbox.application import PhonexiaService


def sandbox_app(
    api_key: str = SANDBOX_API_KEY,
    user_id: str = SANDBOX_USER_ID,
    faults: Sequence[Fault] = (),
) -> Starlette:
    """Return both services as one ASGI application; each has the faults of its own rules."""
    return application([AsleepService(api_key, scenarios_of(user_id).values()), PhonexiaService()], faults)
