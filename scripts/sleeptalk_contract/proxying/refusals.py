"""The answers that are the proxy's own: why the server gave none, in a sentence and in the words of RFC 9209."""

from __future__ import annotations

import errno
import json
import os
import re
import socket
import ssl
from dataclasses import dataclass
from typing import Final

CONNECT_SECONDS: Final = 10.0
"""How long it may take to reach the server behind."""

_REASONS: Final = {502: "Bad Gateway", 504: "Gateway Timeout"}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the server gave no answer: a status, the error type of RFC 9209, and what a sentence ends with."""

    status: int
    error: str
    why: str

    def answer(self, where: str, *, head_only: bool) -> bytes:
        """Return the answer; `where` is the address of the server, `head_only` whether HEAD is answered."""
        body = json.dumps({"detail": f"sleeptalk proxy: {where} {self.why}."}).encode()
        head = (
            f"HTTP/1.1 {self.status} {_REASONS[self.status]}\r\nproxy-status: sleeptalk; error={self.error}\r\n"
            f"content-type: application/json\r\nconnection: close\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        return head.encode() + (b"" if head_only else body)


NO_ANSWER: Final = Refusal(502, "connection_terminated", "closed the connection without an answer")


def too_slow(seconds: float) -> Refusal:
    """Return what is answered where nothing of an answer has come in some seconds."""
    return Refusal(504, "http_response_timeout", f"has not begun to answer within {seconds:g} s")


def unreachable(error: OSError | ValueError) -> Refusal:
    """Return what is answered where no connection could be made."""
    if isinstance(error, TimeoutError) and not error.errno:
        return Refusal(504, "connection_timeout", f"cannot be reached (not within {CONNECT_SECONDS:g} s)")
    reason = getattr(error, "strerror", None) or str(error)
    number = _number(error)
    if isinstance(error, ssl.SSLCertVerificationError):
        return Refusal(
            502, "tls_certificate_error", f"has no certificate that is trusted ({error.verify_message}; see --cacert)"
        )
    if isinstance(error, ssl.SSLError):
        return Refusal(502, "tls_protocol_error", f"cannot be reached by TLS ({error.reason or reason})")
    if isinstance(error, socket.gaierror | UnicodeError):
        return Refusal(502, "dns_error", f"cannot be reached ({reason})")
    kind = "connection_refused" if number == errno.ECONNREFUSED else "destination_unavailable"
    return Refusal(502, kind, f"cannot be reached ({os.strerror(number) if number else reason})")


def _number(error: OSError | ValueError) -> int:
    """Return the error number of the system, also of one that asyncio tells with those of other addresses; else 0."""
    found = getattr(error, "errno", None)
    told = re.search(r"\[Errno ([0-9]+)\]", str(error))
    return found or (int(told[1]) if told else 0)
