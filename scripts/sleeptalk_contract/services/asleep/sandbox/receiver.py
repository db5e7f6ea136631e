"""The bundled receiver of callbacks: a plain use of `sleeptalk.callback` with a handler that does nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.routing import Mount

from sleeptalk.callback import Callback, asgi
from sleeptalk_contract.contract.document import document
from sleeptalk_contract.sandbox.answers import Answer
from sleeptalk_contract.sandbox.web import application
from sleeptalk_contract.services.asleep.sandbox.nights import SANDBOX_API_KEY, SANDBOX_CREDENTIALS

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping, Sequence

    from sleeptalk_contract.contract.service import Fault
    from sleeptalk_contract.sandbox.answers import Request


def receiver_app(api_key: str = SANDBOX_API_KEY, faults: Sequence[Fault] = ()) -> Starlette:
    """Return an ASGI application that accepts on every path each callback that carries `api_key` and can be read.

    With faults, it answers as they make it.
    """
    if faults:
        return application([AsleepReceiver({"x-api-key": api_key})], faults)
    return Starlette(routes=[Mount("/", app=asgi(_accept, api_key=api_key))])


class AsleepReceiver:
    """The bundled receiver as an implementation of the sandbox, which faults can change.

    It reads every version; `operation` of the document of `service` is the webhook of the one that is sent.
    """

    rule_groups = ("receiver",)

    def __init__(
        self,
        credentials: Mapping[str, str] = SANDBOX_CREDENTIALS,
        *,
        service: str = "asleep",
        operation: str = "receiveCallback",
    ) -> None:
        self.credentials = {**SANDBOX_CREDENTIALS, **credentials}
        self.operations = (document(service).operation(operation),)
        self._receiver = asgi(_accept, api_key=self.credentials["x-api-key"])

    def answer(self, request: Request) -> Answer:
        """Return what the bundled receiver answers to a request."""
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in request.headers.items()]
        scope = {"type": "http", "method": request.method, "path": request.path, "headers": headers}
        sent: list[MutableMapping[str, Any]] = []

        async def receive() -> MutableMapping[str, Any]:
            return {"type": "http.request", "body": request.body, "more_body": False}

        async def send(message: MutableMapping[str, Any]) -> None:
            sent.append(message)

        answering = self._receiver(scope, receive, send)
        try:
            answering.send(None)  # it waits for nothing but what is here already, so one step is all of it
        except StopIteration:
            pass
        else:
            raise RuntimeError("The bundled receiver waited for something other than the request.")
        start, *bodies = sent
        answered = {name.decode("latin-1"): value.decode("latin-1") for name, value in start["headers"]}
        answered.pop("content-length", None)
        return Answer(start["status"], answered, b"".join(message.get("body", b"") for message in bodies))


async def _accept(callback: Callback) -> None:
    """Accept a callback and do nothing with it."""
