"""Both services on one port. Their paths do not meet."""

from collections.abc import Sequence

from starlette.applications import Starlette

from sleeptalk_contract.sandbox.answers import Fault
from sleeptalk_contract.sandbox.asleep import AsleepService
from sleeptalk_contract.sandbox.credentials import SANDBOX_API_KEY
from sleeptalk_contract.sandbox.phonexia import PhonexiaService
from sleeptalk_contract.sandbox.web import application


def sandbox_app(api_key: str = SANDBOX_API_KEY, faults: Sequence[Fault] = ()) -> Starlette:
    """Return both services as one ASGI application. Faults see the requests of both."""
    return application([AsleepService(api_key), PhonexiaService()], faults)
