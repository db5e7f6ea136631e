"""An ASGI application that receives callbacks. It works alone and mounted under Starlette or FastAPI."""

from __future__ import annotations

import asyncio
import functools
import inspect
import json
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any, TypeAlias

import anyio
import anyio.to_thread

from sleeptalk.callback.keys import accepted_keys, authenticated
from sleeptalk.callback.parsing import read
from sleeptalk.callback.recorded import recorded
from sleeptalk.callback.refusals import RefusalLog
from sleeptalk.errors import CallbackError, ConfigurationError
from sleeptalk.recording import Recorder
from sleeptalk.runtime.functions import is_async

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable

    from sleeptalk.callback.events import Callback
    from sleeptalk.callback.keys import AcceptedKeys

BODY_LIMIT = 1024 * 1024  # a night of 24 hours is 20 kB
BODY_TIMEOUT = 10.0  # seconds

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Handler: TypeAlias = Callable[["Callback"], Awaitable[object] | object]

logger = logging.getLogger("sleeptalk")


class RefusalError(Exception):
    """A request that is answered without the handler: the status, a sentence, further headers."""

    def __init__(self, status: int, message: str, *headers: tuple[bytes, bytes]) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers


class DisconnectedError(Exception):
    """The sender disconnected before its body was complete: there is nobody to answer."""


def asgi(
    handler: Handler,
    *,
    api_key: str | Iterable[str] | None = None,
    body_limit: int = BODY_LIMIT,
    body_timeout: float = BODY_TIMEOUT,
    recorder: Recorder | str | os.PathLike[str] | None = None,
) -> Receiver:
    """Make an ASGI application that hands each callback to `handler`.

    - `handler`: takes the InferenceComplete, SessionComplete or UnknownCallback. A plain function runs in a worker
      thread; an async one is awaited. Its return value is ignored.
    - `api_key`: the key to accept, or several. None reads SLEEPTALK_CALLBACK_KEY.
    - `body_limit`: the largest body in bytes, 1 MiB.
    - `body_timeout`: how long a whole body may take, in seconds.
    - `recorder`: a `sleeptalk.recording.Recorder`, or the path of a file, to which each request and its answer is added
      for `sleeptalk judge`.

    It answers 204 once the handler has returned, 405 to anything but POST, 401 to a missing or wrong key, 415 to a
    content-type other than JSON (without one, JSON is assumed) or a content-encoding other than identity, 413 to a body
    over the limit, 408 to one that does not come in time, 400 and 422 as `parse` raises them, and 500 where the handler
    raises, logged to `sleeptalk`, so that Asleep delivers again. Refusals have the body `{"detail": "..."}`, and are
    logged to `sleeptalk` too, at most 10 of each status a minute. It keeps no state: a handler sees a repeated delivery
    again, with the same `identity`.

    Raises ConfigurationError at once without a usable key, or for a handler that could never handle a callback.
    """
    accepted = accepted_keys(api_key)
    del api_key  # a traceback that shows the variables of its frames would have it
    if not callable(handler):
        raise ConfigurationError("handler must be a function that takes a callback.")
    check_not_generator(handler)
    check_bounds(body_limit, body_timeout)
    if isinstance(accepted, ConfigurationError):
        raise accepted
    return HandlingReceiver(handler, accepted, body_limit, body_timeout, Recorder.of(recorder))


def check_not_generator(handler: object) -> None:
    """Raise ConfigurationError for a handler that would only make a generator."""
    if inspect.isgeneratorfunction(handler) or inspect.isasyncgenfunction(handler):
        raise ConfigurationError("handler must not be a generator function: its body would never run.")


def check_bounds(body_limit: object, body_timeout: object) -> None:
    """Raise ConfigurationError unless a body can be received within these bounds."""
    if type(body_limit) is not int or body_limit < 1:
        raise ConfigurationError("body_limit must be a whole number of bytes, at least 1.")
    if not isinstance(body_timeout, (int, float)) or isinstance(body_timeout, bool) or not body_timeout > 0:
        raise ConfigurationError("body_timeout must be a number of seconds above 0.")


