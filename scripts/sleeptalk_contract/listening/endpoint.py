"""The ASGI application that takes deliveries: POST on any path."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

from sleeptalk_contract.listening.delivery import NO_CONTENT, ReceivedDelivery, Reply, refusal

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from sleeptalk_contract.listening.display import Display
    from sleeptalk_contract.listening.forwarding import Forwarder
    from sleeptalk_contract.listening.listener import Listener

BODY_LIMIT: Final = 1024 * 1024
"""Bytes; a callback of a night of 24 hours has 20 kB."""

UNFINISHED_LIMIT: Final = 32 * 1024 * 1024
"""Bytes of all bodies together of which the end has not come: more senders than that need are answered 503."""

BODY_SECONDS: Final = 10.0
"""For a whole body, as for the product's own receiver."""

_FULL: Final = refusal(503, "Too many callbacks are being sent at once.", connection="close")
_TOO_LARGE: Final = refusal(413, f"A callback must be at most {BODY_LIMIT} bytes.", connection="close")
_NOT_POST: Final = refusal(405, "A callback must be sent with POST.", allow="POST")
_LATE: Final = refusal(408, "The callback's body did not come whole in time.", connection="close")
_OVER: Final = refusal(503, "Enough callbacks were received.", connection="close")


class NoRoomError(Exception):
    """Unfinished bodies take all the memory that there is for them."""


class Room:
    """The memory for bodies of which the end has not come, in bytes. For one event loop."""

    def __init__(self, limit: int = UNFINISHED_LIMIT) -> None:
        self._left = limit

    def take(self, size: int) -> None:
        """Take some of it. Raises NoRoomError where that is not left."""
        if size > self._left:
            raise NoRoomError
        self._left -= size

    def give_back(self, size: int) -> None:
        """Give back what was taken."""
        self._left += size


class Endpoint:
    """Hands deliveries to a listener and answers them.

    A conforming delivery is answered 204, or, with a forwarder, what the user's receiver answered. One that does not
    conform is sent on as well, so that the receiver shows how it handles it; its sender is answered what is wrong.
    A body may take `body_seconds`.
    """

    def __init__(
        self,
        listener: Listener,
        display: Display,
        forwarder: Forwarder | None,
        *,
        body_seconds: float = BODY_SECONDS,
    ) -> None:
        self._listener = listener
        self._display = display
        self._forwarder = forwarder
        self._room = Room()
        self._body_seconds = body_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        started = time.monotonic()
        if scope["method"] != "POST":
            self._display.refused(scope["method"], "405, for a callback must be sent with POST")
            await respond(send, _NOT_POST)
            return
        try:
            delivery = await received(scope, receive, self._room, self._body_seconds)
        except NoRoomError:
            self._display.refused("POST", "503, for too many callbacks are being sent at once")
            await respond(send, _FULL)
            return
        if not delivery.complete:
            self._judge_cut(delivery, started)
            if delivery.late:
                await respond(send, _LATE)
        elif len(delivery.body) > BODY_LIMIT:
            self._display.refused("POST", f"413, for its body has more than {BODY_LIMIT} bytes")
            await respond(send, _TOO_LARGE)
        else:
            await self._deliver(delivery, send, started)

    def _judge_cut(self, delivery: ReceivedDelivery, started: float) -> None:
        """Judge what came of a delivery whose sender has gone, so that nobody can be answered, or is late."""
        if delivery.late:
            self._display.refused("POST", f"408, for its body did not come whole within {self._body_seconds:g} s")
        else:
            self._display.refused("POST", "nothing, for the connection was closed before the whole body came")
        judged = self._listener.judge(delivery)
        if judged is None:
            return
        try:
            reply = _LATE if delivery.late else judged.reply
            self._listener.record(judged, reply, time.monotonic() - started)
            self._display.delivered(judged, reply, None)
        finally:
            self._listener.answered()

    async def _deliver(self, delivery: ReceivedDelivery, send: Send, started: float) -> None:
        judged = self._listener.judge(delivery)
        if judged is None:
            await respond(send, _OVER)
            return
        try:
            forwarded = None if self._forwarder is None else await self._forwarder.send(delivery)
            conforms = judged.reply.status == NO_CONTENT
            reply = forwarded.reply if forwarded is not None and conforms else judged.reply
            self._listener.record(judged, reply, time.monotonic() - started)
            self._display.delivered(judged, reply, forwarded)
            await respond(send, reply)
        finally:
            self._listener.answered()


async def received(
    scope: Scope, receive: Receive, room: Room | None = None, seconds: float = BODY_SECONDS
) -> ReceivedDelivery:
    """Read a request, of its body a little more than the limit at most, in `seconds` at most.

    `room` is what unfinished bodies share, None for no such bound. Raises NoRoomError where it does not suffice.
    """
    body = bytearray()
    more = complete = True
    late = False
    taken = 0
    try:
        async with asyncio.timeout(seconds):
            while more and len(body) <= BODY_LIMIT:
                message = await receive()
                complete = message["type"] != "http.disconnect"
                piece = message.get("body", b"")
                if room is not None:
                    room.take(len(piece))
                    taken += len(piece)
                body += piece
                more = complete and message.get("more_body", False)
    except TimeoutError:
        complete, late = False, True
    finally:
        if room is not None:
            room.give_back(taken)
    return ReceivedDelivery(_url(scope), tuple(scope["headers"]), bytes(body), complete, late)


def _url(scope: Scope) -> str:
    host, port = scope["server"]
    query = f"?{scope['query_string'].decode('latin-1')}" if scope["query_string"] else ""
    return f"http://{host}:{port}{scope['raw_path'].decode('latin-1')}{query}"


async def respond(send: Send, reply: Reply) -> None:
    """Answer a request."""
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in reply.headers.items()]
    if reply.status != NO_CONTENT:
        headers.append((b"content-length", str(len(reply.body)).encode()))
    body = b"" if reply.status == NO_CONTENT else reply.body
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
