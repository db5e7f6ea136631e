"""The server behind the proxies, as fast as Python allows: it reads each request whole, and answers a night or 1 MB."""

from __future__ import annotations

import re
from typing import Final

from benchmarks.bodies import session_body
from benchmarks.raw_server import Answering, serve

LARGE: Final = 1024 * 1024
_LENGTH: Final = re.compile(rb"content-length: (\d+)")


def _answer(kind: bytes, body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\ncontent-type: %s\r\ncontent-length: %d\r\n\r\n%s" % (kind, len(body), body)


_NIGHT: Final = _answer(b"application/json", session_body())
_MEGABYTE: Final = _answer(b"application/octet-stream", bytes(LARGE))


class _Answering(Answering):
    _left = 0

    def data_received(self, data: bytes) -> None:
        if self._left:
            self._left -= len(data)
            if self._left == 0:
                self._transport.write(_MEGABYTE)
            return
        self._asked += data
        head, end, rest = self._asked.partition(b"\r\n\r\n")
        if not end:
            return
        self._asked = b""
        length = _LENGTH.search(head.lower())
        if length is None:
            self._transport.write(_NIGHT)
        else:
            self._left = int(length[1])
            self.data_received(rest)


if __name__ == "__main__":
    serve(_Answering)
