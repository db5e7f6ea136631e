"""The bundled receiver of callbacks: what a user of `sleeptalk.callback` would write, with nothing left to do."""

from starlette.applications import Starlette
from starlette.routing import Mount

from sleeptalk.callback import Callback, asgi
from sleeptalk_contract.services.asleep.sandbox.credentials import SANDBOX_API_KEY


def receiver_app(api_key: str = SANDBOX_API_KEY) -> Starlette:
    """Return an ASGI application that accepts on every path each callback that carries `api_key` and can be read."""
    return Starlette(routes=[Mount("/", app=asgi(_accept, api_key=api_key))])


async def _accept(callback: Callback) -> None:
    """Take a callback and do nothing with it."""
