"""Receivers of callbacks, each in a process of its own: ours, and what it is measured against.

- `bare`: Starlette and msgspec, which answer and keep nothing.
- `committing`: the same, and each callback is inserted and committed to SQLite before it is answered.
- `inbox`: ours, whose worker runs elsewhere; `handling`: ours with its worker, and a handler of 3 seconds.
"""

from __future__ import annotations

import socket
import sqlite3
import sys
import time
from typing import TYPE_CHECKING, Any

import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from sleeptalk.callback import inbox
from sleeptalk_generated.asleep.models import InferenceCompleteCallback

if TYPE_CHECKING:
    from starlette.requests import Request

KEY = "bench-key"
SLOW = 3.0

_DECODER = msgspec.json.Decoder(InferenceCompleteCallback)


def _handle(_callback: Any, _delivery: Any) -> None:
    time.sleep(SLOW)


def _plain(path: str | None) -> Starlette:
    db = None
    if path is not None:
        db = sqlite3.connect(path, isolation_level=None)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("CREATE TABLE callbacks (session TEXT, number INTEGER, body BLOB, UNIQUE (session, number))")

    async def receive(request: Request) -> Response:
        body = await request.body()
        if request.headers.get("x-api-key") != KEY:
            return Response(status_code=401)
        data = _DECODER.decode(body).callback_data
        if db is not None:
            db.execute("INSERT INTO callbacks VALUES (?, ?, ?)", (data.session_id, data.inference_seq_num, body))
        return Response(status_code=204)

    return Starlette(routes=[Route("/", receive, methods=["POST"])])


async def _processor_seconds(_: Request) -> Response:
    """Tell how long this process has computed, all of its threads together."""
    return Response(str(time.process_time()))


def _application(kind: str, path: str) -> Any:
    if kind in ("bare", "committing"):
        app = _plain(path if kind == "committing" else None)
    else:
        receiver = inbox(_handle, f"sqlite:///{path}", api_key=KEY, work=kind == "handling")
        app = Starlette(routes=[Route("/", receiver, methods=["POST"])], lifespan=receiver.lifespan)
    app.router.routes.append(Route("/processor-seconds", _processor_seconds))
    return app


if __name__ == "__main__":
    with socket.create_server(("127.0.0.1", 0), backlog=256) as listener:
        sys.stdout.write(f"{listener.getsockname()[1]}\n")
        sys.stdout.flush()
        config = uvicorn.Config(
            _application(sys.argv[1], sys.argv[2]), http="h11", loop="asyncio", log_level="critical"
        )
        uvicorn.Server(config).run([listener])
