"""All three parts with http.server, which speaks HTTP/1.0 and closes the connection after each answer.

With `stock`, its own pages are the refusals.
"""

import hmac
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo, available_timezones

from tests.implementations.stacks import records

TIMEZONES = available_timezones()


class Handler(BaseHTTPRequestHandler):
    """Answers GET and POST; any other method is 501 by itself."""

    def do_GET(self) -> None:
        folder, _, name = urlsplit(self.path).path.rpartition("/")
        if folder == "/data/v2/sessions":
            self._session(unquote(name))
        elif folder == "/api/technology/time-analysis":
            self._task(unquote(name))
        else:
            self.send_error(404)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if self.path != "/callback":
            self.send_error(404)
        elif not self._has_key():
            self._answer(401, {"detail": records.NO_KEY})
        else:
            self._callback(body)

    def _session(self, session_id: str) -> None:
        user_id, timezone = self.headers.get("x-user-id"), self.headers.get("timezone", "UTC")
        if not self._has_key():
            self._answer(403, {"detail": records.NO_KEY})
        elif not user_id:
            self._answer(400, {"detail": records.NO_USER})
        elif not records.SESSION_ID.fullmatch(session_id):
            self._answer(422, {"detail": records.malformed(session_id)})
        elif timezone not in TIMEZONES:
            self._answer(400, {"detail": records.BAD_TIMEZONE})
        else:
            night = records.night_of(session_id, user_id, ZoneInfo(timezone))
            self._answer(200, night) if night else self._answer(404, {"detail": records.not_found(session_id)})

    def _task(self, task_id: str) -> None:
        if not records.TASK_ID.fullmatch(task_id):
            self._answer(422, records.bad_task_id())
        else:
            task = records.task_of(task_id)
            self._answer(200, task) if task else self._answer(404, records.no_task(task_id))

    def _callback(self, body: bytes) -> None:
        try:
            value = records.read_json(body)
        except ValueError:
            self._answer(400, {"detail": "The body is not JSON"})
            return
        if records.is_callback(value):
            self.send_response(204)
            self.end_headers()
        else:
            self._answer(422, {"detail": "The body is not a callback"})

    def _has_key(self) -> bool:
        return hmac.compare_digest(self.headers.get("x-api-key", "").encode(), records.API_KEY.encode())

    def _answer(self, status: int, body: Any) -> None:
        if status >= 400 and "stock" in sys.argv:
            self.send_error(status)
            return
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its own name
        pass


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_port, flush=True)  # noqa: T201  # the one who starts it reads it
    server.serve_forever()
