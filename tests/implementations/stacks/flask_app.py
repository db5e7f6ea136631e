"""All three parts with Flask, served by the server that Flask brings; with `stock`, its own pages are the refusals."""

import hmac
import sys
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flask import Flask, abort, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.implementations.stacks import records

app = Flask(__name__)


def has_key() -> bool:
    return hmac.compare_digest(request.headers.get("x-api-key", "").encode(), records.API_KEY.encode())


def refused(error: HTTPException) -> ResponseReturnValue:
    """Refuse in JSON, where Flask would send a page."""
    return {"detail": error.description}, error.code or 500, {"allow": "GET"} if error.code == 405 else {}


if "stock" not in sys.argv:
    app.register_error_handler(HTTPException, refused)


@app.get("/data/v2/sessions/<session_id>")
def session(session_id: str) -> ResponseReturnValue:
    if not has_key():
        return {"detail": records.NO_KEY}, 401
    user_id = request.headers.get("x-user-id")
    if not user_id:
        return {"detail": records.NO_USER}, 400
    if not records.SESSION_ID.fullmatch(session_id):
        abort(422, records.malformed(session_id))
    try:
        timezone = ZoneInfo(request.headers.get("timezone", "UTC"))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return {"detail": records.BAD_TIMEZONE}, 400
    night = records.night_of(session_id, user_id, timezone)
    return night or abort(404, records.not_found(session_id))


@app.get("/api/technology/time-analysis/<task_id>")
def task(task_id: str) -> ResponseReturnValue:
    if not records.TASK_ID.fullmatch(task_id):
        return records.bad_task_id(), 422
    return records.task_of(task_id) or (records.no_task(task_id), 404)


@app.post("/callback")
def callback() -> ResponseReturnValue:
    if not has_key():
        return {"detail": records.NO_KEY}, 401
    try:
        value = records.read_json(request.get_data())
    except ValueError:
        return {"detail": "The body is not JSON"}, 400
    return ("", 204) if records.is_callback(value) else ({"detail": "The body is not a callback"}, 422)


class Quiet(WSGIRequestHandler):
    """Logs nothing."""

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002  # its own name
        pass


if __name__ == "__main__":
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    print(server.server_port, flush=True)  # noqa: T201  # the one who starts it reads it
    server.serve_forever()
