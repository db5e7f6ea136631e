"""Forward each delivery to the user's own receiver."""

from __future__ import annotations

import asyncio
import socket
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import httpx

from sleeptalk_contract.contract.address import checked_address, host_and_port, redacted_url
from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.listening.delivery import Reply, refusal

if TYPE_CHECKING:
    from sleeptalk_contract.listening.delivery import Delivery

TIMEOUT_SECONDS: Final = 30.0
"""How long the receiver may take; the contract calls for 5 s, but a receiver that is being tried may be slow."""

_CONNECT_SECONDS: Final = 5.0
_LARGEST_ANSWER: Final = 1024 * 1024
_OF_THE_CONNECTION: Final = frozenset(  # belong to one connection, or are made anew
    {
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
        self._tls = httpx.create_ssl_context()

    async def send(self, delivery: Delivery) -> Forwarded:
        """Forward one delivery. Never raises for what the receiver does."""
        started = time.monotonic()
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                reply = await self._post(delivery)
        except (TimeoutError, httpx.TimeoutException):
            failure = f"did not answer within {TIMEOUT_SECONDS:g} s"
            return Forwarded(refusal(504, f"The receiver {failure}."), time.monotonic() - started, failure)
        except httpx.HTTPError as error:
            failure = f"did not answer ({type(error).__name__})"
            return Forwarded(refusal(502, f"The receiver {failure}."), time.monotonic() - started, failure)
        return Forwarded(reply, time.monotonic() - started)

    async def _post(self, delivery: Delivery) -> Reply:
        headers = [(name, value) for name, value in delivery.headers if name.lower() not in _OF_THE_CONNECTION]
        request = httpx.Request("POST", self._url, headers=headers, content=delivery.body)
        async with httpx.AsyncClient(timeout=TIMEOUT_SECONDS, verify=self._tls, trust_env=False) as client:
            response = await client.send(request, stream=True)
            body = b""
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > _LARGEST_ANSWER:
                    break
            await response.aclose()
        content_type = response.headers.get("content-type")
        return Reply(response.status_code, {} if content_type is None else {"content-type": content_type}, body)


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
