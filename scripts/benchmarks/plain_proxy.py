"""The plain proxy that `sleeptalk proxy` is compared with: Starlette and httpx, in a process of its own."""

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
    client = httpx.AsyncClient(base_url=to, trust_env=False, timeout=60, limits=httpx.Limits(max_connections=None))

    async def passed_on(request: Request) -> StreamingResponse:
        url = httpx.URL(path=request.url.path, query=request.url.query.encode() or None)
        headers = [(name, value) for name, value in request.headers.raw if name != b"host"]
        has_body = not {"content-length", "transfer-encoding"}.isdisjoint(request.headers)
        content = request.stream() if has_body else None
        sent = client.build_request(request.method, url, headers=headers, content=content)
        answer = await client.send(sent, stream=True)
        return StreamingResponse(
            answer.aiter_raw(), answer.status_code, dict(answer.headers), background=BackgroundTask(answer.aclose)
        )

    return Starlette(routes=[Route("/{path:path}", passed_on, methods=_METHODS)])


async def _serve(to: str) -> None:
    listening = socket.create_server(("127.0.0.1", 0), backlog=2000)
    server = uvicorn.Server(uvicorn.Config(application(to), log_level="error"))
    sys.stdout.write(f"{listening.getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve([listening])


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1]))
