"""A server as fast as Python allows, in a process of its own: it answers each request with a night of the id in it."""

from __future__ import annotations

import asyncio
import sys
from typing import cast

from benchmarks.bodies import session_body
from sleeptalk_contract.services.asleep.sandbox.nights import SCENARIOS

_ID = SCENARIOS["four-stages"].session_id.encode()
_BODY = session_body()
_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(_BODY)


class _Answering(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._asked = b""

    def data_received(self, data: bytes) -> None:
        self._asked += data
        while b"\r\n\r\n" in self._asked:
            head, _, self._asked = self._asked.partition(b"\r\n\r\n")
            session_id = head.split(b" ", 2)[1].rpartition(b"/")[2]
            self._transport.write(_HEAD + _BODY.replace(_ID, session_id))


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(_Answering, "127.0.0.1", 0, backlog=2000)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve())
