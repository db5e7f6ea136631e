"""The plain proxy that `sleeptalk proxy` is compared with: Starlette and httpx, in a process of its own.

Both sides are streamed, one pool keeps the connections to the server, and uvicorn runs on the loop that ours runs on.
"""

from __future__ import annotations

import asyncio
import socket
import sys
from typing import TYPE_CHECKING

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.responses import StreamingResponse
from starlette.routing import Route

if TYPE_CHECKING:
    from starlette.requests import Request

_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]


def application(to: str) -> Starlette:
    """Return a proxy that passes requests on to an address, and streams the answers."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    client = httpx.AsyncClient(base_url=to, trust_env=False, timeout=60, limits=limits)

    async def passed_on(request: Request) -> StreamingResponse:
        url = httpx.URL(path=request.url.path, query=request.url.query.encode() or None)
        headers = [(name, value) for name, value in request.headers.raw if name != b"host"]
        has_body = not {"content-length", "transfer-encoding"}.isdisjoint(request.headers)
        content = request.stream() if has_body else None
        sent = client.build_request(request.method, url, headers=headers, content=content)
        answer = await client.send(sent, stream=True)
        response = StreamingResponse(answer.aiter_raw(), answer.status_code, background=BackgroundTask(answer.aclose))
        response.raw_headers = [(name.lower(), value) for name, value in answer.headers.raw]
        return response

    return Starlette(routes=[Route("/{path:path}", passed_on, methods=_METHODS)])


def main(to: str) -> None:
    """Print the port, and serve."""
    config = uvicorn.Config(application(to), loop="asyncio", log_level="error", access_log=False)
    # asyncio sends at once over sockets that name their protocol alone: over others each answer waits 40 ms for an ACK
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(2000)
        sys.stdout.write(f"{listening.getsockname()[1]}\n")
        sys.stdout.flush()
        asyncio.run(uvicorn.Server(config).serve([listening]))


if __name__ == "__main__":
    main(sys.argv[1])
