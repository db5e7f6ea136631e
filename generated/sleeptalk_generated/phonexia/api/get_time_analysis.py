# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/phonexia.yaml
"""Get the result of a time analysis: GET /api/technology/time-analysis/{task_id}"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from uuid import UUID

from ...decoding import decode
from ...errors import UnexpectedStatus
from ...request import Request, path_segment
from .. import models

if TYPE_CHECKING:
    from ...client import AsyncClient, Client

METHOD: Final = "GET"
PATH: Final = "/api/technology/time-analysis/{task_id}"

TASK_ID_PATTERN: Final = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"
X_CORRELATION_ID_PATTERN: Final = "^[!-~]+$"
X_REQUEST_ID_PATTERN: Final = "^[!-~]+$"

BODIES: Final[dict[int, type[models.TimeAnalysisResponse | models.RequestError]]] = {
    200: models.TimeAnalysisResponse,
    400: models.RequestError,
    404: models.RequestError,
    422: models.RequestError,
    429: models.RequestError,
}
"""The class of the body of each documented status."""


def request(
    task_id: UUID | str,
    *,
    x_correlation_id: UUID | str | None = None,
    x_request_id: UUID | str | None = None,
) -> Request:
    """Returns the state of one task and, once it has ended, its result or its error. A task that failed or was
    rejected is answered with status 200 as well: `task.state` says how it ended. Tasks expire some time after
    they have ended.

    The arguments:
    - task_id: The task whose result is read.
    - x_correlation_id: An id shared by all requests and responses of one transaction across services. Generated if it
      is not sent.
    - x_request_id: An id of this one request and its response across services. Generated if it is not sent.

    Raises ValueError for a path parameter that would change the path.
    """
    _headers = {
        "accept": "application/json",
    }
    if x_correlation_id is not None:
        _headers["x-correlation-id"] = str(x_correlation_id)
    if x_request_id is not None:
        _headers["x-request-id"] = str(x_request_id)
    _path = "/api/technology/time-analysis/" + path_segment("task_id", task_id)
    return Request(method=METHOD, path=_path, headers=_headers)


def parse(status: int, content: bytes) -> models.TimeAnalysisResponse | models.RequestError:
    """Decode the body of an answer by its status.

    Raises UnexpectedStatus for a status that is not documented, msgspec.DecodeError for a body that does not fit.
    """
    if status not in BODIES:
        raise UnexpectedStatus(status, content)
    return decode(content, BODIES[status])


def call(
    client: Client,
    task_id: UUID | str,
    *,
    x_correlation_id: UUID | str | None = None,
    x_request_id: UUID | str | None = None,
) -> models.TimeAnalysisResponse | models.RequestError:
    """Send the request and decode the answer; raises what `request`, `Client.send` and `parse` raise."""
    _request = request(
        task_id,
        x_correlation_id=x_correlation_id,
        x_request_id=x_request_id,
    )
    _answer = client.send(_request)
    return parse(_answer.status_code, _answer.content)


async def call_async(
    client: AsyncClient,
    task_id: UUID | str,
    *,
    x_correlation_id: UUID | str | None = None,
    x_request_id: UUID | str | None = None,
) -> models.TimeAnalysisResponse | models.RequestError:
    """Do what `call` does, without blocking."""
    _request = request(
        task_id,
        x_correlation_id=x_correlation_id,
        x_request_id=x_request_id,
    )
    _answer = await client.send(_request)
    return parse(_answer.status_code, _answer.content)
