"""A server as fast as Python allows, in a process of its own: it answers each request with a night of the id in it."""

from __future__ import annotations

from benchmarks.bodies import session_body
from benchmarks.raw_server import Answering, serve
from sleeptalk_contract.services.asleep.sandbox.nights import SCENARIOS

_ID = SCENARIOS["four-stages"].session_id.encode()
_BODY = session_body()
_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(_BODY)


class _Answering(Answering):
    def data_received(self, data: bytes) -> None:
        self._asked += data
        while b"\r\n\r\n" in self._asked:
            head, _, self._asked = self._asked.partition(b"\r\n\r\n")
            session_id = head.split(b" ", 2)[1].rpartition(b"/")[2]
            self._transport.write(_HEAD + _BODY.replace(_ID, session_id))


if __name__ == "__main__":
    serve(_Answering)
