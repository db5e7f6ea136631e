"""A server as fast as Python allows, for servers in processes of their own: it says its port, and serves."""

from __future__ import annotations

import asyncio
import sys
from typing import cast


class Answering(asyncio.Protocol):
    """A connection whose requests a subclass answers; `_asked` is what has come of the next one."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)
        self._asked = b""


def serve(kind: type[Answering]) -> None:
    """Serve on a free port of loopback, which is printed, until the process is ended."""
    asyncio.run(_serve(kind))


async def _serve(kind: type[Answering]) -> None:
    server = await asyncio.get_running_loop().create_server(kind, "127.0.0.1", 0, backlog=2000)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()
