"""Forward each delivery to the user's own receiver."""

from __future__ import annotations

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sleeptalk_contract.contract.address import (
    authorization,
    checked_address,
    host_and_port,
    redacted_url,
    request_target,
)
from sleeptalk_contract.contract.exchange import Answer, joined_headers
from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.contract.wire import Wire
from sleeptalk_contract.listening.delivery import Reply, refusal

if TYPE_CHECKING:
    from sleeptalk_contract.listening.delivery import ReceivedDelivery

TIMEOUT_SECONDS: Final = 30.0
"""How long the receiver may take; the contract calls for 5 s, but a receiver that is being tried may be slow."""

_CONNECT_SECONDS: Final = 5.0
_LARGEST_ANSWER: Final = 1024 * 1024
_MOST_AT_ONCE: Final = 64
_OF_THE_CONNECTION: Final = frozenset(  # belong to one connection, or are made anew, as is the coding of an answer
    {
        b"accept-encoding",
        b"connection",
        b"content-length",
        b"expect",
        b"host",
        b"keep-alive",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)


@dataclass(frozen=True, slots=True)
class Forwarded:
    """The result of a forwarded delivery: the answer, or why there was none, and the seconds it took."""

    reply: Reply
    seconds: float
    failure: str = ""


class Forwarder:
    """Posts deliveries to one address, with the headers and bytes as they came in."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._threads = ThreadPoolExecutor(_MOST_AT_ONCE, thread_name_prefix="forwarding")

    async def send(self, delivery: ReceivedDelivery) -> Forwarded:
        """Forward one delivery over a connection of its own. Never raises for what the receiver does."""
        wire = Wire(self._url, TIMEOUT_SECONDS, _LARGEST_ANSWER)
        try:
            answer = await asyncio.get_running_loop().run_in_executor(self._threads, self._post, wire, delivery)
        except asyncio.CancelledError:
            wire.abort()
            raise
        return _forwarded(answer)

    def close(self) -> None:
        """Wait for what is still being forwarded; nothing can be forwarded afterwards."""
        self._threads.shutdown()

    def _post(self, wire: Wire, delivery: ReceivedDelivery) -> Answer:
        own = authorization(self._url)
        kept = [(name, value) for name, value in delivery.headers if name.lower() not in _OF_THE_CONNECTION]
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in kept]
        headers = [(name, value) for name, value in headers if name.lower() not in own]
        try:
            return wire.exchange("POST", request_target(self._url), [*headers, *own.items()], delivery.body)
        finally:
            wire.close()


def _forwarded(answer: Answer) -> Forwarded:
    if answer.failure == "timeout":
        return _without_answer(504, answer.seconds, f"did not answer within {TIMEOUT_SECONDS:g} s")
    if answer.status is None:
        return _without_answer(502, answer.seconds, "did not answer: the connection failed")
    if answer.ended_early:
        return _without_answer(502, answer.seconds, f"did not answer whole: the body {answer.ended_early}")
    if answer.cut:
        return _without_answer(502, answer.seconds, f"answered with more than {_LARGEST_ANSWER} bytes")
    content_type = joined_headers(answer.headers).get("content-type")
    reply = Reply(answer.status, {} if content_type is None else {"content-type": content_type}, answer.body)
    return Forwarded(reply, answer.seconds)


def _without_answer(status: int, seconds: float, failure: str) -> Forwarded:
    return Forwarded(refusal(status, f"The receiver {failure}."), seconds, failure)


def forwarder(url: str | None) -> Forwarder | None:
    """Return a forwarder to an address that can be reached; None without an address.

    Raises UsageError where it is not an address, and where no server answers there.
    """
    if url is None:
        return None
    try:
        socket.create_connection(host_and_port(checked_address(url, "--forward")), timeout=_CONNECT_SECONDS).close()
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageError(
            f"No receiver answers at {redacted_url(url)} ({reason}): start it first, or correct --forward."
        ) from error
    return Forwarder(url)
