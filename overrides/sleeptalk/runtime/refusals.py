"""The refusals of services, and the errors that mean the same for every service."""

from __future__ import annotations

import reprlib
from typing import TYPE_CHECKING, Any, TypeVar

from sleeptalk.runtime.decoding import printable, read_json, untyped_object
from sleeptalk.runtime.errors import (
    CallFailed,
    ContractViolation,
    Forbidden,
    RateLimited,
    RequestRefused,
    ServerError,
    Unauthorized,
    UnexpectedStatus,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from sleeptalk.runtime.response import Response
    from sleeptalk_generated.operation import Call

T = TypeVar("T")

LONGEST_QUOTE = 500  # characters of a service's own message in an error's message
WORDS_OF_ROUTERS = frozenset({"not found", "method not allowed"})  # of frameworks, for a path that no operation has


def read_refusal(response: Response, kind: type[T]) -> T | None:
    """Read the body of a refusal, or return None where it is not the documented one."""
    try:
        return read_json(response, kind)
    except ContractViolation:
        return None


def detail_of(response: Response) -> str | None:
    """Return `detail` as one text: a string, or a list of errors as FastAPI writes them; without one, `message`."""
    body = untyped_object(response.content)
    detail = body.get("detail", body.get("message"))
    if isinstance(detail, str):
        return detail
    if isinstance(detail, list) and detail:
        return "; ".join(_item_text(item) for item in detail)
    return None


def words_of(detail: str | None) -> str:
    """Return a service's message in small letters, with spaces for `_` and `-`: it is worded in more than one way."""
    return (detail or "").lower().replace("_", " ").replace("-", " ")


def refusal_by_status(response: Response, call: Call[Any], redact: Callable[[str], str]) -> CallFailed:
    """Return the error of a refusal, for a service whose refusals have no other meanings than their statuses have."""
    detail = detail_of(response)
    return error_by_status(response, call, "The service", None if detail is None else redact(detail))


def error_by_status(response: Response, call: Call[Any], service: str, detail: str | None, **more: Any) -> CallFailed:
    """Return the error of a refusal by its status alone, as it means the same for every service.

    A 404 or 405 may come from a proxy or a wrong address. That is advised to look at where an answer is not the
    service's.
    """
    status = response.status
    kinds: dict[int, tuple[type[CallFailed], str]] = {
        401: (Unauthorized, "did not accept the API key"),
        403: (Forbidden, "did not allow this: check what the key may do, its plan and its quota"),
        429: (RateLimited, "asked for fewer requests"),
    }
    if status == 403 and any(phrase in words_of(detail) for phrase in ("rate limit", "too many requests")):  # noqa: PLR2004  # Forbidden
        kind, problem = kinds[429]
    elif status in kinds:
        kind, problem = kinds[status]
    elif 500 <= status <= 599:  # noqa: PLR2004  # RFC 9110's 5xx
        kind, problem = ServerError, f"failed with the status {status}"
    elif status in call.operation.refusals and status not in (404, 405):
        kind, problem = RequestRefused, f"refused {call.operation.id} with the status {status}"
    else:
        kind = UnexpectedStatus
        advice = "" if is_of_service(response, call) else ": check base_url"
        problem = f"answered with the status {status}, which the contract does not know{advice}"
    return kind(sentence(f"{service} {problem}", detail), response=response, detail=detail, **more)


def is_of_service(response: Response, call: Call[Any]) -> bool:
    """Return whether a refusal has a form of the service's document, and is not a framework's for an unknown path."""
    kinds = {kind for kind in call.operation.refusals.values() if kind is not None}
    return (detail_of(response) or "").strip(" .").lower() not in WORDS_OF_ROUTERS and any(
        read_refusal(response, kind) is not None for kind in kinds
    )


def mismatched_id(response: Response, path: str, asked: str) -> ContractViolation:
    """Return the error for an answer about something other than what was requested. `path` is that of its id."""
    message = f"The answer breaks the contract at {path}: it is not about {asked}, which was requested."
    return ContractViolation(message, path=path, response=response)


def sentence(problem: str, detail: str | None) -> str:
    """Join a description with the service's own message, in a form that fits into a line of a log."""
    if not detail:
        return f"{problem}."
    short = detail if len(detail) <= LONGEST_QUOTE else f"{detail[:LONGEST_QUOTE]}..."
    return f"{problem}: {printable(short).rstrip('.')}."


def _item_text(item: Any) -> str:
    if not isinstance(item, dict):
        return _plain(item)
    location = item.get("loc")
    place = ".".join(_plain(part) for part in location) if isinstance(location, list) else ""
    message = _plain(item.get("msg", item.get("message", "")))
    return f"{place}: {message}" if place else message


def _plain(value: Any) -> str:
    """Return a value as text; of a list or an object only its beginning, however deeply it is nested."""
    return reprlib.repr(value) if isinstance(value, (list, dict)) else str(value)
