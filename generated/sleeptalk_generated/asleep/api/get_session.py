# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep.yaml
"""Get a single session: GET /data/v2/sessions/{session_id}"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ...decoding import decode
from ...errors import UnexpectedStatus
from ...request import Request, path_segment
from .. import models

if TYPE_CHECKING:
    from ...client import AsyncClient, Client

METHOD: Final = "GET"
PATH: Final = "/data/v2/sessions/{session_id}"

SESSION_ID_PATTERN: Final = "^[0-9]{14}_[a-z0-9]{5}$"
X_USER_ID_PATTERN: Final = "^[!-~]+$"
TIMEZONE_PATTERN: Final = "^[A-Za-z0-9_+/-]+$"

BODIES: Final[dict[int, type[models.SessionResponse | models.Error]]] = {
    200: models.SessionResponse,
    400: models.Error,
    401: models.Error,
    403: models.Error,
    404: models.Error,
    422: models.Error,
}
"""The class of the body of each documented status."""


def request(
    session_id: str,
    *,
    x_api_key: str,
    x_user_id: str,
    timezone: str | None = None,
) -> Request:
    """Returns the state, the stages and, once everything is analysed, the statistics of one session. What is null
    depends on the state of the session, on its validity and on the contract; the rules on the schemas say how.

    The arguments:
    - x_api_key:
    - session_id: The session to read.
    - x_user_id: The user who created the session, as issued by Asleep.
    - timezone: The time zone in which every time of the answer is written.

    Raises ValueError for a path parameter that would change the path.
    """
    _headers = {
        "accept": "application/json",
        "x-api-key": x_api_key,
        "x-user-id": x_user_id,
    }
    if timezone is not None:
        _headers["timezone"] = timezone
    _path = "/data/v2/sessions/" + path_segment("session_id", session_id)
    return Request(method=METHOD, path=_path, headers=_headers)


def parse(status: int, content: bytes) -> models.SessionResponse | models.Error:
    """Decode the body of an answer by its status.

    Raises UnexpectedStatus for a status that is not documented, msgspec.DecodeError for a body that does not fit.
    """
    if status not in BODIES:
        raise UnexpectedStatus(status, content)
    return decode(content, BODIES[status])


def call(
    client: Client,
    session_id: str,
    *,
    x_api_key: str,
    x_user_id: str,
    timezone: str | None = None,
) -> models.SessionResponse | models.Error:
    """Send the request and decode the answer; raises what `request`, `Client.send` and `parse` raise."""
    _request = request(
        session_id,
        x_api_key=x_api_key,
        x_user_id=x_user_id,
        timezone=timezone,
    )
    _answer = client.send(_request)
    return parse(_answer.status_code, _answer.content)


async def call_async(
    client: AsyncClient,
    session_id: str,
    *,
    x_api_key: str,
    x_user_id: str,
    timezone: str | None = None,
) -> models.SessionResponse | models.Error:
    """Do what `call` does, without blocking."""
    _request = request(
        session_id,
        x_api_key=x_api_key,
        x_user_id=x_user_id,
        timezone=timezone,
    )
    _answer = await client.send(_request)
    return parse(_answer.status_code, _answer.content)