class Receiver:
    """An application that receives callbacks. What becomes of one that is not refused is its subclass's part."""

    def __init__(
        self, accepted: AcceptedKeys, body_limit: int, body_timeout: float, recorder: Recorder | None = None
    ) -> None:
        self._recorder = recorder
        self._accepted = accepted
        self._body_limit = body_limit
        self._body_timeout = body_timeout
        self._refusals = RefusalLog()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one ASGI scope."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000})
        else:
            if self._recorder is not None:
                receive, send = recorded(self._recorder, scope, receive, send)
            await self._answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        event = await self._received(scope, receive)
        del scope  # its headers carry the key, and a traceback that shows the variables of its frames would have them
        if event is None:
            return
        if isinstance(event, RefusalError):
            refusal: RefusalError | None = event
            self._refusals.write(event.status, str(event))
        else:
            refusal = await self._take(event)
        if refusal is None:
            await respond(send, 204, b"")
        else:
            await _refuse(send, refusal.status, str(refusal), *refusal.headers)

    async def _take(self, event: Callback) -> RefusalError | None:
        """Deal with a callback before it is answered; returns why it is refused, which has been logged, if it is."""
        raise NotImplementedError

    async def _received(self, scope: Scope, receive: Receive) -> Callback | RefusalError | None:
        """Return the callback, or why the request is refused; None where its sender has gone."""
        try:
            headers = _checked_head(scope, self._accepted)
            return read(await self._body(scope, receive), headers=headers)
        except DisconnectedError:
            return None
        except RefusalError as refusal:
            return refusal.with_traceback(None)
        except CallbackError as error:
            return RefusalError(error.status, str(error))

    async def _body(self, scope: Scope, receive: Receive) -> bytes:
        with anyio.move_on_after(self._body_timeout):
            return await _body(scope, receive, self._body_limit)
        message = f"The callback's body did not come whole within {self._body_timeout:g} seconds."
        raise RefusalError(408, message, (b"connection", b"close"))


class HandlingReceiver(Receiver):
    """The application that `asgi` makes: it answers once the handler has returned."""

    def __init__(
        self,
        handler: Handler,
        accepted: AcceptedKeys,
        body_limit: int,
        body_timeout: float,
        recorder: Recorder | None = None,
    ) -> None:
        super().__init__(accepted, body_limit, body_timeout, recorder)
        self._handler = handler

    async def _take(self, event: Callback) -> RefusalError | None:
        try:
            await _handle(self._handler, event)
        except BaseException as error:
            if not isinstance(error, Exception) and not _is_cancellation_of_something_else(error):
                raise
            logger.exception("callback 500: the handler failed, so that the callback will be delivered again")
            return RefusalError(500, "The callback could not be handled.")
        return None


def _is_cancellation_of_something_else(error: BaseException) -> bool:
    """Return whether the handler's own work was cancelled, rather than this request."""
    task = asyncio.current_task() if isinstance(error, asyncio.CancelledError) else None
    return task is not None and not task.cancelling()


def _checked_head(scope: Scope, accepted: AcceptedKeys) -> dict[str, str]:
    """Refuse by method, key, content-type and content-encoding, in this order, before a byte of the body is read.

    Returns the headers without the key.
    """
    if scope["method"] != "POST":
        raise RefusalError(405, "A callback must be sent with POST.", (b"allow", b"POST"))
    headers = authenticated(scope["headers"], accepted)
    if isinstance(headers, CallbackError):
        raise headers
    declared = _header(scope, b"content-type").split(b";")[0].strip().lower()
    if declared and declared != b"application/json" and not declared.endswith(b"+json"):
        raise RefusalError(415, "A callback's content-type must be application/json.")
    codings = headers.get("content-encoding", "").lower().split(",")
    if not {coding.strip() for coding in codings} <= {"", "identity"}:
        message = "A callback's body must not be compressed: send it without a content-encoding."
        raise RefusalError(415, message, (b"accept-encoding", b"identity"))
    return headers


def _header(scope: Scope, wanted: bytes) -> bytes:
    return next((bytes(value) for name, value in scope["headers"] if name.lower() == wanted), b"")


async def _body(scope: Scope, receive: Receive, limit: int) -> bytes:
    declared = _header(scope, b"content-length")
    if declared.isdigit() and int(declared[:20]) > limit:
        raise _too_large(limit)
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise DisconnectedError
        body += message.get("body", b"")
        if len(body) > limit:
            raise _too_large(limit)
        if not message.get("more_body", False):
            return bytes(body)


def _too_large(limit: int) -> RefusalError:
    return RefusalError(413, f"A callback's body must be at most {limit} bytes.")


async def _handle(handler: Handler, event: Callback) -> None:
    if is_async(handler):
        result = handler(event)
    else:
        result = await anyio.to_thread.run_sync(functools.partial(handler, event))
    if inspect.isawaitable(result):
        await result


async def _lifespan(receive: Receive, send: Send) -> None:
    """Answer a server's start and stop, for which nothing needs to be done."""
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


async def _refuse(send: Send, status: int, message: str, *headers: tuple[bytes, bytes]) -> None:
    body = json.dumps({"detail": message}).encode()
    await respond(send, status, body, (b"content-type", b"application/json"), *headers)


async def respond(send: Send, status: int, body: bytes, *headers: tuple[bytes, bytes]) -> None:
    """Send one whole answer."""
    length = [] if status == 204 else [(b"content-length", str(len(body)).encode())]  # noqa: PLR2004  # No Content has none
    await send({"type": "http.response.start", "status": status, "headers": [*headers, *length]})
    await send({"type": "http.response.body", "body": body})
